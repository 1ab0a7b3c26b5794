import { m } from '#languages/compiled/messages.js';
import { joinWords, type Story } from './story.ts';

export const renewedTwice: Story<'renewed-twice'> = {
	title: m.conflict_renewed_title,
	tone: 'coral',
	tell: ({ device, role, renewals }, _conflict, words) => ({
		about: words.deviceName(device),
		summary: m.conflict_renewed_summary({ count: renewals.length }),
		story: STORIES[role]({
			device: words.deviceName(device),
			renewals: joinWords(
				renewals
					.slice(0, 4)
					.map(({ countersigner, atMs }) => m.conflict_renewed_one({ device: words.deviceName(countersigner), time: words.clock(atMs) })),
			),
		}),
		provisional: STANDS[role](),
	}),
};

const STORIES = { till: m.conflict_renewed_story, hub: m.conflict_renewed_story, relay: m.conflict_renewed_story_relay };
const STANDS = { till: m.conflict_renewed_stands, hub: m.conflict_renewed_stands_hub, relay: m.conflict_renewed_stands_relay };

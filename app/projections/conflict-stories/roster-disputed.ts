import { m } from '#languages/compiled/messages.js';
import { reasonText } from '../reasons.ts';
import { joinSome, joinWords, type Story } from './story.ts';

export const rosterDisputed: Story<'roster-disputed'> = {
	title: m.conflict_roster_title,
	tone: 'coral',
	tell: ({ devices, revocations }, _conflict, words) => ({
		about: joinSome(devices.map((device) => words.deviceName(device))),
		summary: m.conflict_roster_summary({ count: devices.length }),
		story: m.conflict_roster_story({
			removals: joinWords(
				revocations
					.slice(0, 4)
					.map(({ entry, against, reason }) =>
						m.conflict_roster_one({ who: words.whoAndWhen(entry), device: words.deviceName(against), reason: reasonText(reason) }),
					),
			),
		}),
		provisional: m.conflict_roster_stands(),
	}),
};

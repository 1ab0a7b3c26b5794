import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const rightWithdrawn: Story<'right-withdrawn'> = {
	title: m.conflict_right_title,
	tone: 'coral',
	tell: ({ device, by }, { members, unsettled }, words) => ({
		about: words.deviceName(device),
		summary: m.conflict_right_summary({ count: unsettled.length }),
		story: m.conflict_right_story({
			...{ device: words.deviceName(device), what: joinSome(members.map(({ hash }) => words.what(hash))) },
			who: joinSome(by.map((entry) => words.whoAndWhen(entry))),
		}),
		provisional: m.conflict_right_stands(),
	}),
};

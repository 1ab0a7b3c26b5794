import { formatDay } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const lateAfterZ: Story<'late-after-z'> = {
	title: m.conflict_late_title,
	tone: 'amber',
	tell: ({ day, device, reports }, { members, unsettled }, words) => ({
		about: m.conflict_late_about({ device: words.deviceName(device), day: formatDay(day) }),
		summary: m.conflict_late_summary({ count: unsettled.length }),
		story: m.conflict_late_story({
			...{ day: formatDay(day), who: joinSome(reports.map((report) => words.whoAndWhen(report))) },
			...{ what: joinSome(members.map(({ hash }) => words.what(hash))), device: words.deviceName(device) },
		}),
		provisional: m.conflict_late_stands(),
	}),
};

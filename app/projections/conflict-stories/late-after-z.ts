import { joinSome, plural, type Story } from './story.ts';

export const lateAfterZ: Story<'late-after-z'> = {
	title: 'Late for its day',
	tone: 'amber',
	tell: ({ day, device, reports }, { members, unsettled }, words) => ({
		about: `${words.deviceName(device)}, ${day}`,
		summary: `${plural(unsettled.length, 'entry', 'entries')} came after the report`,
		story: `The report of ${day} was printed or exported by ${joinSome(reports.map((report) => words.whoAndWhen(report)))}, without ${joinSome(members.map(({ hash }) => words.what(hash)))} of ${words.deviceName(device)}.`,
		provisional: 'They count, and are listed as additions to that day. No Z changes.',
	}),
};

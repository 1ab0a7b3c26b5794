import { joinSome, plural, type Story } from './story.ts';

export const rightWithdrawn: Story<'right-withdrawn'> = {
	title: 'Right withdrawn',
	tone: 'coral',
	tell: ({ device, by }, { members, unsettled }, words) => ({
		about: words.deviceName(device),
		summary: `${plural(unsettled.length, 'entry', 'entries')} after the right was gone`,
		story: `${words.deviceName(device)} did ${joinSome(members.map(({ hash }) => words.what(hash)))} without having heard that its right was taken away by ${joinSome(by.map((entry) => words.whoAndWhen(entry)))}.`,
		provisional: 'It counts: what it did was right by all that it knew.',
	}),
};

import { joinSome, plural, type Story } from './story.ts';

export const parkedSoldTwice: Story<'parked-sold-twice'> = {
	title: 'One parked cart, sold twice',
	tone: 'coral',
	tell: (_detail, { members }, words) => ({
		about: joinSome(members.map(({ hash }) => words.what(hash))),
		summary: `${plural(members.length, 'sale')} of one parked cart`,
		story: `The same parked cart was fetched and paid ${members.length === 2 ? 'twice' : `${members.length} times`}: by ${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))}.`,
		provisional: 'All of them stand.',
	}),
};

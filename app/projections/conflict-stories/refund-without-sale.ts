import { joinSome, type Story } from './story.ts';

export const refundWithoutSale: Story<'refund-without-sale'> = {
	title: 'Refund without a sale',
	tone: 'coral',
	tell: (_detail, { members }, words) => ({
		about: joinSome(members.map(({ hash }) => words.what(hash))),
		summary: 'gave money back for a sale that nobody has',
		story: `${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))} named a sale that no till has written, although nothing is missing here.`,
		provisional: `${members.length === 1 ? 'The refund stands' : 'The refunds stand'}: the money has left the drawer.`,
	}),
};

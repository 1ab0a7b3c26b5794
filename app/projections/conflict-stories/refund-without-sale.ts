import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const refundWithoutSale: Story<'refund-without-sale'> = {
	title: m.conflict_no_sale_title,
	tone: 'coral',
	tell: (_detail, { members }, words) => ({
		about: joinSome(members.map(({ hash }) => words.what(hash))),
		summary: m.conflict_no_sale_summary(),
		story: m.conflict_no_sale_story({ who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))) }),
		provisional: m.conflict_no_sale_stands({ count: members.length }),
	}),
};

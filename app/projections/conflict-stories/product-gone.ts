import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const productGone: Story<'product-gone'> = {
	title: m.conflict_gone_title,
	tone: 'amber',
	tell: ({ sku, sales }, { members }, words) => ({
		about: words.productName(sku),
		summary: m.conflict_gone_summary({ count: sales.length }),
		story: m.conflict_gone_story({
			sellers: joinSome(sales.map((hash) => words.whoAndWhen(hash))),
			who: joinSome(members.filter(({ hash }) => !sales.includes(hash)).map(({ hash }) => words.whoAndWhen(hash))),
		}),
		provisional: m.conflict_gone_stands({ count: sales.length }),
	}),
};

import { joinSome, plural, type Story } from './story.ts';

export const productGone: Story<'product-gone'> = {
	title: 'Sold after it was retired',
	tone: 'amber',
	tell: ({ sku, sales }, { members }, words) => ({
		about: words.productName(sku),
		summary: `${plural(sales.length, 'sale')} of a product that is offered no more`,
		story: `${joinSome(sales.map((hash) => words.whoAndWhen(hash)))} sold it without having heard that it was retired by ${joinSome(
			members.filter(({ hash }) => !sales.includes(hash)).map(({ hash }) => words.whoAndWhen(hash)),
		)}.`,
		provisional: `${sales.length === 1 ? 'The sale stands' : 'The sales stand'}; the product stays retired.`,
	}),
};

import { joinSome, plural, type Story } from './story.ts';

export const barcodeShared: Story<'barcode-shared'> = {
	title: 'One barcode on several products',
	tone: 'amber',
	tell: ({ gtin, products }, _conflict, words) => ({
		about: gtin,
		summary: `${plural(products.length, 'product')} with one code`,
		story: `${joinSome(products.map(({ sku, entry }) => `${words.productName(sku)} (${words.whoAndWhen(entry)})`))} have the same code.`,
		provisional: 'Whoever scans it is asked which one it is.',
	}),
};

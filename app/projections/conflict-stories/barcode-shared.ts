import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const barcodeShared: Story<'barcode-shared'> = {
	title: m.conflict_barcode_title,
	tone: 'amber',
	tell: ({ gtin, products }, _conflict, words) => ({
		about: gtin,
		summary: m.conflict_barcode_summary({ count: products.length }),
		story: m.conflict_barcode_story({
			products: joinSome(products.map(({ sku, entry }) => m.conflict_with_who({ what: words.productName(sku), who: words.whoAndWhen(entry) }))),
		}),
		provisional: m.conflict_barcode_stands(),
	}),
};

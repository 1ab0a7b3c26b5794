/** Labels fit their paper, and carry the code that a scanner will find the product by. */
import { LABEL_SHEETS, labelCodeOf, pagesOf } from '#core/labels.ts';
import { expect, test } from 'vitest';

test('every sheet fits its page', () => {
	for (const { id, columns, rows, widthMm, heightMm, marginLeftMm, marginTopMm, gapXMm, gapYMm, pageWidthMm, pageHeightMm } of LABEL_SHEETS) {
		expect([id, marginLeftMm + columns * widthMm + (columns - 1) * gapXMm <= pageWidthMm]).toEqual([id, true]);
		expect([id, marginTopMm + rows * heightMm + (rows - 1) * gapYMm <= pageHeightMm]).toEqual([id, true]);
	}
});

test('a product’s own barcode, else its SKU as Code 128; letters beyond ASCII go into a QR code', () => {
	expect(labelCodeOf({ sku: 'A', gtins: ['4006381333931'] }, false)).toEqual({ symbology: 'ean13', text: '4006381333931' });
	expect(labelCodeOf({ sku: 'A', gtins: ['96385074'] }, false)).toEqual({ symbology: 'ean8', text: '96385074' });
	expect(labelCodeOf({ sku: 'BAK-005', gtins: [] }, false)).toEqual({ symbology: 'code128', text: 'BAK-005' });
	expect(labelCodeOf({ sku: 'Brötchen', gtins: [] }, false)).toEqual({ symbology: 'qrcode', text: 'Brötchen' });
	expect(labelCodeOf({ sku: 'A', gtins: ['4006381333931'] }, true)).toEqual({ symbology: 'qrcode', text: '4006381333931' });
});

test('labels fill sheet after sheet, and begin where the first one is not used up', () => {
	const sheet = LABEL_SHEETS[0]!;
	const pages = pagesOf(['a', 'b', 'c'], sheet, 23);
	expect(pages.map((page) => page.length)).toEqual([24, 2]);
	expect([pages[0]?.[23], pages[1]?.[0]]).toEqual(['a', 'b']);
	expect(pagesOf([], sheet)).toEqual([]);
});

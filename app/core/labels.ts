/**
 * Labels on paper: which sheets there are, in millimetres, and what a label's code is.
 *
 * 1. A sheet's labels and gaps fit its page.
 * 2. A product's code is its own barcode where it has one; else its SKU, as Code 128, which every scanner reads.
 */
import { checkDigitOf } from '#core/gtin.ts';

export interface LabelSheet {
	readonly id: string;
	/** A roll has one label a page. */
	readonly columns: number;
	readonly rows: number;
	readonly widthMm: number;
	readonly heightMm: number;
	readonly marginTopMm: number;
	readonly marginLeftMm: number;
	readonly gapXMm: number;
	readonly gapYMm: number;
	readonly pageWidthMm: number;
	readonly pageHeightMm: number;
}

const A4 = { pageWidthMm: 210, pageHeightMm: 297 } as const;
const roll = (widthMm: number, heightMm: number): LabelSheet => ({
	...{ id: `roll-${widthMm}x${heightMm}`, columns: 1, rows: 1, widthMm, heightMm, marginTopMm: 0, marginLeftMm: 0, gapXMm: 0, gapYMm: 0 },
	...{ pageWidthMm: widthMm, pageHeightMm: heightMm },
});

/** Those that stationers sell everywhere. */
export const LABEL_SHEETS: readonly LabelSheet[] = [
	{ id: 'a4-24', columns: 3, rows: 8, widthMm: 70, heightMm: 37, marginTopMm: 0.5, marginLeftMm: 0, gapXMm: 0, gapYMm: 0, ...A4 },
	{ id: 'a4-21', columns: 3, rows: 7, widthMm: 63.5, heightMm: 38.1, marginTopMm: 15.15, marginLeftMm: 7.25, gapXMm: 2.5, gapYMm: 0, ...A4 },
	{ id: 'a4-14', columns: 2, rows: 7, widthMm: 99.1, heightMm: 38.1, marginTopMm: 15.15, marginLeftMm: 4.65, gapXMm: 2.5, gapYMm: 0, ...A4 },
	{ id: 'a4-40', columns: 4, rows: 10, widthMm: 48.5, heightMm: 25.4, marginTopMm: 21.5, marginLeftMm: 8, gapXMm: 0, gapYMm: 0, ...A4 },
	roll(57, 32),
	roll(62, 29),
	roll(50, 25),
];

export interface LabelCode {
	/** As bwip-js names them. */
	readonly symbology: 'ean13' | 'ean8' | 'itf14' | 'code128' | 'qrcode';
	readonly text: string;
}

export function labelCodeOf({ sku, gtins }: { readonly sku: string; readonly gtins: readonly string[] }, asQr: boolean): LabelCode {
	const gtin = gtins.find((one) => checkDigitOf(one.slice(0, -1)) === Number(one.at(-1)));
	if (asQr) return { symbology: 'qrcode', text: gtin ?? sku };
	if (gtin?.length === 13) return { symbology: 'ean13', text: gtin };
	if (gtin?.length === 8) return { symbology: 'ean8', text: gtin };
	if (gtin?.length === 14) return { symbology: 'itf14', text: gtin };
	// Code 128 has the ASCII letters alone; what a SKU has beyond them goes into a QR code.
	return /^[\x20-\x7e]+$/.test(sku) ? { symbology: 'code128', text: sku } : { symbology: 'qrcode', text: sku };
}

/** `skip`: places of the first sheet that are used up. Undefined places stay empty. */
export function pagesOf<One>(labels: readonly One[], { columns, rows }: LabelSheet, skip = 0): readonly (readonly (One | undefined)[])[] {
	const places: (One | undefined)[] = [...Array.from({ length: skip }, () => undefined), ...labels];
	const most = columns * rows;
	return Array.from({ length: Math.ceil(places.length / most) }, (_, page) => places.slice(page * most, (page + 1) * most));
}

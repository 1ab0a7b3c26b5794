/** Every screen that takes a scan understands the codes that Sell understands. `app/routes/scan/scanned.ts`. */
import type { CatalogueRow } from '#projections/rows.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { rowsOfCode } from '../../app/routes/scan/scanned.ts';

const GTIN = '9521234543213';
const row = (sku: string): CatalogueRow => ({ sku: sku as Sku }) as CatalogueRow;
const [tea, ham, other] = [row('TEA'), row('12345'), row('TEA-2')];
const catalogue = {
	bySku: new Map([tea, ham, other].map((one) => [one.sku, one])),
	byGtin: new Map([
		[GTIN, [tea]],
		['4006381333931', [tea, other]],
	]),
};
const SCALES = [{ prefix: '21', itemDigits: 5, verifier: false, holds: 'weight', decimals: 3 }] as const;
const skusOf = (code: string): readonly Sku[] => rowsOfCode(catalogue, code, SCALES).map(({ sku }) => sku);

test.each([
	['a plain barcode, with what a person put round it', ` ${GTIN} `],
	['GS1-128 or a DataMatrix, with a batch that FNC1 ends', `010${GTIN}10LOT7\u001D17301231`],
	['a Digital Link', `https://example.com/01/0${GTIN}/10/LOT7`],
	['the shop’s own code', 'TEA'],
])('%s names the product', (_what, code) => {
	expect(skusOf(code)).toEqual(['TEA']);
});

test('a scale’s label names what was weighed', () => {
	expect(skusOf('2112345004563')).toEqual(['12345']);
});

test('a code on two products names both, and somebody chooses; one on none names none', () => {
	expect(skusOf('4006381333931')).toEqual(['TEA', 'TEA-2']);
	expect(skusOf('9521234543299')).toEqual([]);
});

import { checkDigitOf, normalizeGtin } from '#core/gtin.ts';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** 21,514 real codes, beside the repository. */
const REAL_CODES = new URL('../../../shared/data/grocery-ean13-names.csv', import.meta.url);

test('the check digits of the standard’s own examples fit', () => {
	// GS1 General Specifications, section 7.9: GTIN-13 629104150021-3, GTIN-8 9638507-4, GTIN-12 03600029145-2.
	expect([checkDigitOf('629104150021'), checkDigitOf('9638507'), checkDigitOf('03600029145')]).toEqual([3, 4, 2]);
});

test.skipIf(!existsSync(REAL_CODES))('every real code is accepted as it is, and no other last digit', () => {
	const codes = readFileSync(REAL_CODES, 'utf8')
		.trim()
		.split('\n')
		.slice(1)
		.map((line) => line.slice(0, line.indexOf(',')));
	expect(codes.length).toBeGreaterThan(20_000);
	expect(codes.filter((code) => normalizeGtin(code) !== code)).toEqual([]);
	expect(codes.filter((code) => normalizeGtin(`${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`) !== undefined)).toEqual([]);
});

test('one product has one code, whichever way a scanner spells it', () => {
	expect(normalizeGtin('036000291452')).toBe('0036000291452'); // UPC-A
	expect(normalizeGtin('0036000291452')).toBe('0036000291452');
	expect(normalizeGtin('00036000291452')).toBe('0036000291452'); // the same in a GTIN-14 field
	expect(normalizeGtin(' 96385074\n')).toBe('96385074');
	expect(normalizeGtin('10614141000415')).toBe('10614141000415'); // a case of them is another thing
});

test.each(['', '123', '5000169005171', '50001690051701', 'ABCDEFGHIJKLM', '5000169 005170', '-5000169005170', '5.00017E+12'])(
	'"%s" is no code',
	(text) => expect(normalizeGtin(text)).toBeUndefined(),
);

test('one wrong digit is always noticed', () => {
	fc.assert(
		fc.property(fc.stringMatching(/^\d{12}$/), fc.nat(12), fc.integer({ min: 1, max: 9 }), (digits, place, shift) => {
			const code = `${digits}${checkDigitOf(digits)}`;
			expect(normalizeGtin(code)).toBe(code);
			const wrong = `${code.slice(0, place)}${(Number(code[place]) + shift) % 10}${code.slice(place + 1)}`;
			expect(normalizeGtin(wrong)).toBeUndefined();
		}),
	);
});

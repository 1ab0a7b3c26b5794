/** Whatever a scanner reads: GTINs, GS1 element strings, Digital Links, and codes that a shop's scales print. */
import { readDigitalLink } from '#core/codes/digital-link.ts';
import { dateOfElement, FNC1, readElementString, type Element } from '#core/codes/element-string.ts';
import { canVerify, readMeasuredCode, verifierDigitOf } from '#core/codes/measured-code.ts';
import { readCode } from '#core/codes/read-code.ts';
import { checkDigitOf } from '#core/gtin.ts';
import type { MeasuredCodes } from '#schemas/facts/setting-changed.ts';
import type { Gtin } from '#schemas/ids.ts';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** 21,514 real codes, beside the repository. */
const REAL_CODES = new URL('../../../../shared/data/grocery-ean13-names.csv', import.meta.url);
const realCodes = (): readonly string[] =>
	readFileSync(REAL_CODES, 'utf8')
		.trim()
		.split('\n')
		.slice(1)
		.map((line) => line.slice(0, line.indexOf(',')));

const WEIGHT: MeasuredCodes = { prefix: '21', itemDigits: 5, verifier: false, holds: 'weight', decimals: 3 };
const PRICE: MeasuredCodes = { prefix: '20', itemDigits: 4, verifier: true, holds: 'price', decimals: 2 };
const ofEan = (body: string): Gtin => `${body}${checkDigitOf(body)}` as Gtin;

test('an element string as the standard prints it: GTIN, expiry, batch, serial', () => {
	expect(readElementString(`010950600013435217270101${'10ABC123'}${FNC1}21${'S-77/4'}`)).toEqual([
		{ ai: '01', value: '09506000134352' },
		{ ai: '17', value: '270101' },
		{ ai: '10', value: 'ABC123' },
		{ ai: '21', value: 'S-77/4' },
	]);
	expect(readElementString('(01)09506000134352(17)270101(10)ABC123')).toEqual(readElementString(`0109506000134352172701011${'0ABC123'}`));
});

test.each([
	['a check digit is wrong', '0109506000134353'],
	['it ends in the middle', '01095060001343'],
	['there is no such day', '0109506000134352172702301'],
	['no identifier begins so', '0509506000134352'],
	['a fixed length is cut by a separator', `010950600${FNC1}0134352`],
	['a sign is none of GS1’s', '010950600013435210AB€'],
	['nothing stands behind the identifier', '010950600013435210'],
	['it is empty', ''],
])('not whole, not read: %s', (_why, text) => {
	expect(readElementString(text)).toBeUndefined();
});

test('every string of elements is read back as it was written, in whatever order they come', () => {
	const gtin = fc.stringMatching(/^\d{13}$/).map((digits) => ({ ai: '01', value: `${digits}${checkDigitOf(digits)}`, open: false }));
	const free = (ai: string) => fc.stringMatching(/^[A-Z0-9/._-]{1,20}$/).map((value) => ({ ai, value, open: true }));
	const weight = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.stringMatching(/^\d{6}$/)).map(([n, value]) => ({ ai: `310${n}`, value, open: false }));
	const price = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.stringMatching(/^\d{1,15}$/)).map(([n, value]) => ({ ai: `392${n}`, value, open: true }));
	const count = fc.stringMatching(/^\d{1,8}$/).map((value) => ({ ai: '30', value, open: true }));
	const day = fc.constantFrom('260228', '271200', '240229').map((value) => ({ ai: '17', value, open: false }));
	fc.assert(
		fc.property(fc.array(fc.oneof(gtin, free('10'), free('21'), weight, price, count, day), { minLength: 1, maxLength: 8 }), (elements) => {
			const text = elements.map(({ ai, value, open }, place) => `${ai}${value}${open && place < elements.length - 1 ? FNC1 : ''}`).join('');
			const written = elements.map(({ ai, value }): Element => ({ ai, value }));
			expect(readElementString(text)).toEqual(written);
			expect(readElementString(`${FNC1}${text}`)).toEqual(written);
		}),
	);
});

test('nothing that a scanner may send makes it throw', () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ maxLength: 60 }),
				fc.array(fc.constantFrom(...'0123456789AZ', FNC1), { maxLength: 60 }).map((keys) => `]C1${keys.join('')}`),
				fc.string({ maxLength: 40 }).map((path) => `https://shop.example/01/${path}`),
			),
			(text) => {
				expect(readCode(text, [WEIGHT, PRICE])).toBeDefined();
			},
		),
	);
});

test('a date of day 00 is the last of its month, leap years too', () => {
	expect(['261100', '240200', '260200', '991231'].map(dateOfElement)).toEqual(['2026-11-30', '2024-02-29', '2026-02-28', '1999-12-31']);
	expect(['261301', '260229', '260431', '2611'].map(dateOfElement)).toEqual([undefined, undefined, undefined, undefined]);
});

test('a Digital Link says the same as an element string, on any domain', () => {
	expect(readDigitalLink('https://id.gs1.org/01/09506000134352/10/ABC%2F1/21/12?17=270101&utm=x')).toEqual([
		{ ai: '01', value: '09506000134352' },
		{ ai: '10', value: 'ABC/1' },
		{ ai: '21', value: '12' },
		{ ai: '17', value: '270101' },
	]);
	expect(readDigitalLink('https://shop.example/some/path/01/9506000134352')).toEqual([{ ai: '01', value: '09506000134352' }]);
	expect(readDigitalLink('https://shop.example/02/9506000134352')).toBeUndefined();
	expect(readCode('https://example.com/01/09506000134352?3103=000840')).toMatchObject({
		gtins: ['9506000134352'],
		weight: { value: 840, decimals: 3 },
	});
});

test('what a scanner says of the symbology is no part of the code', () => {
	expect(readCode(']E05000169005170')).toMatchObject({ text: '5000169005170', gtins: ['5000169005170'] });
	const piece = ofEan('9950600013435');
	expect(readCode(`]C101${piece}31030008403922437`)).toMatchObject({
		gtins: [piece, '9506000134352'],
		weight: { value: 840, decimals: 3 },
		price: { value: 437, decimals: 2 },
	});
});

test('1: a plain GTIN is never taken for an element string', () => {
	const code = ofEan('201234567890');
	expect(readCode(code)).toMatchObject({ text: code, gtins: [code] });
	expect(readCode('10614141000415')).toMatchObject({ gtins: ['10614141000415'] });
});

test('pieces, batch, serial and the last day are told', () => {
	expect(readCode(`]d201095060001343523012${FNC1}10L7${FNC1}17261130`)).toMatchObject({
		gtins: ['9506000134352'],
		count: 12,
		batch: 'L7',
		lastDay: '2026-11-30',
	});
});

test('a price in another currency is told with it', () => {
	expect(readCode(`]C101095060001343523932978${'1299'}`)).toMatchObject({ price: { value: 1299, decimals: 2, currency: '978' } });
});

test.skipIf(!existsSync(REAL_CODES))('every real code is its own product’s, and as an element string the same product’s', () => {
	const codes = realCodes();
	expect(codes.length).toBeGreaterThan(20_000);
	const ways = (code: string): readonly string[] => [code, `]C1010${code}10LOT`, `(01)0${code}(10)LOT`, `https://id.gs1.org/01/0${code}/10/LOT`];
	expect(codes.filter((code) => ways(code).some((way) => readCode(way).gtins.join() !== code))).toEqual([]);
	expect(
		codes.filter((code) =>
			ways(code)
				.slice(1)
				.some((way) => readCode(way).batch !== 'LOT'),
		),
	).toEqual([]);
});

test('the verifier digits of the standard’s own examples fit', () => {
	// GS1 General Specifications, section 7.9: four digits 2875 have 9, five digits 14685 have 6.
	expect([verifierDigitOf('2875'), verifierDigitOf('14685'), verifierDigitOf('123')]).toEqual(['9', '6', undefined]);
});

test('a wrong digit in a verified price is noticed', () => {
	for (const length of [4, 5]) {
		fc.assert(
			fc.property(fc.stringMatching(new RegExp(`^\\d{${length}}$`)), fc.nat(length - 1), fc.integer({ min: 1, max: 9 }), (value, place, shift) => {
				const wrong = `${value.slice(0, place)}${(Number(value[place]) + shift) % 10}${value.slice(place + 1)}`;
				expect(verifierDigitOf(wrong)).not.toBe(verifierDigitOf(value));
			}),
		);
	}
});

test('a scale’s code: item and weight by the shop’s own scheme, looked for as the bare code, then as the shop’s own names', () => {
	const code = ofEan('210123400840');
	expect(readMeasuredCode(code, [PRICE, WEIGHT])).toEqual({ item: '01234', bare: ofEan('210123400000'), holds: 'weight', value: 840, decimals: 3 });
	expect(readCode(code, [PRICE, WEIGHT])).toMatchObject({
		gtins: [ofEan('210123400000')],
		skus: ['01234', '1234'],
		weight: { value: 840, decimals: 3 },
	});
	expect(readCode(code)).toMatchObject({ gtins: [code] });
});

test('a scale’s price whose verifier does not fit was misread', () => {
	const body = `200042${verifierDigitOf('00437') ?? ''}00437`;
	expect(readCode(ofEan(body), [PRICE])).toMatchObject({ price: { value: 437, decimals: 2 }, skus: ['0042', '42'] });
	expect(readCode(ofEan(`${body.slice(0, -1)}8`), [PRICE])).toMatchObject({ misread: true, gtins: [ofEan(`${body.slice(0, -1)}8`)] });
});

test('only prices of four or five digits have a verifier', () => {
	expect([3, 4, 5, 6].map((itemDigits) => canVerify({ prefix: '20', itemDigits }))).toEqual([false, true, true, false]);
});

test('a code that was not read whole says so, and may still be the shop’s own', () => {
	expect(readCode('5000169005171')).toMatchObject({ misread: true, skus: ['5000169005171'], gtins: [] });
	expect(readCode('BAK-009')).toEqual({ text: 'BAK-009', gtins: [], skus: ['BAK-009'] });
});

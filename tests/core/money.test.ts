/** Invariants 1 and 2 of `core/money.ts`, and what people type. */
import {
	allocateMinor,
	decimalMarkOf,
	decimalText,
	formatMoney,
	formatUnitPrice,
	lineTotalMinor,
	parseDecimal,
	parseMoney,
	percentOfMinor,
	roundHalfEven,
	roundToCash,
	shareMinor,
	sumMinor,
	taxInsideMinor,
	taxOnTopMinor,
} from '#core/money.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const GBP = { code: 'GBP', digits: 2 } as const;
const JPY = { code: 'JPY', digits: 0 } as const;
const KWD = { code: 'KWD', digits: 3 } as const;

describe('1. a line is rounded once, half to even, from exact integers', () => {
	test('halves go to the even neighbour, on both sides of zero', () => {
		const halves = [1n, 3n, 5n, 7n, -1n, -3n, -5n].map((numerator) => roundHalfEven(numerator, 2n));
		expect(halves).toEqual([0, 2, 2, 4, 0, -2, -2]);
		expect([roundHalfEven(7n, 3n), roundHalfEven(8n, 3n), roundHalfEven(-7n, 3n), roundHalfEven(-8n, 3n)]).toEqual([2, 3, -2, -3]);
	});

	test('it is never further than half from the exact value, and a tie is even', () => {
		fc.assert(
			fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.bigInt(1n, 10n ** 9n), (numerator, denominator) => {
				const rounded = BigInt(roundHalfEven(numerator, denominator));
				const twiceOff = 2n * (numerator - rounded * denominator);
				const size = twiceOff < 0n ? -twiceOff : twiceOff;
				expect(size <= denominator).toBe(true);
				if (size === denominator) expect(rounded % 2n).toBe(0n);
			}),
		);
	});

	test('prices with more decimals than the currency are rounded on the line, not before', () => {
		expect(lineTotalMinor(3_000, 12_345, GBP)).toBe(370); // 3 × 1.2345 = 3.7035
		expect(lineTotalMinor(1_000, 50, GBP)).toBe(0); // 0.005
		expect(lineTotalMinor(1_000, 150, GBP)).toBe(2); // 0.015
		expect(lineTotalMinor(3_000, 50, GBP)).toBe(2); // 3 × 0.005 = 0.015, not 3 × 0.00
		expect(lineTotalMinor(336, 22_000, GBP)).toBe(74); // 0.336 kg at 2.20
		expect(lineTotalMinor(2_500, 10_000, JPY)).toBe(2);
		expect(lineTotalMinor(1_000, 12_345, KWD)).toBe(1_234);
	});

	test('what an integer does not hold is a bug that says so', () => {
		expect(() => lineTotalMinor(1e12, 1e14, GBP)).toThrow('more money than an integer holds');
		expect(() => sumMinor([Number.MAX_SAFE_INTEGER, 1])).toThrow('more money than an integer holds');
		expect(() => roundHalfEven(1n, 0n)).toThrow('denominator');
	});
});

describe('2. parts that are allocated sum to the whole', () => {
	const weights = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000_000_000 })), { minLength: 1, maxLength: 30 });

	test('by weight: no part has the other sign, none is a whole unit away from its exact share, a weight of nothing gets nothing', () => {
		fc.assert(
			fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), weights, (whole, of) => {
				const parts = allocateMinor(whole, of);
				expect(sumMinor(parts)).toBe(whole);
				const sum = of.reduce((total, weight) => total + weight, 0);
				for (const [index, part] of parts.entries()) {
					expect(Object.is(part, -0)).toBe(false);
					expect(whole < 0 ? part <= 0 : part >= 0).toBe(true);
					if (sum === 0) continue;
					if (of[index] === 0) expect(part).toBe(0);
					const off = BigInt(part) * BigInt(sum) - BigInt(whole) * BigInt(of[index]!);
					expect((off < 0n ? -off : off) < BigInt(sum)).toBe(true);
				}
			}),
		);
	});

	test('what is left goes to the largest remainders, of equals to the earlier; below zero it is the same with a sign', () => {
		expect(allocateMinor(100, [1, 1, 1])).toEqual([34, 33, 33]);
		expect(allocateMinor(-100, [1, 1, 1])).toEqual([-34, -33, -33]);
		expect(allocateMinor(10, [1, 8, 9])).toEqual([1, 4, 5]); // 0.56, 4.44, 5.00
		expect(allocateMinor(5, [0, 0])).toEqual([3, 2]);
		expect(allocateMinor(0, [])).toEqual([]);
		expect(() => allocateMinor(1, [])).toThrow('among nobody');
		expect(() => allocateMinor(1, [2, -1])).toThrow('a weight of -1');
	});

	test('a percent is of the whole, and tax on top is a percent of what is without it', () => {
		expect([percentOfMinor(999, 10_000), percentOfMinor(5, 50_000), percentOfMinor(15, 50_000)]).toEqual([100, 2, 8]); // 99.9, 2.5, 7.5
		expect(taxOnTopMinor(1_000, 8_875)).toBe(89); // 88.75
		expect(taxInsideMinor(1_000 + taxOnTopMinor(1_000, 20_000), 20_000)).toBe(taxOnTopMinor(1_000, 20_000));
	});

	test('whatever the parts and the whole', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: -1e9, max: 1e9 }),
				fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 30 }),
				(whole, parts) => {
					const of = parts.reduce((sum, part) => sum + part, 0);
					let done = 0;
					let sum = 0;
					for (const part of parts) {
						const share = shareMinor(whole, done, part, of);
						// No part is paid for by another: each has the sign of the whole.
						if (whole >= 0) expect(share).toBeGreaterThanOrEqual(0);
						sum += share;
						done += part;
					}
					expect(sum).toBe(whole);
				},
			),
		);
	});

	test('net and tax are the gross, and the tax is what the rate says', () => {
		expect([taxInsideMinor(120, 20_000), taxInsideMinor(199, 20_000), taxInsideMinor(105, 5_000), taxInsideMinor(99, 0)]).toEqual([20, 33, 5, 0]);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1_000_000 }), (grossMinor, percentMilli) => {
				const taxMinor = taxInsideMinor(grossMinor, percentMilli);
				expect(taxMinor).toBeGreaterThanOrEqual(0);
				expect(taxMinor).toBeLessThanOrEqual(grossMinor);
				expect(Math.abs((grossMinor - taxMinor) * (percentMilli / 100_000) - taxMinor)).toBeLessThanOrEqual(0.5 + percentMilli / 200_000 + 1e-3);
			}),
		);
	});
});

test('cash is rounded to the nearest coin, and moves by half a coin at most', () => {
	expect([1_02, 1_03, 1_07, 1_08].map((minor) => roundToCash(minor, 5))).toEqual([1_00, 1_05, 1_05, 1_10]);
	expect([1_25, 1_75, 1_24, 1_26].map((minor) => roundToCash(minor, 50))).toEqual([1_00, 2_00, 1_00, 1_50]);
	fc.assert(
		fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(1, 5, 10, 50), (minor, coin) => {
			const cash = roundToCash(minor, coin);
			expect(cash % coin).toBeCloseTo(0);
			expect(Math.abs(cash - minor)).toBeLessThanOrEqual(coin / 2);
		}),
	);
});

test('amounts are written as people there write them, exactly', () => {
	expect([formatMoney(123_450, GBP), formatMoney(-5, GBP), formatMoney(0, GBP), formatMoney(1_234, JPY), formatMoney(1_234, KWD)]).toEqual([
		'£1,234.50',
		'-£0.05',
		'£0.00',
		'JP¥1,234',
		'KWD\u00a01.234',
	]);
	expect(formatMoney(Number.MAX_SAFE_INTEGER, GBP)).toBe('£90,071,992,547,409.91');
	expect([
		formatUnitPrice(12_000, GBP),
		formatUnitPrice(12_345, GBP),
		formatUnitPrice(12_340, GBP),
		formatUnitPrice(0, GBP),
		formatUnitPrice(5, GBP),
	]).toEqual(['£1.20', '£1.2345', '£1.234', '£0.00', '£0.0005']);
	expect([formatUnitPrice(1_000_000, JPY), formatUnitPrice(1_234_500, JPY)]).toEqual(['JP¥100', 'JP¥123.45']);
});

describe('what people type', () => {
	const money = (text: string) => parseMoney(text, GBP);

	test.each([
		['12', 12_00],
		['12.5', 12_50],
		['12,50', 12_50],
		['.5', 50],
		['5.', 5_00],
		['0', 0],
		[' £ 1,234.50 ', 1_234_50],
		['1.234,50 €', 1_234_50],
		['1 234,50 kr', 1_234_50],
		['1’234.50', 1_234_50],
		["CHF 1'234.50", 1_234_50],
		['12.00 GBP', 12_00],
		['US$12', 12_00],
		['1,234', 1_234_00],
		['1.234', 1_234_00],
		['1.234.567', 1_234_567_00],
		['12,345,678.9', 12_345_678_90],
	])('%s is an amount', (text, minor) => expect(money(text)).toBe(minor));

	test.each([
		'',
		' ',
		'.',
		',',
		'-2',
		'12-',
		'(2.00)',
		'free',
		'50p',
		'99 c',
		'1e5',
		'12 or 13',
		'1.2.3',
		'1,2,3',
		'1.234.56',
		'0,125',
		'1,23,456',
		'2 x 3',
		'99999999999999999',
	])('"%s" is none', (text) => expect(money(text)).toBeUndefined());

	test('three digits behind one mark are read as the figure needs, and as the file is written where that is known, or refused', () => {
		expect([parseDecimal('1,234', 2), parseDecimal('1.234', 2)]).toEqual([123_400, 123_400]);
		expect([parseDecimal('1,234', 3), parseDecimal('1.234', 3), parseDecimal('1 234', 3)]).toEqual([1_234, 1_234, 1_234_000]);
		expect([parseDecimal('1,234', 4), parseDecimal('£ 1,234', 4), parseDecimal('1.234', 4)]).toEqual([undefined, undefined, 12_340]);
		expect([parseDecimal('1,2340', 4), parseDecimal('1,234.0', 4), parseDecimal('1 234', 4), parseDecimal('١٬٢٣٤', 4)]).toEqual([
			12_340, 12_340_000, 12_340_000, 12_340_000,
		]);
		expect([parseDecimal('١٢٫٥', 2), parseDecimal('١٬٢٣٤٫٥٠', 2), parseDecimal('۴۲', 0), parseDecimal('１２.５', 1)]).toEqual([
			1_250, 123_450, 42, 125,
		]);
		expect([parseDecimal('0.125', 4), parseDecimal('0,125', 4)]).toEqual([1_250, 1_250]);
		expect([parseDecimal('1,234', 4, ','), parseDecimal('1.234', 4, ','), parseDecimal('1,234', 3, '.')]).toEqual([12_340, 12_340_000, 1_234_000]);
		expect([parseDecimal('12,5', 4, '.'), parseDecimal('1.234.567', 4, '.')]).toEqual([undefined, undefined]);
	});

	test('weights may carry their kilogram, and nothing else', () => {
		expect([parseDecimal('0.84 kg', 3), parseDecimal('840 g', 3)]).toEqual([840, undefined]);
	});

	test('a file shows how it writes numbers by the one cell that can be read in one way', () => {
		expect(decimalMarkOf(['1,234', '12', ''])).toBeUndefined();
		expect(decimalMarkOf(['1,234', '12.5'])).toBe('.');
		expect(decimalMarkOf(['1.234', '£0,99'])).toBe(',');
		expect(decimalMarkOf(['1.234.567'])).toBe(',');
		expect(decimalMarkOf(['1 234 567'])).toBeUndefined();
		expect(decimalMarkOf(['12.5', '12,5'])).toBeUndefined();
	});

	test('whatever is typed, the answer is an amount of at least 0 or none', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string(), fc.stringMatching(/^[£\d.,' -]{0,20}$/)),
				fc.integer({ min: 0, max: 4 }),
				fc.constantFrom('.', ',', undefined),
				(text, digits, mark) => {
					const amount = parseDecimal(text, digits, mark);
					expect(amount === undefined || (Number.isSafeInteger(amount) && amount >= 0)).toBe(true);
				},
			),
		);
	});

	test('what was written is read back', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 1e14 }), fc.constantFrom(GBP, JPY, KWD), (minor, currency) => {
				expect(parseMoney(decimalText(minor, currency), currency)).toBe(minor);
				expect(parseMoney(formatMoney(minor, currency), currency)).toBe(minor);
				expect(parseMoney(formatMoney(minor, currency, 'de-DE'), currency)).toBe(minor);
			}),
		);
	});
});

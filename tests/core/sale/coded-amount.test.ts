/** What a code says of the piece in hand, what is typed before a scan, and ages. */
import { ageCheck, asksAge } from '#core/sale/age.ts';
import { codedAmount, priceOf } from '#core/sale/coded-amount.ts';
import { typedQuantity } from '#core/sale/typed-quantity.ts';
import { lineTotalMinor } from '#core/money.ts';
import type { TradingDay } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const GBP: Currency = { code: 'GBP', digits: 2 };
const JPY: Currency = { code: 'JPY', digits: 0 };
const price = (value: number, decimals = 2) => ({ price: { value, decimals } });

test('a weight is a weight, a count is pieces, and a code that says neither says nothing', () => {
	const cheese = { unit: 'kg', unitPriceE4: 129_900 } as const;
	expect(codedAmount({ weight: { value: 840, decimals: 3 } }, cheese, GBP)).toEqual({ quantityMilli: 840 });
	expect(codedAmount({ weight: { value: 8_400, decimals: 4 } }, cheese, GBP)).toEqual({ quantityMilli: 840 });
	expect(codedAmount({ count: 12 }, { unit: 'each', unitPriceE4: 1 }, GBP)).toEqual({ quantityMilli: 12_000 });
	expect(codedAmount({}, cheese, GBP)).toBeUndefined();
	expect(codedAmount({ weight: { value: 0, decimals: 3 } }, cheese, GBP)).toBeUndefined();
});

test('a price on what is sold by the piece is the price of that piece', () => {
	expect(codedAmount(price(437), { unit: 'each', unitPriceE4: 50_000 }, GBP)).toEqual({ quantityMilli: 1000, unitPriceE4: 43_700 });
	expect(codedAmount(price(437, 0), { unit: 'each' }, JPY)).toEqual({ quantityMilli: 1000, unitPriceE4: 4_370_000 });
});

test('1: a price in the code is what the customer pays, whatever a kilogram costs', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1_000, max: 999_999 }), (priceMinor, unitPriceE4) => {
			const amount = codedAmount(price(priceMinor), { unit: 'kg', unitPriceE4 }, GBP);
			if (amount === undefined) throw new Error('a price says an amount');
			expect(lineTotalMinor(amount.quantityMilli, amount.unitPriceE4 ?? unitPriceE4, GBP)).toBe(priceMinor);
		}),
	);
});

test('where a gram costs less than a penny the shop’s own price stands', () => {
	expect(codedAmount(price(437), { unit: 'kg', unitPriceE4: 52_000 }, GBP)).toEqual({ quantityMilli: 840 });
});

test('another currency’s price is none', () => {
	const euros = { price: { value: 437, decimals: 2, currency: '978' } };
	expect([priceOf(euros, GBP), priceOf(euros, { code: 'EUR', digits: 2 })]).toEqual([undefined, 437]);
	expect(priceOf(price(4371, 3), GBP)).toBeUndefined();
	expect(priceOf(price(4370, 3), GBP)).toBe(437);
});

test.each([
	['3*', 3_000, ''],
	['3* 5000169005170', 3_000, '5000169005170'],
	['0,84*ham', 840, 'ham'],
	['12 × milk', 12_000, 'milk'],
	['milk', undefined, 'milk'],
	['0*milk', undefined, 'milk'],
	['9999999999*milk', undefined, 'milk'],
	['2x milk', undefined, '2x milk'],
])('“%s” is so many of the next thing', (text, quantityMilli, rest) => {
	expect(typedQuantity(text)).toEqual({ quantityMilli, rest });
});

test('who has their birthday today is old enough, who has it tomorrow is not', () => {
	expect(ageCheck(18, '2026-11-28' as TradingDay)).toEqual({ years: 18, bornBy: '2008-11-28' });
	expect(ageCheck(18, '2028-02-29' as TradingDay).bornBy).toBe('2010-02-28');
	expect(ageCheck(16, '2028-02-29' as TradingDay).bornBy).toBe('2012-02-29');
});

test('one question a sale, unless something with a higher limit comes', () => {
	const checked = ageCheck(16, '2026-11-28' as TradingDay);
	expect([asksAge(undefined, undefined), asksAge(16, undefined), asksAge(16, checked), asksAge(18, checked)]).toEqual([false, true, false, true]);
});

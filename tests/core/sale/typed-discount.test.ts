/** A discount as it is typed. */
import { discountText, parseDiscount } from '#core/sale/typed-discount.ts';
import { expect, test } from 'vitest';

const GBP = { code: 'GBP', digits: 2 } as const;
const JPY = { code: 'JPY', digits: 0 } as const;

test.each([
	['', 'none'],
	['  ', 'none'],
	['0', 'none'],
	['0%', 'none'],
	['10%', { percentMilli: 10_000 }],
	['12,5 %', { percentMilli: 12_500 }],
	['100 %', { percentMilli: 100_000 }],
	['1.50', { amountMinor: 150 }],
	['£2', { amountMinor: 200 }],
])('%s', (text, expected) => {
	expect(parseDiscount(text, GBP)).toEqual(expected);
});

test.each(['100.001%', '101%', '-5%', '-1', '%', 'ten', '1.5055', '1%%'])('%s is none', (text) => {
	expect(parseDiscount(text, GBP)).toBeUndefined();
});

test('in a currency without decimals, and back to what was typed', () => {
	expect(parseDiscount('150', JPY)).toEqual({ amountMinor: 150 });
	expect(parseDiscount('1.5', JPY)).toBeUndefined();
	for (const text of ['', '10%', '12.5%', '1.50']) {
		const typed = parseDiscount(text, GBP);
		if (typed !== undefined) expect(discountText(typed === 'none' ? undefined : typed, GBP)).toBe(text);
	}
});

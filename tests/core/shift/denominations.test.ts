import { denominationsOf, floatAmounts, sumOfCounted } from '#core/shift/denominations.ts';
import type { Currency } from '#schemas/numbers.ts';
import { expect, test } from 'vitest';

const CODES = ['GBP', 'EUR', 'USD', 'CHF', 'CAD', 'AUD', 'NZD', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'ZAR', 'KWD', 'JPY'];

test('notes and coins are whole minor units, each once, the largest first, and no more than an entry takes', () => {
	for (const code of CODES) {
		const { notes, coins } = denominationsOf({ code, digits: 2 });
		for (const list of [notes, coins]) {
			expect(list.length, code).toBeGreaterThan(2);
			expect(list, code).toEqual([...new Set(list)].sort((a, b) => b - a));
			expect(
				list.every((minor) => Number.isSafeInteger(minor) && minor > 0),
				code,
			).toBe(true);
		}
		expect(notes.length + coins.length).toBeLessThanOrEqual(30);
	}
	expect(denominationsOf({ code: 'XTS', digits: 2 })).toEqual({ notes: [], coins: [] });
});

test('a count is the sum of what lies there', () => {
	expect(sumOfCounted([])).toBe(0);
	expect(
		sumOfCounted([
			{ valueMinor: 2000, count: 3 },
			{ valueMinor: 5, count: 7 },
		]),
	).toBe(6035);
	const yen: Currency = { code: 'JPY', digits: 0 };
	expect(floatAmounts(yen)[0]).toBe(5000);
});

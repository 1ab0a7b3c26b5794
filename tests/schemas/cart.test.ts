/** A cart that was left open is read by every later version. */
import { cart, cartDiscount } from '#schemas/cart.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';

/** As the first version wrote it. Never changed. */
const FIRST = {
	key: 'cart-key-1',
	lines: [
		{
			...{
				id: '1-1',
				sku: 'A',
				name: 'Rye bread',
				quantityMilli: 1000,
				unit: 'each',
				unitPriceE4: 29_000,
				price: 'ab'.repeat(32),
				gtin: '4006381333931',
			},
			...{ taxRate: 'zero', taxPercentMilli: 0 },
		},
		{ id: '1-2', name: 'Odd', quantityMilli: 336, unit: 'kg', unitPriceE4: 1, taxRate: 'standard', taxPercentMilli: 20_000 },
	],
	parked: 'p1',
	changedAtMs: 1,
};

test('a cart of the first version is read as it was', () => {
	expect(v.parse(cart, JSON.parse(JSON.stringify(FIRST)))).toEqual(FIRST);
});

test('a discount is in money or in percent, not both, and not more than all', () => {
	expect(v.is(cartDiscount, { percentMilli: 100_000 })).toBe(true);
	expect(v.is(cartDiscount, { amountMinor: 5, reason: 'scratched', approvedBy: 'mia' })).toBe(true);
	for (const bad of [{ percentMilli: 100_001 }, { amountMinor: -1 }, { amountMinor: 1, percentMilli: 1 }, {}])
		expect(v.is(cartDiscount, bad)).toBe(false);
});

/** The numbered invariant of `projections/customer-display.ts`. */
import { emptyCart, addLine } from '#core/sale/cart.ts';
import { askOnTerminal, takePart } from '#core/sale/payment.ts';
import { displayOf } from '#projections/customer-display.ts';
import type { CartLine } from '#schemas/cart.ts';
import type { CustomerId, IntentKey, Sku, StoreId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { GBP } from '../support/carts.ts';

const SHOP = { store: 'ab'.repeat(16) as StoreId, storeName: 'Kelp & Co', currency: GBP, cashRoundingMinor: 1 } as const;
const BESIDE = { displayWords: 'Fresh bread at ten' };
const BREAD: CartLine = {
	...{ id: '1', sku: 'SECRET-SKU' as Sku, name: 'Rye bread', quantityMilli: 2000, unit: 'each', unitPriceE4: 29_000, note: 'a private word' },
	...{ taxRate: 'zero', taxPercentMilli: 0 },
};
const CART = { ...addLine(emptyCart('cart-key-1' as IntentKey, 1), BREAD, 1), customer: 'customer-1' as CustomerId, note: 'another' };

test('1. the sale, and nothing else: no SKU, no customer, no note', () => {
	const display = displayOf({ cart: CART, done: undefined }, SHOP, BESIDE);
	expect(display).toEqual({ shows: 'sale', lines: [{ id: '1', name: 'Rye bread', quantity: '2', total: '£5.80' }], total: '£5.80' });
});

test('what is left of a split, and what the card terminal asks for', () => {
	const split = askOnTerminal(takePart(CART, { type: 'card', amountMinor: 500, reference: 'A-77' }, 2), 80, 3);
	const display = displayOf({ cart: split, done: undefined }, SHOP, BESIDE);
	expect(display).toMatchObject({ total: '£5.80', left: '£0.80', onTerminal: '£0.80' });
	expect(JSON.stringify(display)).not.toContain('A-77');
});

test('while nobody pays: the shop’s name, and its words', () => {
	expect(displayOf({ cart: undefined, done: undefined }, SHOP, BESIDE)).toEqual({
		...{ shows: 'idle', shopName: 'Kelp & Co', words: 'Fresh bread at ten' },
	});
});

/** A sale that is put aside is one cart, whenever the till is killed; and where it became two after all, somebody is asked. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { isRefusal } from '#core/intent.ts';
import { fetchCart } from '#core/sale/cart.ts';
import { completeSale } from '#core/sale/complete-sale.ts';
import { putAside } from '#engine/parking.ts';
import type { Cart, ParkedCart } from '#schemas/cart.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { openFloor } from '../support/shop-floor.ts';
import { cartOf } from '../support/sealing-till.ts';
import type { TestDevice } from '../support/ledger-builder.ts';

const KEY = 'key-of-the-open-cart';

async function openTill() {
	const vault = createMemoryVault();
	const ownership = await vault.takeOwnership();
	await vault.saveCart(cartOf(KEY), ownership);
	const floor = new Map<string, ParkedCart>();
	return { vault, ownership, floor };
}

test('what is put aside lies on the floor, and is no open cart any more', async () => {
	const { vault, ownership, floor } = await openTill();
	const putOnFloor = (id: string, cart: ParkedCart) => Promise.resolve((floor.set(id, cart), 'parked' as const));
	expect(await putAside({ vault, ownership, putOnFloor }, cartOf(KEY))).toBe('parked');
	expect(await vault.carts()).toEqual([]);
	expect([...floor]).toMatchObject([[KEY, { lines: cartOf(KEY).lines }]]);
});

test('with no floor yet the cart stays open as it was', async () => {
	const { vault, ownership } = await openTill();
	expect(await putAside({ vault, ownership, putOnFloor: () => Promise.resolve('not-ready') }, cartOf(KEY))).toBe('not-ready');
	expect(await vault.carts()).toEqual([cartOf(KEY)]);
});

test('killed with the cart in both places, sold at another till and then here: the two sales are asked about', async () => {
	const { vault, ownership, floor } = await openTill();
	const putOnFloor = (id: string, cart: ParkedCart): never => {
		floor.set(id, cart);
		throw new Error('killed');
	};
	await expect(putAside({ vault, ownership, putOnFloor }, cartOf(KEY))).rejects.toThrow('killed');
	const [left] = await vault.carts();
	const copy = fetchCart(floor.get(KEY) as ParkedCart, KEY, 'key-of-the-other-till' as IntentKey, 2);

	const shop = openFloor();
	const pay = (till: TestDevice, cart: Cart): void => {
		const money = { currency: { code: 'GBP', digits: 2 as const }, cashRoundingMinor: 1, receipt: till.receipt() };
		const fact = completeSale(cart, [{ type: 'card', amountMinor: 250 }], money);
		if (isRefusal(fact)) throw new Error(fact.refused);
		till.does([fact], { key: cart.key });
	};
	pay(shop.till2, copy);
	pay(shop.till1, left as Cart);
	expect(
		shop
			.ledger()
			.conflicts()
			.map(({ id }) => id.kind),
	).toEqual(['parked-sold-twice']);
});

/** Sales that were put aside, as screens list them. */
import { parkCart } from '#core/sale/cart.ts';
import { parkedRows, readParked } from '#projections/parked.ts';
import type { Cart } from '#schemas/cart.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { cartOf } from '../support/sealing-till.ts';
import { sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

const floor = openFloor({ A: 5 });
const own = { device: floor.till1.id, name: 'Till 1', till: 1 };

function onFloor(device: DeviceId, atMs: number, changes: Partial<Cart> = {}): string {
	return JSON.stringify({ v: 1, cart: { ...parkCart(cartOf('a-key-of-its-own')), ...changes }, atMs, device });
}

test('the oldest first, with who put it aside, what is in it and what it comes to', () => {
	const [line] = cartOf('a-key-of-its-own').lines;
	const lines = ['Bread', 'Milk', 'Eggs', 'Tea'].map((name, n) => ({ ...line!, id: String(n), name }));
	const rows = parkedRows(floor.ledger(), { late: onFloor(floor.till2.id, 20), early: onFloor(floor.till1.id, 10, { lines }) }, own);
	expect(rows).toEqual([
		{ id: 'early', atMs: 10, deviceName: 'Till 1', pieces: 4, names: 'Bread, Milk, Eggs and 1 more', totalMinor: 1_000 },
		{ id: 'late', atMs: 20, deviceName: 'Till 2', pieces: 1, names: 'Bread', totalMinor: 250 },
	]);
});

test('what a peer wrote that is no cart is left out, and so is one that was sold meanwhile', () => {
	const bad = ['', '{', 'null', '{"v":1}', JSON.stringify({ v: 2 }), onFloor(floor.till1.id, 1, { lines: [] }), onFloor('x' as DeviceId, 1)];
	for (const text of bad) expect(readParked(text)).toBeUndefined();
	const shop = openFloor({ A: 5 });
	shop.till1.does([{ ...sold([['A', 1, 100]], shop.till1.receipt()), parked: 'sold-already' }]);
	const rows = parkedRows(
		shop.ledger(),
		{ 'sold-already': onFloor(shop.till1.id, 1), waits: onFloor(shop.till1.id, 2), ...Object.fromEntries(bad.map((text, n) => [`bad-${n}`, text])) },
		own,
	);
	expect(rows.map(({ id }) => id)).toEqual(['waits']);
});

/** Which price holds when: planned ones wait for their moment, whoever set what in between. */
import { nextPriceMs, priceAt } from '#core/price.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { priced } from '../support/facts.ts';
import { openFloor, type Floor } from '../support/shop-floor.ts';

const A = 'A' as Sku;
const HOUR = 3_600_000;

function priceOf(floor: Floor, atMs: number): number | undefined {
	const product = floor.ledger().state.products.get(A);
	return product && priceAt(product, atMs)?.unitPriceE4;
}

function planned(floor: Floor, unitPriceE4: number, inHours: number, replaces: readonly EntryHash[] = []) {
	return floor.till1.does([{ ...priced('A', unitPriceE4, replaces), v: 2, fromMs: floor.shop.nowMs + inHours * HOUR }], { scope: 'store' });
}

test('a planned price holds from its moment on, and not a millisecond before', () => {
	const floor = openFloor();
	const before = priceOf(floor, floor.shop.nowMs);
	const fromMs = floor.shop.nowMs + 10 * HOUR;
	planned(floor, 50_000, 10);
	expect([priceOf(floor, fromMs - 1), priceOf(floor, fromMs)]).toEqual([before, 50_000]);
	const product = floor.ledger().state.products.get(A);
	expect(product && [nextPriceMs(product, fromMs - 1), nextPriceMs(product, fromMs)]).toEqual([fromMs, undefined]);
});

test('a price set at once in between stands until the planned one begins; one set afterwards stays', () => {
	const floor = openFloor();
	const { nowMs } = floor.shop;
	planned(floor, 50_000, 10);
	floor.meet();
	floor.shop.nowMs = nowMs + 5 * HOUR;
	floor.till2.does([priced('A', 45_000)], { scope: 'store' });
	expect([priceOf(floor, nowMs + 6 * HOUR), priceOf(floor, nowMs + 11 * HOUR)]).toEqual([45_000, 50_000]);
	floor.shop.nowMs = nowMs + 20 * HOUR;
	floor.till2.does([priced('A', 60_000)], { scope: 'store' });
	expect(priceOf(floor, nowMs + 21 * HOUR)).toBe(60_000);
});

test('of several planned ones each has its time, and one that was replaced never comes', () => {
	const floor = openFloor();
	const { nowMs } = floor.shop;
	const first = planned(floor, 50_000, 10);
	planned(floor, 55_000, 20);
	expect([11, 21].map((hours) => priceOf(floor, nowMs + hours * HOUR))).toEqual([50_000, 55_000]);
	planned(floor, 51_000, 12, [first.hash]);
	expect([11, 13].map((hours) => priceOf(floor, nowMs + hours * HOUR))).toEqual([priceOf(floor, nowMs), 51_000]);
});

test('what a price set now would replace are all that hold or have held by then, so that none of them comes back', () => {
	const floor = openFloor();
	const plan = planned(floor, 50_000, 1);
	const product = floor.ledger().state.products.get(A);
	const now = product && priceAt(product, floor.shop.nowMs + 2 * HOUR);
	expect(now?.replaces).toEqual([...(product?.price?.replaces ?? []), plan.hash]);
	expect(product?.price?.frontier).toHaveLength(1);
});

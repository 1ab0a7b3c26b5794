/** Which price holds when: planned ones wait for their moment, whoever set what in between. */
import { nextPriceMs, ownPriceAt, priceAt, storePriceAt } from '#core/price.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import { describe, expect, test } from 'vitest';
import { ownPriced, priced } from '../support/facts.ts';
import { openFloor, type Floor } from '../support/shop-floor.ts';

const A = 'A' as Sku;
const HOUR = 3_600_000;

function priceOf(floor: Floor, atMs: number): number | undefined {
	const product = floor.ledger().state.products.get(A);
	return product && priceAt(product, floor.shop.branch, atMs)?.unitPriceE4;
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
	expect(product && [fromMs - 1, fromMs].map((afterMs) => nextPriceMs(product, floor.shop.branch, afterMs))).toEqual([fromMs, undefined]);
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
	const now = product && storePriceAt(product, floor.shop.nowMs + 2 * HOUR);
	expect(now?.replaces).toEqual([...(product?.price?.replaces ?? []), plan.hash]);
	expect(product?.price?.frontier).toHaveLength(1);
});

function ownSet(floor: Floor, unitPriceE4: number | null, replaces: readonly EntryHash[] = []) {
	return floor.till1.does([ownPriced('A', floor.shop.branch, unitPriceE4, replaces)], { scope: 'store' });
}

describe('a branch with a price of its own', () => {
	test('sells at it while every other sells at the store’s, which may change meanwhile, and goes back to that when it ends', () => {
		const floor = openFloor();
		const { nowMs, branch } = floor.shop;
		const own = ownSet(floor, 30_000);
		floor.meet();
		floor.till2.does([priced('A', 45_000, floor.ledger().state.products.get(A)?.price?.replaces)], { scope: 'store' });
		const product = floor.ledger().state.products.get(A);
		expect(product && [priceAt(product, branch, nowMs + HOUR)?.entry, priceOf(floor, nowMs + HOUR)]).toEqual([own.hash, 30_000]);
		expect(product && priceAt(product, 'elsewhere' as BranchId, nowMs + HOUR)?.unitPriceE4).toBe(45_000);
		ownSet(floor, null, [own.hash]);
		expect(priceOf(floor, nowMs + HOUR)).toBe(45_000);
	});

	test('begins and ends at its moments', () => {
		const floor = openFloor();
		const { nowMs, branch } = floor.shop;
		const everywhere = priceOf(floor, nowMs);
		const [beginsMs, endsMs] = [nowMs + 10 * HOUR, nowMs + 20 * HOUR];
		for (const [unitPriceE4, fromMs] of [
			[30_000, beginsMs],
			[null, endsMs],
		] as const)
			floor.till1.does([{ ...ownPriced('A', branch, unitPriceE4), fromMs }], { scope: 'store' });
		expect([beginsMs - 1, beginsMs, endsMs - 1, endsMs].map((atMs) => priceOf(floor, atMs))).toEqual([everywhere, 30_000, 30_000, everywhere]);
		const product = floor.ledger().state.products.get(A);
		expect(product && [nowMs, beginsMs, endsMs].map((afterMs) => nextPriceMs(product, branch, afterMs))).toEqual([beginsMs, endsMs, undefined]);
		expect(product && nextPriceMs(product, 'elsewhere' as BranchId, nowMs)).toBeUndefined();
	});

	test('what it names as replaced is its own: the store’s price stands, though one entry wrote both', () => {
		const floor = openFloor();
		const both = floor.till1.does(
			[priced('A', 45_000, floor.ledger().state.products.get(A)?.price?.replaces), ownPriced('A', floor.shop.branch, 30_000)],
			{ scope: 'store' },
		);
		floor.meet();
		floor.till2.does([ownPriced('A', floor.shop.branch, 31_000, [both.hash])], { scope: 'store' });
		const product = floor.ledger().state.products.get(A);
		expect(product?.price).toMatchObject({ value: 45_000, replaces: [both.hash] });
		expect(product && ownPriceAt(product, floor.shop.branch, floor.shop.nowMs)?.unitPriceE4).toBe(31_000);
	});

	test('from whoever has no right to prices it is put aside, on every peer', () => {
		const floor = openFloor();
		const till = floor.shop.device('Till 3', { till: 3 });
		floor.hub.does([till.enrolment(['sell'])], { scope: 'store' });
		till.hears(...floor.shop.entries);
		const own = till.does([ownPriced('A', floor.shop.branch, 100)], { scope: 'store' });
		const ledger = floor.ledger();
		expect(ledger.quarantined()).toMatchObject([{ entry: { hash: own.hash }, reason: 'no-right' }]);
		expect(priceOf(floor, floor.shop.nowMs + HOUR)).toBe(10_000);
	});
});

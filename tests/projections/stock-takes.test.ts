/** A stock take as a manager reads it: how far it is, what is left, what differs and what that is worth; and that two tills count one product together. */
import { countStart } from '#projections/movements.ts';
import { stockTake, stockTakeRows } from '#projections/stock-takes.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { openFloor } from '../support/shop-floor.ts';
import { perform } from '../support/till-day.ts';

const [A, B, C] = ['A', 'B', 'C'] as Sku[] as [Sku, Sku, Sku];
const COUNT = 'stock take 1' as CountId;

const contextOf = (ledger: Ledger) => ({
	...{ ledger, nowMs: 1_900_000_000_000 },
	onHandMilli: (sku: Sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0,
});

function opened(skus?: readonly Sku[]) {
	const floor = openFloor({ A: 10, B: 5, C: 3 });
	const ledger = floor.ledger();
	perform(ledger, floor.till1, { intent: 'open-count', count: COUNT, name: 'Shelves', ...(skus === undefined ? {} : { skus }) });
	const hear = (): void => {
		floor.meet();
		ledger.add(floor.shop.entries);
	};
	hear();
	const counts = (till: typeof floor.till1, sku: Sku, units: number, start = countStart(ledger, sku, floor.shop.nowMs, COUNT)): void => {
		perform(ledger, till, { intent: 'count', count: COUNT, lines: [{ sku, quantityMilli: units * 1000, asOf: start.asOf }] });
		hear();
	};
	return { floor, ledger, counts, hear, take: () => stockTake(contextOf(ledger), COUNT)! };
}

test('how far it is, what is left, and by how much shelves differ in money: at cost where it is known, else at the price', () => {
	const { floor, ledger, counts, hear, take } = opened();
	floor.till2.does([{ type: 'stock.received', v: 2, lines: [{ sku: B, quantityMilli: 1_000, costE4: 4_000 }] }]);
	hear();
	counts(floor.till1, A, 8);
	counts(floor.till2, B, 7);
	expect(stockTakeRows(contextOf(ledger))).toMatchObject([{ name: 'Shelves', isOpen: true, counted: 2, of: 3 }]);
	expect(take()).toMatchObject({
		lines: [{ sku: B }, { sku: A }],
		differences: [
			{ sku: A, expectedMilli: 10_000, countedMilli: 8_000, differenceMilli: -2_000, worthMinor: -200 },
			{ sku: B, differenceMilli: 1_000, worthMinor: 40 },
		],
		...{ missingMinor: -200, foundMinor: 40, uncounted: [{ sku: C }] },
	});
	perform(ledger, floor.till1, { intent: 'close-count', count: COUNT });
	expect(take()).toMatchObject({ isOpen: false, uncounted: [{ sku: C }] });
});

test('as much too little is worth as much as as much too much, to the last penny', () => {
	const { floor, counts, hear, take } = opened();
	floor.hub.does([{ type: 'stock.received', v: 2, lines: [A, B].map((sku) => ({ sku, quantityMilli: 1_000, costE4: 150 })) }]);
	hear();
	// Three at a penny and a half.
	counts(floor.till1, A, 11 - 3);
	counts(floor.till2, B, 6 + 3);
	expect(take()).toMatchObject({ missingMinor: -4, foundMinor: 4 });
});

test('what is sold while it goes on is no difference', () => {
	const { floor, ledger, counts, hear, take } = opened([A]);
	const start = countStart(ledger, A, floor.shop.nowMs, COUNT);
	floor.sell(floor.till2, 'A', 3);
	hear();
	counts(floor.till1, A, 10, start);
	expect(take()).toMatchObject({ counted: 1, of: 1, differences: [], uncounted: [] });
	expect(floor.onHand(ledger, 'A')).toBe(7);
});

test('a second shelf of a product is counted on: what the first count has left, and what is there', () => {
	const { floor, ledger, counts, hear, take } = opened();
	counts(floor.till1, A, 6);
	floor.sell(floor.till2, 'A', 1);
	hear();
	const start = countStart(ledger, A, floor.shop.nowMs, COUNT);
	expect(start.before).toEqual({ countedMilli: 5_000, deviceName: 'Till 1' });
	expect(countStart(ledger, B, floor.shop.nowMs, COUNT).before).toBeUndefined();
	counts(floor.till2, A, 5 + 4, start);
	expect(floor.onHand(ledger, 'A')).toBe(9);
	expect(take().lines).toMatchObject([{ sku: A, countedMilli: 9_000 }]);
	expect(ledger.conflicts()).toEqual([]);
});

test('3. of a blind one no till is told what was expected before it is closed', () => {
	const floor = openFloor({ A: 10, B: 5 });
	const ledger = floor.ledger();
	perform(ledger, floor.till1, { intent: 'open-count', count: COUNT, name: 'Shelves', blind: true });
	perform(ledger, floor.till1, {
		...{ intent: 'count', count: COUNT },
		lines: [{ sku: A, quantityMilli: 8_000, asOf: countStart(ledger, A, floor.shop.nowMs, COUNT).asOf }],
	});
	const open = stockTake(contextOf(ledger), COUNT)!;
	expect(open).toMatchObject({
		isBlind: true,
		counted: 1,
		differences: [],
		missingMinor: 0,
		foundMinor: 0,
		lines: [{ sku: A, countedMilli: 8_000 }],
	});
	expect(JSON.stringify(open)).not.toContain('10000');
	perform(ledger, floor.till1, { intent: 'close-count', count: COUNT });
	expect(stockTake(contextOf(ledger), COUNT)).toMatchObject({ isBlind: false, differences: [{ sku: A, expectedMilli: 10_000 }], missingMinor: -200 });
});

/** The stock that screens show while entries are still on their way: what was said of it, and what this till alone knows. */
import { elsewhereRows, createStockFigures, type SaidStock } from '#projections/stock-figures.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import type { StockHead } from '#schemas/wire/stock-head.ts';
import { expect, test } from 'vitest';
import { counted } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

const A = 'A' as Sku;
const B = 'B' as Sku;

/** As a hub that folded this ledger says it. */
function saidBy(ledger: Ledger, changes: Partial<StockHead> = {}): SaidStock {
	const { store, branch, state } = ledger;
	const figures = new Map([...state.stock].map(([sku, { onHandMilli }]) => [sku, onHandMilli]));
	const head: StockHead = {
		...{ v: 1, store, branch, name: 'High Street', issuer: 'f0'.repeat(32) as StockHead['issuer'], version: 1, at: 5, hash: '0'.repeat(64) },
		...{ marks: [...ledger.marks()], ...changes },
	};
	return { head, onHandMilli: (sku) => figures.get(sku), skus: () => figures.keys() };
}

test('a till that is behind shows what the hub said, with its own sales on top, and its own fold as soon as that has everything', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const others = [floor.sell(floor.till2, 'A', 3), floor.sell(floor.till2, 'B', 1)];
	const said = saidBy(floor.ledger());
	floor.sell(floor.till1, 'A', 2); // The hub has not heard of it.
	const ledger = floor.ledger(...others);
	const figures = createStockFigures(ledger);
	expect(figures.onHandMilli(A)).toBe(8_000);

	expect([...figures.renew(said)].sort()).toEqual(['A', 'B']);
	expect(figures.saidBy()).toBe(said.head);
	expect(figures.onHandMilli(A)).toBe(5_000);
	expect(figures.onHandMilli(B)).toBe(9_000);
	expect(figures.renew(said).size).toBe(0);

	ledger.add(others.slice(0, 1));
	expect(figures.renew(said).size).toBe(0);
	expect(figures.saidBy()).toBeDefined();
	expect(figures.onHandMilli(A)).toBe(5_000);

	ledger.add(others.slice(1));
	expect(figures.renew(said).has(A)).toBe(true);
	expect(figures.saidBy()).toBeUndefined();
	expect([figures.onHandMilli(A), figures.onHandMilli(B)]).toEqual([5_000, 9_000]);
});

test('a count that only this till knows of is no sum: its own figure stands', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till2, 'A', 3);
	const said = saidBy(floor.ledger());
	floor.till1.does([counted('A', 6, floor.till1.asOf())]);
	const figures = createStockFigures(floor.ledger(sale));
	figures.renew(said);
	expect(figures.onHandMilli(A)).toBe(6_000);
});

test('what nobody said is the own fold, and newer rows replace older ones', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const first = floor.sell(floor.till2, 'A');
	const older = saidBy(floor.ledger());
	const second = floor.sell(floor.till2, 'A');
	const newer = saidBy(floor.ledger());
	const figures = createStockFigures(floor.ledger(first, second));
	figures.renew(older);
	expect(figures.onHandMilli(A)).toBe(9_000);
	expect([...figures.renew(newer)]).toEqual([A]);
	expect(figures.onHandMilli(A)).toBe(8_000);
	expect(figures.onHandMilli('C' as Sku)).toBe(0);
	expect(figures.renew(undefined).has(A)).toBe(true);
	expect(figures.onHandMilli(A)).toBe(10_000);
});

test('other branches are told by name, the own one is not among them, and one that knows nothing of a product neither', () => {
	const ledger = openFloor({ A: 10 }).ledger();
	const there = (name: string, id: string) => saidBy(ledger, { name, branch: id.repeat(16) as BranchId, at: 77 });
	const said = [there('Station', 'b1'), saidBy(ledger), there('Harbour', 'b2')];
	expect(elsewhereRows(A, said, ledger.branch)).toEqual([
		{ branch: 'b2'.repeat(16), name: 'Harbour', onHandMilli: 10_000, atMs: 77 },
		{ branch: 'b1'.repeat(16), name: 'Station', onHandMilli: 10_000, atMs: 77 },
	]);
	expect(elsewhereRows(B, said, ledger.branch)).toEqual([]);
});

test('a ledger that begins again after the figures were made is the one that they read', () => {
	const floor = openFloor({ A: 5 });
	const ledger = createRenewableLedger({ store: floor.shop.store, branch: floor.shop.branch });
	const figures = createStockFigures(ledger);
	ledger.begin(undefined);
	ledger.add(floor.shop.entries);
	expect(figures.onHandMilli(A)).toBe(5_000);
});

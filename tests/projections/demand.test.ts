/** The numbered invariants of `projections/demand.ts`. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { createDemand, type Wanted } from '#projections/demand.ts';
import type { Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retired } from '../support/facts.ts';
import { playSteps, steps } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';
import { perform } from '../support/till-day.ts';

const A = 'A' as Sku;

/** By walking everything: what is to be found whatever was kept. */
function walked({ state }: Ledger, sinceMs: number): readonly (readonly [Sku, number])[] {
	return [...state.stock.values()].flatMap(({ sku, movements }) => {
		const product = state.products.get(sku);
		const lately = movements.filter(
			({ kind, counts, entry }) => counts && (kind === 'sold' || kind === 'returned') && entry.header.hlc[0] >= sinceMs,
		);
		if (product === undefined || product.retired || !product.tracked.value || lately.length === 0) return [];
		return [[sku, lately.reduce((sum, { quantityMilli }) => sum - quantityMilli, 0)] as const];
	});
}

function kept(wanted: Iterable<Wanted>): readonly (readonly [Sku, number])[] {
	return [...wanted].map(({ product, soldMilli }) => [product.sku, soldMilli] as const);
}

test('1. kept while entries come in any order and time goes by, it is what a walk over everything finds', () => {
	fc.assert(
		fc.property(steps, fc.array(fc.nat(4)), fc.boolean(), (list, asks, isBackwards) => {
			const { shop, entries } = playSteps(list);
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			const demand = createDemand(ledger, (sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0);
			const [firstMs, lastMs] = [entries[0]?.header.at ?? 0, shop.nowMs];
			for (const [index, entry] of (isBackwards ? [...entries].reverse() : entries).entries()) {
				const change = ledger.add([entry]);
				for (const skus of [change.skus, change.products]) demand.touch(skus);
				const ask = asks[index] ?? 0;
				const sinceMs = firstMs + ((lastMs - firstMs) * index) / entries.length;
				if (ask === 1) demand.readAhead(sinceMs);
				if (ask < 2) continue;
				expect(new Map(kept(demand.since(sinceMs)))).toEqual(new Map(walked(ledger, sinceMs)));
				for (const { product, onHandMilli } of demand.since(sinceMs)) expect(onHandMilli).toBe(ledger.state.stock.get(product.sku)?.onHandMilli);
			}
			// A clock that was set back, and one that is far ahead.
			for (const sinceMs of [firstMs, lastMs + 1]) expect(new Map(kept(demand.since(sinceMs)))).toEqual(new Map(walked(ledger, sinceMs)));
		}),
	);
});

test('2. a level is kept without a sale until somebody takes it away; what is offered no more is not kept', () => {
	const floor = openFloor({ A: 5, B: 5 });
	const ledger = floor.ledger();
	const demand = createDemand(ledger, () => 0);
	const skus = () => [...demand.since(0)].map(({ product }) => product.sku);
	expect(skus()).toEqual([]);
	perform(ledger, floor.till1, { intent: 'set-levels', lines: [{ sku: A, levels: { minimumMilli: 1000, targetMilli: 2000 } }] });
	expect(skus()).toEqual(['A']);
	perform(ledger, floor.till1, { intent: 'set-levels', lines: [{ sku: A, levels: null }] });
	expect(skus()).toEqual([]);
	demand.touch(ledger.add([floor.sell(floor.till1, 'B')]).skus);
	expect(skus()).toEqual(['B']);
	demand.touch(ledger.add([floor.hub.does([retired('B')], { scope: 'store' })]).products);
	expect(skus()).toEqual([]);
});

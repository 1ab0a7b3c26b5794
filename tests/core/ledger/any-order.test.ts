/** Invariants 1 and 2 of `core/ledger/ledger.ts`, over shops that go wrong in every way we know. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { everythingOf } from '../../support/ledger-snapshot.ts';
import type { TestShop } from '../../support/ledger-builder.ts';
import { playSteps, steps } from '../../support/random-shop.ts';
import { shuffled } from '../../support/shuffled.ts';

const RUNS = 200;
const MOST_MISSING = 6;

function folded(shop: TestShop, entries: readonly Entry[]): Ledger {
	const ledger = createLedger({ store: shop.store, branch: shop.branch });
	ledger.add(entries);
	return ledger;
}

test('one by one in any order of arrival is all at once, with whatever is still on its way', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), fc.nat(MOST_MISSING), (list, seed, missing) => {
			const { shop, entries } = playSteps(list);
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			const here = shuffled(entries, seed).slice(missing);
			for (const entry of here) {
				ledger.add([entry]);
				if (seed % 2 === 0) ledger.conflicts(); // A screen looks after every entry: what it was shown must not stick.
			}
			expect(everythingOf(ledger)).toEqual(everythingOf(folded(shop, here)));
		}),
		{ numRuns: RUNS },
	);
});

test('in batches of any size and order it is the same', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), fc.integer({ min: 2, max: 9 }), (list, seed, size) => {
			const { shop, entries } = playSteps(list);
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			const order = shuffled(entries, seed);
			for (let from = 0; from < order.length; from += size) {
				ledger.add(order.slice(from, from + size));
				ledger.conflicts();
			}
			expect(everythingOf(ledger)).toEqual(everythingOf(folded(shop, entries)));
		}),
		{ numRuns: RUNS },
	);
});

test('entries delivered twice by two peers change nothing', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), (list, seed) => {
			const { shop, entries } = playSteps(list);
			const ledger = folded(shop, entries);
			const before = everythingOf(ledger);
			const change = ledger.add(shuffled(entries, seed));
			expect(change.duplicates).toBe(entries.length);
			expect(change.added).toEqual([]);
			expect([...change.skus, ...change.products, ...change.sales]).toEqual([]);
			expect(everythingOf(ledger)).toEqual(before);
		}),
		{ numRuns: 40 },
	);
});

test('what the change names is all that changed: nothing else reads differently', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), (list, seed) => {
			const { shop, entries } = playSteps(list);
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			const text = (value: unknown): string =>
				JSON.stringify(value, (name, item: unknown) => (name === 'entry' || name === 'sealed' ? undefined : item));
			let stock = new Map<string, string>();
			let products = new Map<string, string>();
			let sales = new Map<string, string>();
			for (const entry of shuffled(entries, seed)) {
				const change = ledger.add([entry]);
				const stockNow = new Map(
					[...ledger.state.stock].map(([sku, { onHandMilli, movements }]) => [sku as string, text({ onHandMilli, movements })]),
				);
				const productsNow = new Map([...ledger.state.products].map(([sku, product]) => [sku as string, text(product)]));
				const salesNow = new Map([...ledger.state.sales, ...ledger.state.refunds].map(([hash, sale]) => [hash as string, text(sale)]));
				for (const [sku, now] of stockNow) if (stock.get(sku) !== now) expect([...change.skus]).toContain(sku);
				for (const [sku, now] of productsNow) if (products.get(sku) !== now) expect([...change.products]).toContain(sku);
				for (const [hash, now] of salesNow) if (sales.get(hash) !== now) expect([...change.sales]).toContain(hash);
				[stock, products, sales] = [stockNow, productsNow, salesNow];
			}
		}),
		{ numRuns: 60 },
	);
});

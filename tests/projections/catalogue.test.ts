/** The numbered invariants of `projections/catalogue.ts` and `projections/catalogue-view.ts`. */
import { createLedger } from '#core/ledger/ledger.ts';
import {
	allRows,
	CACHE_PARTS,
	cachePartOf,
	catalogueRow,
	changedRows,
	isCatalogueWhole,
	compareRows,
	rowsBeside,
	retiredRows,
	rowsCalled,
	rowsInOrder,
} from '#projections/catalogue.ts';
import { EMPTY_CATALOGUE, updateCatalogue } from '#projections/catalogue-view.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';
import type { BranchId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedSetting, created, edited, ownPriced, priced, renamed, retired, sold } from '../support/facts.ts';
import { playSteps, steps } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';

const A = 'A' as Sku;

function row(sku: string, change: Partial<CatalogueRow> = {}): CatalogueRow {
	const replaces = { name: [], category: [], unit: [], gtins: [], taxRate: [], tracked: [], price: [] };
	return {
		...{ sku: sku as Sku, name: `Product ${sku}`, category: 'Things', unit: 'each', gtins: [], taxRate: 'standard', taxPercentMilli: 20_000 },
		...{ unitPriceE4: 10_000, tracked: true, onHandMilli: 0, retired: false, replaces, ...change },
	};
}

function plain({ bySku, byGtin, ...catalogue }: Catalogue): unknown {
	const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
	return { ...catalogue, bySku: [...bySku].sort(byKey), byGtin: [...byGtin].sort(byKey) };
}

describe('1. a row says what the ledger says', () => {
	test('price and its entry, tax, stock, and what an edit made now would replace', () => {
		const floor = openFloor({ A: 5 });
		const making = floor.shop.entries[1]!.hash;
		const price = floor.hub.does([priced('A', 12_500, [making])], { scope: 'store' });
		const one = floor.till1.does([renamed('A', 'Apple', [making])], { scope: 'store' });
		const two = floor.till2.does([renamed('A', 'Apfel', [making])], { scope: 'store' });
		floor.sell(floor.till1, 'A', 2);
		const ledger = floor.ledger();
		expect(catalogueRow(ledger, ledger.state.products.get(A)!, 0)).toMatchObject({
			...{ sku: 'A', name: 'Apfel', unitPriceE4: 12_500, price: price.hash, taxPercentMilli: 20_000, onHandMilli: 3_000, retired: false },
			replaces: { name: [one.hash, two.hash], category: [making], price: [price.hash] },
		});
	});

	test('the price of this branch and its entry, with what the store asks beside it; of another branch nothing', () => {
		const floor = openFloor({ A: 5, B: 5 });
		const [a, b] = ['A', 'B'].map((sku) => floor.ledger().state.products.get(sku as Sku)?.price?.replaces ?? []);
		const own = floor.hub.does([ownPriced('A', floor.shop.branch, 8_000), ownPriced('B', 'e1'.repeat(16) as BranchId, 9_000)], { scope: 'store' });
		const rowOf = (sku: string) => allRows(floor.ledger(), floor.shop.nowMs).find((one) => one.sku === sku);
		expect(rowOf('A')).toMatchObject({ unitPriceE4: 8_000, price: own.hash, replaces: { price: a } });
		expect(rowOf('A')?.extras).toEqual({ ownPrice: { storeE4: 10_000, isOwn: true, replaces: [own.hash] } });
		expect(rowOf('B')).toMatchObject({ unitPriceE4: 10_000, replaces: { price: b } });
		expect(rowOf('B')).not.toHaveProperty('extras');
		const end = floor.hub.does([ownPriced('A', floor.shop.branch, null, [own.hash])], { scope: 'store' });
		expect(rowOf('A')).toMatchObject({ unitPriceE4: 10_000, extras: { ownPrice: { isOwn: false, replaces: [end.hash] } } });
	});

	test('without a price there is none, and a rate that the shop does not know is no percent', () => {
		const floor = openFloor({ A: 1 });
		floor.hub.does([created('B', { taxRate: 'unheard' })], { scope: 'store' });
		const found = allRows(floor.ledger(), 0).find(({ sku }) => sku === ('B' as Sku));
		expect(found).toMatchObject({ taxPercentMilli: 0, onHandMilli: 0, replaces: { price: [] } });
		expect(found).not.toHaveProperty('unitPriceE4');
		expect(found).not.toHaveProperty('price');
	});

	test('only what changed is made anew: kept row by row, the catalogue is what it would be from the beginning', () => {
		fc.assert(
			fc.property(steps, fc.nat(7), (list, size) => {
				const { shop, entries } = playSteps(list);
				const ledger = createLedger({ store: shop.store, branch: shop.branch });
				let kept: Catalogue = EMPTY_CATALOGUE;
				const all = new Map<Sku, CatalogueRow>();
				for (let from = 0; from < entries.length; from += size + 1) {
					const change = ledger.add(entries.slice(from, from + size + 1));
					const whole = isCatalogueWhole(ledger, change);
					const rows = whole ? allRows(ledger, 0) : changedRows(ledger, change, 0);
					if (whole) all.clear();
					for (const one of rows) all.set(one.sku, one);
					kept = updateCatalogue(kept, { rows, whole, live: true });
				}
				const fresh = allRows(ledger, 0);
				expect([...all.values()].sort(compareRows)).toEqual([...fresh].sort(compareRows));
				expect(plain(kept)).toEqual(plain(updateCatalogue(EMPTY_CATALOGUE, { rows: fresh, whole: true, live: true })));
			}),
			{ numRuns: 150 },
		);
	});

	test('a sale touches the rows of what was sold, a tax rate all of them', () => {
		const floor = openFloor({ A: 5, B: 5, C: 5 });
		const ledger = floor.ledger();
		const change = ledger.add([floor.sell(floor.till1, 'B')]);
		expect(changedRows(ledger, change, 0).map(({ sku, onHandMilli }) => [sku, onHandMilli])).toEqual([['B', 4_000]]);
		const rates = ledger.add([
			floor.hub.does([changedSetting({ name: 'taxRates', value: [{ id: 'standard', name: 'Standard', percentMilli: 25_000 }] })], { scope: 'store' }),
		]);
		expect(changedRows(ledger, rates, 0).map(({ taxPercentMilli }) => taxPercentMilli)).toEqual([25_000, 25_000, 25_000]);
	});

	test('something sold that no product is leaves no row', () => {
		const floor = openFloor({ A: 5 });
		const ledger = floor.ledger();
		const change = ledger.add([floor.till1.does([sold([['X', 1, 100]], floor.till1.receipt())])]);
		expect(changedRows(ledger, change, 0)).toEqual([]);
	});
});

describe('2. the cache is in 64 parts by SKU', () => {
	test('every SKU is in one of them, always the same, and they fill evenly', () => {
		expect([cachePartOf(A), cachePartOf('a' as Sku)]).toEqual([cachePartOf(A), cachePartOf('a' as Sku)]);
		const sizes = Array.from({ length: CACHE_PARTS }, () => 0);
		for (let place = 0; place < 50_000; place += 1) sizes[cachePartOf(`SKU-${place}` as Sku)]! += 1;
		expect(Math.min(...sizes)).toBeGreaterThan(500);
		expect(Math.max(...sizes)).toBeLessThan(1_200);
	});
});

describe('rows beside the ones that were shown', () => {
	const shown = new Map([row('A'), row('B', { extras: { ageLimit: 18 } }), row('C')].map((one) => [one.sku, one]));

	test('those that say the same are left out, whoever made them; any other field is news', () => {
		expect(rowsBeside(shown, structuredClone([...shown.values()]))).toEqual([]);
		const changes: readonly CatalogueRow[] = [
			row('A', { onHandMilli: 1 }),
			row('B'),
			row('C', { replaces: { ...row('C').replaces, price: ['e' as EntryHash] } }),
			row('D'),
		];
		expect(rowsBeside(shown, changes)).toEqual(changes);
	});

	test('one that is gone is said by all of the others', () => {
		expect(rowsBeside(shown, [row('A'), row('B', { extras: { ageLimit: 18 } })])).toBeUndefined();
	});
});

test('rows in order are in the order of `compareRows`', () => {
	const names = fc.array(fc.tuple(fc.constantFrom('A', 'a', 'b', 'B', 'Ä', 'ba', 'Ba'), fc.string({ maxLength: 3 })), { maxLength: 30 });
	fc.assert(
		fc.property(names, (pairs) => {
			const rows = pairs.map(([name, sku]) => row(sku, { name }));
			expect(rowsInOrder(rows)).toEqual([...rows].sort(compareRows));
		}),
	);
});

describe('the page’s catalogue', () => {
	const shelf = updateCatalogue(EMPTY_CATALOGUE, {
		rows: [row('B', { name: 'banana', gtins: ['96385074' as Gtin] }), row('A', { name: 'Apple', category: 'Fruit' }), row('Z', { retired: true })],
		whole: true,
		live: false,
	});

	test('rows in order of name, maps for SKU and scanner, categories; retired ones are left out', () => {
		expect(shelf.rows.slice().map(({ name }) => name)).toEqual(['Apple', 'banana']);
		expect([...shelf.bySku.keys()].sort()).toEqual(['A', 'B']);
		expect(shelf.byGtin.get('96385074')?.map(({ sku }) => sku)).toEqual(['B']);
		expect(shelf.categories).toEqual(['Fruit', 'Things']);
	});

	test('1. what changed nothing is the same object; what changed is new, and the old one is as it was', () => {
		expect(updateCatalogue(shelf, { rows: [], whole: false, live: false })).toBe(shelf);
		const before = structuredClone(plain(shelf));
		const next = updateCatalogue(shelf, { rows: [row('A', { name: 'Apple', category: 'Fruit', onHandMilli: 7 })], whole: false, live: true });
		expect(plain(shelf)).toEqual(before);
		expect(next.rows).not.toBe(shelf.rows);
		expect(next.bySku).not.toBe(shelf.bySku);
		expect(next.bySku.get(A)?.onHandMilli).toBe(7);
		expect(next.rows.slice().find(({ sku }) => sku === A)?.onHandMilli).toBe(7);
	});

	test('1. a code leads to the row as it is now, to both where two share it, and nowhere once it is taken off', () => {
		const code = '96385074' as Gtin;
		const moved = updateCatalogue(shelf, { rows: [row('B', { name: 'banana', gtins: [code], onHandMilli: 3 })], whole: false, live: true });
		expect(moved.byGtin.get(code)?.map(({ onHandMilli }) => onHandMilli)).toEqual([3]);
		const shared = updateCatalogue(moved, { rows: [row('A', { name: 'Apple', category: 'Fruit', gtins: [code] })], whole: false, live: true });
		expect(shared.byGtin.get(code)?.map(({ sku }) => sku)).toEqual(['A', 'B']);
		const taken = updateCatalogue(shared, { rows: [row('B', { name: 'banana' })], whole: false, live: true });
		expect(taken.byGtin.get(code)?.map(({ sku }) => sku)).toEqual(['A']);
	});

	test('a product that is retired goes, one that comes back is there again', () => {
		const without = updateCatalogue(shelf, { rows: [row('A', { retired: true })], whole: false, live: true });
		expect(without.rows.slice().map(({ sku }) => sku)).toEqual(['B']);
		expect(without.categories).toEqual(['Things']);
		expect(updateCatalogue(without, { rows: [row('A')], whole: false, live: true }).rows).toHaveLength(2);
	});

	test('2. a sale among 50,000 products copies no map, and sorts nothing', () => {
		const rows = Array.from({ length: 50_000 }, (_, place) => row(`SKU-${place}`, { gtins: [String(place).padStart(13, '0') as Gtin] }));
		const many = updateCatalogue(EMPTY_CATALOGUE, { rows, whole: true, live: true });
		const sold = updateCatalogue(many, { rows: [{ ...rows[7]!, onHandMilli: 1 }], whole: false, live: true });
		expect(sold.bySku).not.toBeInstanceOf(Map); // The old map, looked through a few replaced rows.
		expect(sold.categories).toBe(many.categories);
		expect(
			sold.rows
				.slice()
				.filter((one, place) => one !== many.rows.at(place))
				.map(({ sku }) => sku),
		).toEqual(['SKU-7']);
	});
});

test('two tills whose entries came in another order show the same catalogue', () => {
	const floor = openFloor({ A: 5, B: 5 });
	const making = floor.shop.entries[1]!.hash;
	const late = [
		floor.till1.does([edited('A', { name: { value: 'Apple', replaces: [making] as EntryHash[] } })], { scope: 'store' }),
		floor.till2.does([retired('B')], { scope: 'store' }),
		floor.sell(floor.till2, 'A'),
	];
	const other = floor.ledger(...late);
	for (const entry of [...late].reverse()) other.add([entry]);
	expect([...allRows(other, 0)].sort(compareRows)).toEqual([...allRows(floor.ledger(), 0)].sort(compareRows));
});

test('what was taken off the list is found by name, SKU or barcode, without what became another product', () => {
	const floor = openFloor({ B: 1, A: 1, C: 1 });
	floor.hub.does([retired('B'), retired('A')], { scope: 'store' });
	floor.hub.does([{ type: 'product.merged', v: 1, sku: 'C', into: 'B' }], { scope: 'store' });
	const rows = retiredRows(floor.ledger(), 0);
	expect(rows.map(({ name }) => name)).toEqual(['Product A', 'Product B']);
	expect(rowsCalled(rows, ' product b').map(({ sku }) => sku)).toEqual(['B']);
	expect(rowsCalled(rows, '')).toEqual(rows);
	floor.hub.does([{ type: 'product.restored', v: 1, sku: 'A' }], { scope: 'store' });
	expect(retiredRows(floor.ledger(), 0).map(({ sku }) => sku)).toEqual(['B']);
});

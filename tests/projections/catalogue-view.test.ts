/** The numbered invariants of `projections/catalogue-view.ts`. */
import { compareRows } from '#projections/catalogue.ts';
import { EMPTY_CATALOGUE, updateCatalogue } from '#projections/catalogue-view.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { row } from '../support/catalogue-rows.ts';

const APPLE = row('APP', { name: 'Apple', category: 'Fruit', gtins: ['96385074'] });
const BREAD = row('BRE', { name: 'Bread', category: 'Bakery', gtins: ['0036000291452'] });
const CAKE = row('CAK', { name: 'cake', category: 'Bakery', gtins: ['0036000291452'] });

function whole(...rows: readonly CatalogueRow[]): Catalogue {
	return updateCatalogue(EMPTY_CATALOGUE, { rows, whole: true, live: true });
}

function change(before: Catalogue, ...rows: readonly CatalogueRow[]): Catalogue {
	return updateCatalogue(before, { rows, whole: false, live: true });
}

function skus({ rows }: Catalogue): readonly string[] {
	return rows.slice().map(({ sku }) => sku);
}

describe('1. arrays and maps are new when something in them changed, and the same when not', () => {
	test('nothing changed: the very same catalogue', () => {
		const before = whole(APPLE, BREAD);
		expect(change(before)).toBe(before);
	});

	test('only that the fold took over: the same arrays, live now', () => {
		const cached = updateCatalogue(EMPTY_CATALOGUE, { rows: [APPLE], whole: true, live: false });
		const live = change(cached);
		expect([cached.live, live.live]).toEqual([false, true]);
		expect([live.rows, live.byGtin]).toEqual([cached.rows, cached.byGtin]);
		expect(live.rows).toBe(cached.rows);
	});

	test('a row that changed is new everywhere, and whoever keeps the old catalogue keeps the old row', () => {
		const before = whole(APPLE, BREAD, CAKE);
		const sold = { ...BREAD, onHandMilli: 4000 };
		const after = change(before, sold);
		expect(after.rows.at(1)).toBe(sold);
		expect(after.bySku.get(BREAD.sku)).toBe(sold);
		expect(after.byGtin.get('0036000291452')).toEqual([sold, CAKE]);
		expect(before.rows.at(1)).toBe(BREAD);
		expect(before.bySku.get(BREAD.sku)).toBe(BREAD);
		expect(before.byGtin.get('0036000291452')).toEqual([BREAD, CAKE]);
		expect(after.categories).toBe(before.categories);
	});
});

describe('2. a row that keeps its name keeps its place', () => {
	test('a sale moves nothing, a new name does', () => {
		const before = whole(APPLE, BREAD, CAKE);
		expect(skus(change(before, { ...CAKE, onHandMilli: -1000, unitPriceE4: 1 }))).toEqual(['APP', 'BRE', 'CAK']);
		expect(skus(change(before, { ...CAKE, name: 'A cake' }))).toEqual(['CAK', 'APP', 'BRE']);
	});
});

test('rows are in order of name as people read it, whatever case', () => {
	const catalogue = whole(row('3', { name: 'banana' }), row('1', { name: 'Zucchini' }), row('2', { name: 'Apple' }), row('0', { name: 'apple' }));
	expect(skus(catalogue)).toEqual(['2', '0', '3', '1']);
});

test('a code that moved is found at its new product alone', () => {
	const before = whole(APPLE, BREAD);
	const after = change(before, { ...APPLE, gtins: [] }, { ...BREAD, gtins: [...BREAD.gtins, ...APPLE.gtins] });
	expect(after.byGtin.get('96385074')?.map(({ sku }) => sku)).toEqual(['BRE']);
	expect(change(after, { ...BREAD, gtins: [] }).byGtin.size).toBe(0);
});

test('a retired product leaves, with its code and its category, and comes back', () => {
	const before = whole(APPLE, BREAD);
	const without = change(before, { ...APPLE, retired: true });
	expect([skus(without), without.bySku.has(APPLE.sku), without.byGtin.has('96385074'), without.categories]).toEqual([
		['BRE'],
		false,
		false,
		['Bakery'],
	]);
	expect(change(without, APPLE)).toEqual(before);
	expect(skus(whole({ ...APPLE, retired: true }, BREAD))).toEqual(['BRE']);
});

test('the whole catalogue replaces what the cache had', () => {
	const cached = updateCatalogue(EMPTY_CATALOGUE, { rows: [APPLE, BREAD], whole: true, live: false });
	const folded = updateCatalogue(cached, { rows: [CAKE], whole: true, live: true });
	expect(folded).toEqual(whole(CAKE));
	expect(updateCatalogue(cached, { rows: [], whole: true, live: true })).toEqual({ ...EMPTY_CATALOGUE, live: true });
});

test('categories are in order of name, each once, and no category is none', () => {
	const catalogue = whole(APPLE, BREAD, CAKE, row('1', { name: 'x', category: 'apples' }), row('2', { name: 'y', category: '' }));
	expect(catalogue.categories).toEqual(['apples', 'Bakery', 'Fruit']);
});

test('changes one by one come to the same as all at once', () => {
	const product = fc.record({
		sku: fc.constantFrom('A', 'B', 'C', 'D', 'E'),
		name: fc.constantFrom('Milk', 'milk', 'Oats', 'Tea'),
		category: fc.constantFrom('', 'Dairy', 'Dry'),
		gtins: fc.uniqueArray(fc.constantFrom('96385074', '0036000291452', '6291041500213'), { maxLength: 2 }),
		onHandMilli: fc.integer(),
		retired: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(fc.array(product, { maxLength: 4 }), { maxLength: 8 }), (updates) => {
			let catalogue = EMPTY_CATALOGUE;
			const last = new Map<string, CatalogueRow>();
			for (const update of updates) {
				const rows = [...new Map(update.map(({ sku, ...fields }) => [sku, row(sku, fields)])).values()];
				for (const one of rows) last.set(one.sku, one);
				catalogue = updateCatalogue(catalogue, { rows, whole: false, live: true });
			}
			const expected = [...last.values()].filter(({ retired }) => !retired).sort(compareRows);
			expect(catalogue.rows).toEqual(expected);
			expect([...catalogue.bySku.values()].sort(compareRows)).toEqual(expected);
			for (const gtin of ['96385074', '0036000291452', '6291041500213'])
				expect(catalogue.byGtin.get(gtin) ?? []).toEqual(expected.filter(({ gtins }) => gtins.includes(gtin as never)));
			expect(catalogue.categories).toEqual(['Dairy', 'Dry'].filter((name) => expected.some(({ category }) => category === name)));
		}),
	);
});

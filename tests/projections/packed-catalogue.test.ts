/** The numbered invariants of `projections/packed-catalogue.ts`. */
import { packRows } from '#projections/catalogue-cache.ts';
import { EMPTY_CATALOGUE, rowsOfCategory, tilesOf, updateCatalogue } from '#projections/catalogue-view.ts';
import { openPacked } from '#projections/packed-catalogue.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { row } from '../support/catalogue-rows.ts';

const SKUS = ['A', 'B', 'C', 'D', 'E'] as const;
const GTINS = ['96385074', '0036000291452', '6291041500213'] as const;

/** All that a screen can ask of it. */
function readAll(catalogue: Catalogue) {
	const { rows, bySku, byGtin, variants, categories, deposits, live } = catalogue;
	return {
		...{ rows: [...rows], length: rows.length, ends: [rows.at(0), rows.at(-1), rows.at(rows.length)], middle: rows.slice(1, 3) },
		...{ variants: [...variants], categories, deposits, live },
		codes: [...SKUS, ...GTINS, ''].map((code) => [bySku.get(code as never), bySku.has(code as never), byGtin.get(code), byGtin.has(code)]),
		maps: [new Map(bySku), bySku.size, new Map(byGtin), byGtin.size],
		ofCategories: [...categories, 'None'].map((name) => rowsOfCategory(catalogue, name).slice()),
		tiles: [rows, ...categories.map((name) => rowsOfCategory(catalogue, name))].map((list) => tilesOf(list, variants).slice()),
	};
}

test('1. whatever the rows and whatever changes, it reads as the catalogue of the same rows as objects', () => {
	const product = fc.record({
		sku: fc.constantFrom(...SKUS),
		name: fc.constantFrom('Milk', 'milk', 'Oats', 'Tea'),
		category: fc.constantFrom('', 'Dairy', 'Dry'),
		gtins: fc.uniqueArray(fc.constantFrom(...GTINS), { maxLength: 2 }),
		onHandMilli: fc.integer({ min: 0, max: 5 }),
		retired: fc.boolean(),
		extras: fc.constantFrom(undefined, { deposit: 'A' }, { variant: { group: 'Mug', label: 'red' } }),
	});
	fc.assert(
		fc.property(fc.array(fc.array(product, { maxLength: 5 }), { minLength: 1, maxLength: 5 }), (updates) => {
			const [first = [], ...later] = updates.map((update) => [
				...new Map(
					update.map(({ sku, extras, ...fields }) => [sku, row(sku, extras === undefined ? fields : ({ ...fields, extras } as never))]),
				).values(),
			]);
			let plain = updateCatalogue(EMPTY_CATALOGUE, { rows: first, whole: true, live: false });
			let packed = openPacked(packRows(first), false);
			expect(readAll(packed)).toEqual(readAll(plain));
			for (const rows of later) {
				plain = updateCatalogue(plain, { rows, whole: false, live: true });
				packed = updateCatalogue(packed, { rows, whole: false, live: true });
				expect(readAll(packed)).toEqual(readAll(plain));
			}
		}),
	);
});

/** All lines of all parts are broken. */
function unreadable(rows: readonly CatalogueRow[]): Catalogue {
	const packed = packRows(rows);
	return openPacked({ ...packed, parts: packed.parts.map(() => new Uint8Array([0x3f])) }, true);
}

test('2. the first screen, its codes, the categories and the kinds are there without a line being read', () => {
	const rows = Array.from({ length: 300 }, (_, place) =>
		row(`S${1000 + place}`, { category: place < 50 ? 'Early' : 'Late', extras: { variant: { group: `G${place >> 1}`, label: 'x' } } }),
	);
	const catalogue = unreadable(rows);
	expect(catalogue.rows.slice(0, 60)).toEqual(rows.slice(0, 60));
	expect(rowsOfCategory(catalogue, 'Early').slice()).toEqual(rows.slice(0, 50));
	expect(tilesOf(catalogue.rows, catalogue.variants).slice(0, 20)).toEqual(rows.slice(0, 40).filter((_, place) => place % 2 === 0));
	expect(tilesOf(catalogue.rows, catalogue.variants)).toHaveLength(150);
	expect(catalogue.bySku.get('S1007' as never)).toEqual(rows[7]);
	expect(catalogue.bySku.get('NOWHERE' as never)).toBeUndefined();
	expect(() => catalogue.rows.at(200)).toThrow();
});

test('3. a sale works out no category and no list of buttons anew', () => {
	const rows = Array.from({ length: 300 }, (_, place) =>
		row(`S${1000 + place}`, { category: place < 50 ? 'Early' : 'Late', extras: { variant: { group: `G${place >> 1}`, label: 'x' } } }),
	);
	const shown = (catalogue: Catalogue) =>
		[catalogue.rows, rowsOfCategory(catalogue, 'Early')].map((list) => tilesOf(list, catalogue.variants).slice(0, 3));
	const before = openPacked(packRows(rows), true);
	expect(shown(before)[1]).toEqual([rows[0], rows[2], rows[4]]);
	const looked = vi.spyOn(Uint32Array.prototype, 'filter');
	const sold = { ...(rows[2] as CatalogueRow), onHandMilli: 1 };
	const after = updateCatalogue(before, { rows: [sold], whole: false, live: true });
	expect(shown(after)).toEqual([
		[rows[0], sold, rows[4]],
		[rows[0], sold, rows[4]],
	]);
	expect(looked).not.toHaveBeenCalled();
	looked.mockRestore();
});

test('4. what was sold is new here, and as it was for whoever keeps the catalogue of before', () => {
	const rows = Array.from({ length: 2_000 }, (_, place) => row(`S${1000 + place}`, { gtins: [String(place).padStart(13, '0')] }));
	const before = openPacked(packRows(rows), true);
	const sold = { ...(rows[1500] as CatalogueRow), onHandMilli: 1 };
	const after = updateCatalogue(before, { rows: [sold], whole: false, live: true });
	expect([after.rows.at(1500), after.bySku.get(sold.sku), after.byGtin.get('0000000001500')]).toEqual([sold, sold, [sold]]);
	expect([before.rows.at(1500), before.bySku.get(sold.sku)]).toEqual([rows[1500], rows[1500]]);
	expect(after.categories).toBe(before.categories);
	expect(updateCatalogue(after, { rows: [sold], whole: false, live: true }).rows).not.toBe(after.rows);
});

/** The favourites that a shop arranges, and what a code or a list of kinds finds: `projections/favourites.ts`, `find-code.ts`, `catalogue-view.ts`. */
import { readCode } from '#core/codes/read-code.ts';
import { EMPTY_CATALOGUE, tilesOf, updateCatalogue } from '#projections/catalogue-view.ts';
import { favouritePages, favouritesInOrder, moved, placesOf } from '#projections/favourites.ts';
import { findByCode } from '#projections/find-code.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { row } from '../support/catalogue-rows.ts';

const skus = (...names: string[]): Sku[] => names as Sku[];
const catalogue = (...rows: CatalogueRow[]) => updateCatalogue(EMPTY_CATALOGUE, { rows, whole: true, live: true });
const kind = (sku: string, label: string): CatalogueRow => row(sku, { extras: { variant: { group: 'T-shirt', label } } });

test('an order that was arranged is the order that is read, and what is added since comes last', () => {
	const order = skus('C', 'A', 'B');
	expect(favouritesInOrder(placesOf(order))).toEqual(order);
	expect(favouritesInOrder({ ...placesOf(order), D: 1_790_000_000_000 })).toEqual(skus('C', 'A', 'B', 'D'));
});

test('moving one moves no other past another, and loses none', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(30), fc.integer({ min: -3, max: 40 }), (names, from, to) => {
			const order = names as Sku[];
			const sku = order[from % order.length]!;
			const next = moved(order, sku, to);
			expect(next.filter((other) => other !== sku)).toEqual(order.filter((other) => other !== sku));
			expect(next.indexOf(sku)).toBe(Math.max(0, Math.min(order.length - 1, to)));
		}),
	);
	expect(moved(skus('A'), 'X' as Sku, 0)).toEqual(['A']);
});

test('pages hold all of them, in order', () => {
	const many = Array.from({ length: 60 }, (_, place) => `P${place}` as Sku);
	expect(favouritePages(many).map((page) => page.length)).toEqual([25, 25, 10]);
	expect(favouritePages(many).flat()).toEqual(many);
	expect(favouritePages([])).toEqual([]);
});

test('a code finds the shop’s own name first, then the most exact barcode, then what the scale’s digits name', () => {
	const schemes = [{ prefix: '21', itemDigits: 5, verifier: false, holds: 'weight', decimals: 3 }] as const;
	const shelf = catalogue(
		row('A', { gtins: ['5000169005170'] }),
		row('B', { gtins: ['5000169005170'] }),
		row('1234', { unit: 'kg' }),
		row('2101234008409'),
	);
	const find = (text: string): string[] => findByCode(shelf, readCode(text, [...schemes])).map(({ sku }) => sku);
	expect(find('5000169005170')).toEqual(['A', 'B']);
	expect(find('2101234007808')).toEqual(['1234']);
	expect(find('2101234008409')).toEqual(['2101234008409']);
	expect(find('4006381333931')).toEqual([]);
});

test('of what there is in several kinds one button is shown, and a sale makes no new list of them', () => {
	const shelf = catalogue(kind('T1', 'red'), row('M', { extras: { variant: { group: 'Mug', label: 'blue' } } }), kind('T2', 'blue'), row('X'));
	expect(
		tilesOf(shelf.rows, shelf.variants)
			.slice()
			.map(({ sku }) => sku),
	).toEqual(['M', 'T1', 'X']);
	const sold = updateCatalogue(shelf, { rows: [{ ...kind('T1', 'red'), onHandMilli: 4000 }], whole: false, live: true });
	expect(sold.variants).toBe(shelf.variants);
	const parted = updateCatalogue(sold, { rows: [row('T2')], whole: false, live: true });
	expect([...parted.variants]).toEqual([]);
	expect(tilesOf(parted.rows, parted.variants)).toBe(parted.rows);
});

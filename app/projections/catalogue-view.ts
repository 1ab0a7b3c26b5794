/**
 * The page's catalogue: rows in order of name, with the maps that a scanner needs.
 *
 * 1. The arrays and maps are new whenever something in them changed, and the same when not.
 * 2. A row that keeps its name keeps its place: a sale among 50,000 products sorts nothing.
 */
import type { Sku } from '#schemas/ids.ts';
import { compareNames, compareRows } from './catalogue.ts';
import type { CatalogueRow } from './rows.ts';
import type { Catalogue } from './views.ts';

export interface CatalogueUpdate {
	readonly rows: readonly CatalogueRow[];
	/** True: these are all there are. */
	readonly whole: boolean;
	readonly live: boolean;
}

export const EMPTY_CATALOGUE: Catalogue = { rows: [], bySku: new Map(), byGtin: new Map(), categories: [], live: false };

export function updateCatalogue(before: Catalogue, { rows, whole, live }: CatalogueUpdate): Catalogue {
	if (rows.length === 0 && !whole) return before.live === live ? before : { ...before, live };
	const offered = rows.filter(({ retired }) => !retired);
	const kept = whole ? false : rows.every((row) => !row.retired && keepsPlace(before.bySku.get(row.sku), row));
	const bySku = new Map<Sku, CatalogueRow>(whole ? [] : before.bySku);
	for (const row of rows) {
		if (row.retired) bySku.delete(row.sku);
		else bySku.set(row.sku, row);
	}
	const changed = new Map(offered.map((row) => [row.sku, row]));
	const ordered = kept ? before.rows.map((row) => changed.get(row.sku) ?? row) : [...bySku.values()].sort(compareRows);
	const byGtin = kept && rows.every((row) => sameGtins(before.bySku.get(row.sku), row)) ? new Map(before.byGtin) : gtinsOf(ordered);
	// Rows under a code must be the new ones, also where the code itself did not change.
	for (const row of offered)
		for (const gtin of row.gtins)
			byGtin.set(
				gtin,
				(byGtin.get(gtin) ?? []).map((other) => (other.sku === row.sku ? row : other)),
			);
	const categories = kept
		? before.categories
		: [...new Set(ordered.map(({ category }) => category))].filter((name) => name !== '').sort(compareNames);
	return { rows: ordered, bySku, byGtin, categories, live };
}

function keepsPlace(before: CatalogueRow | undefined, now: CatalogueRow): boolean {
	return before !== undefined && before.name === now.name && before.category === now.category;
}

function sameGtins(before: CatalogueRow | undefined, now: CatalogueRow): boolean {
	return before !== undefined && before.gtins.length === now.gtins.length && before.gtins.every((gtin, place) => gtin === now.gtins[place]);
}

function gtinsOf(rows: readonly CatalogueRow[]): Map<string, readonly CatalogueRow[]> {
	const byGtin = new Map<string, CatalogueRow[]>();
	for (const row of rows) {
		for (const gtin of row.gtins) {
			const known = byGtin.get(gtin);
			if (known === undefined) byGtin.set(gtin, [row]);
			else known.push(row);
		}
	}
	return byGtin;
}

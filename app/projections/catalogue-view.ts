/**
 * The page's catalogue: rows in order of name, with the maps that a scanner needs.
 *
 * 1. The arrays and maps are new whenever something in them changed, and the same when not.
 * 2. A row that keeps its name keeps its place: a sale among 50,000 products sorts nothing, and copies no map.
 */
import type { Sku } from '#schemas/ids.ts';
import { compareRows, rowsInOrder } from './catalogue.ts';
import { categoriesOf, depositsOf, gtinsOf, kindsOf } from './catalogue-index.ts';
import { packedOfCategory, packedTiles, replacePacked } from './packed-catalogue.ts';
import { ReplacedMap } from './replaced-map.ts';
import type { CatalogueRow } from './rows.ts';
import type { Catalogue, RowList } from './views.ts';

export interface CatalogueUpdate {
	readonly rows: readonly CatalogueRow[];
	/** True: these are all there are. */
	readonly whole: boolean;
	readonly live: boolean;
}

export const EMPTY_CATALOGUE: Catalogue = {
	...{ rows: [], bySku: new Map(), byGtin: new Map(), variants: new Map(), categories: [], deposits: [], live: false },
};

export function updateCatalogue(before: Catalogue, { rows, whole, live }: CatalogueUpdate): Catalogue {
	if (rows.length === 0 && !whole) return before.live === live ? before : { ...before, live };
	if (!whole && rows.every((row) => !row.retired && isSameButFigures(before.bySku.get(row.sku), row))) return replaceRows(before, rows, live);
	const bySku = new Map<Sku, CatalogueRow>(whole ? [] : before.bySku);
	for (const row of rows) {
		if (row.retired) bySku.delete(row.sku);
		else bySku.set(row.sku, row);
	}
	const ordered = rowsInOrder([...bySku.values()]);
	const variants = new Map(kindsOf(ordered).map(({ group, skus }) => [group, skus]));
	return { rows: ordered, bySku, byGtin: gtinsOf(ordered), variants, categories: categoriesOf(ordered), deposits: depositsOf(ordered), live };
}

/** Nothing but figures changed, stock or price: no place, code or category. */
function replaceRows(before: Catalogue, rows: readonly CatalogueRow[], live: boolean): Catalogue {
	const packed = replacePacked(before, rows, live);
	if (packed !== undefined) return packed;
	const bySku = ReplacedMap.of(before.bySku, new Map(rows.map((row) => [row.sku, row])));
	const codes = new Set(rows.flatMap(({ gtins }) => gtins));
	const byGtin = new Map<string, readonly CatalogueRow[]>();
	for (const code of codes)
		byGtin.set(
			code,
			(before.byGtin.get(code) ?? []).map((row) => bySku.get(row.sku) ?? row),
		);
	const { variants, categories, deposits } = before;
	return { rows: putInPlace(before.rows, rows), bySku, byGtin: ReplacedMap.of(before.byGtin, byGtin), variants, categories, deposits, live };
}

/** Rows that keep their place are found by halves: 50,000 are copied, and none but these is looked at. */
function putInPlace(before: RowList, changed: readonly CatalogueRow[]): readonly CatalogueRow[] {
	const rows = before.slice();
	for (const row of changed) {
		let from = 0;
		let to = rows.length;
		while (from < to) {
			const middle = (from + to) >>> 1;
			const there = rows[middle];
			if (there !== undefined && compareRows(there, row) < 0) from = middle + 1;
			else to = middle;
		}
		if (rows[from]?.sku !== row.sku) throw new Error(`${row.sku} is not where its name puts it: at ${from} of ${rows.length} rows`);
		rows[from] = row;
	}
	return rows;
}

function isSameButFigures(before: CatalogueRow | undefined, now: CatalogueRow): boolean {
	if (before === undefined || before.name !== now.name || before.category !== now.category) return false;
	if (before.extras?.variant?.group !== now.extras?.variant?.group || before.extras?.deposit !== now.extras?.deposit) return false;
	return before.gtins.length === now.gtins.length && before.gtins.every((gtin, place) => gtin === now.gtins[place]);
}

/** Of all rows. */
export function rowsOfCategory({ rows }: Pick<Catalogue, 'rows'>, category: string): RowList {
	return packedOfCategory(rows, category) ?? rows.slice().filter((row) => row.category === category);
}

/** A list as buttons to press: of what there is in several kinds only the first, which asks which. The list itself where there is nothing of the sort. */
export function tilesOf(rows: RowList, variants: Catalogue['variants']): RowList {
	if (variants.size === 0) return rows;
	const packed = packedTiles(rows);
	if (packed !== undefined) return packed;
	const shown = new Set<string>();
	return rows.slice().filter(({ extras }) => {
		const group = extras?.variant?.group;
		if (group === undefined || !variants.has(group)) return true;
		if (shown.has(group)) return false;
		shown.add(group);
		return true;
	});
}

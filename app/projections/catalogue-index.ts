/** What screens ask of all rows at once, worked out of rows in the order of `compareRows`. */
import type { Sku } from '#schemas/ids.ts';
import { compareNames } from './catalogue.ts';
import type { CatalogueRow } from './rows.ts';

/** Products that are one in several kinds. */
export interface Kinds {
	/** What they have in common. */
	readonly group: string;
	readonly skus: readonly Sku[];
	/** Among the rows. */
	readonly places: readonly number[];
}

export function categoriesOf(rows: readonly CatalogueRow[]): readonly string[] {
	return [...new Set(rows.map(({ category }) => category))].filter((name) => name !== '').sort(compareNames);
}

export function gtinsOf(rows: Iterable<CatalogueRow>): Map<string, readonly CatalogueRow[]> {
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

/** A kind that is alone is none. */
export function kindsOf(rows: readonly CatalogueRow[]): readonly Kinds[] {
	const groups = new Map<string, { readonly group: string; readonly skus: Sku[]; readonly places: number[] }>();
	for (const [place, { sku, extras }] of rows.entries()) {
		const group = extras?.variant?.group;
		if (group === undefined) continue;
		const known = groups.get(group) ?? { group, skus: [], places: [] };
		groups.set(group, known);
		known.skus.push(sku);
		known.places.push(place);
	}
	return [...groups.values()].filter(({ skus }) => skus.length > 1);
}

/** What is charged as a deposit of something that is sold. */
export function depositsOf(rows: readonly CatalogueRow[]): readonly Sku[] {
	return [...new Set(rows.flatMap(({ extras }) => extras?.deposit ?? []))];
}

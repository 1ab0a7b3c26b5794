/** The kinds of empties that a shop takes back: what is the deposit of something that it sells, and has a price. */
import type { Sku } from '#schemas/ids.ts';
import { compareNames } from './catalogue.ts';
import type { CatalogueRow } from './rows.ts';

export type DepositRow = CatalogueRow & { readonly unitPriceE4: number };

/** `rows`: what is offered. The cheapest first: bottles before crates. */
export function depositRows(rows: readonly CatalogueRow[], bySku: ReadonlyMap<Sku, CatalogueRow>): readonly DepositRow[] {
	const skus = new Set(rows.flatMap(({ extras }) => extras?.deposit ?? []));
	return [...skus]
		.flatMap((sku) => bySku.get(sku) ?? [])
		.filter((row): row is DepositRow => row.unitPriceE4 !== undefined)
		.sort((a, b) => a.unitPriceE4 - b.unitPriceE4 || compareNames(a.name, b.name));
}

export function takesDeposits(rows: readonly CatalogueRow[]): boolean {
	return rows.some(({ extras }) => extras?.deposit !== undefined);
}

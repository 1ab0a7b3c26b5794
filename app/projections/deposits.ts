/** The kinds of empties that a shop takes back: what is the deposit of something that it sells, and has a price. */
import { compareNames } from './catalogue.ts';
import type { CatalogueRow } from './rows.ts';
import type { Catalogue } from './views.ts';

export type DepositRow = CatalogueRow & { readonly unitPriceE4: number };

/** The cheapest first: bottles before crates. */
export function depositRows({ deposits, bySku }: Pick<Catalogue, 'deposits' | 'bySku'>): readonly DepositRow[] {
	return deposits
		.flatMap((sku) => bySku.get(sku) ?? [])
		.filter((row): row is DepositRow => row.unitPriceE4 !== undefined)
		.sort((a, b) => a.unitPriceE4 - b.unitPriceE4 || compareNames(a.name, b.name));
}

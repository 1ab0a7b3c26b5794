/** Catalogue rows for tests of what reads them. */
import type { CatalogueRow } from '#projections/rows.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';

export function row(
	sku: string,
	{ gtins = [], ...fields }: Partial<Omit<CatalogueRow, 'gtins'>> & { readonly gtins?: readonly string[] } = {},
): CatalogueRow {
	return {
		...{ sku: sku as Sku, name: `Product ${sku}`, category: 'Things', unit: 'each', gtins: gtins as readonly Gtin[], taxRate: 'standard' },
		...{ taxPercentMilli: 20_000, unitPriceE4: 10_000, tracked: true, onHandMilli: 5000, retired: false },
		replaces: { name: [], category: [], unit: [], gtins: [], taxRate: [], tracked: [], price: [] },
		...fields,
	};
}

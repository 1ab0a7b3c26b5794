/** What a scanned or typed code means on the screens of goods: a product by its barcode, or by the shop's own code. */
import { normalizeGtin } from '#core/gtin.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';
import type { Sku } from '#schemas/ids.ts';

/** More than one: two products share the code, and somebody chooses. */
export function rowsOfCode(catalogue: Catalogue, code: string): readonly CatalogueRow[] {
	const text = code.trim();
	const byGtin = catalogue.byGtin.get(normalizeGtin(text) ?? text);
	if (byGtin !== undefined && byGtin.length > 0) return byGtin;
	const bySku = catalogue.bySku.get(text as Sku);
	return bySku === undefined ? [] : [bySku];
}

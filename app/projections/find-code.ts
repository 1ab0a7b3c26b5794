/** The products that a scanned code means: none, one, or several to choose from. */
import type { ScannedCode } from '#core/codes/read-code.ts';
import type { Sku } from '#schemas/ids.ts';
import type { CatalogueRow } from './rows.ts';
import type { Catalogue } from './views.ts';

/** The shop's own name for a product rules; then the most exact of the barcodes that is on any. */
export function findByCode({ bySku, byGtin }: Pick<Catalogue, 'bySku' | 'byGtin'>, code: ScannedCode): readonly CatalogueRow[] {
	const own = bySku.get(code.text as Sku);
	if (own !== undefined) return [own];
	for (const gtin of code.gtins) {
		const rows = byGtin.get(gtin);
		if (rows !== undefined && rows.length > 0) return rows;
	}
	for (const sku of code.skus) {
		const row = bySku.get(sku);
		if (row !== undefined) return [row];
	}
	return [];
}

/** What a scanned or typed code means on every screen but Sell, which asks more about it: a product by any code that Sell understands. */
import { readCode } from '#core/codes/read-code.ts';
import { findByCode } from '#projections/find-code.ts';
import type { CatalogueRow, ShopRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';

/** More than one: products share the code, and somebody chooses. `schemes`: how this shop's scales write theirs. */
export function rowsOfCode(catalogue: Pick<Catalogue, 'bySku' | 'byGtin'>, code: string, schemes: ShopRow['measuredCodes']): readonly CatalogueRow[] {
	return findByCode(catalogue, readCode(code.trim(), schemes));
}

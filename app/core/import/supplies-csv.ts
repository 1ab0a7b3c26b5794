/**
 * What a supplier has, from the price list it sends as CSV: rows of texts in, terms by product and every bad row out.
 *
 * 1. A row names a product of the shop by its SKU or its barcode. What the shop does not have is no mistake of the list: it is counted and left out.
 * 2. A bad row is named by its line and what is wrong with it, and never stops the rest.
 */
import { normalizeGtin } from '#core/gtin.ts';
import type { SupplyDraft } from '#core/intent.ts';
import { decimalMarkOf, parseDecimal } from '#core/money.ts';
import type { Sku } from '#schemas/ids.ts';

export interface SupplyFile {
	readonly supplies: readonly SupplyDraft[];
	readonly badRows: readonly { readonly line: number; readonly reason: string }[];
	/** Rows of products that the shop does not have. */
	readonly others: number;
}

/** As in `products-csv.ts`. */
const COLUMNS = {
	sku: ['sku', 'shopcode', 'oursku'],
	gtin: ['gtin', 'ean', 'ean13', 'upc', 'barcode'],
	code: ['code', 'suppliercode', 'articlenumber', 'itemcode', 'productcode', 'article', 'reference'],
	case: ['case', 'casesize', 'pack', 'packsize', 'unitspercase', 'percase'],
	cost: ['cost', 'costprice', 'netprice', 'price', 'unitcost', 'purchaseprice'],
} as const;
type Column = keyof typeof COLUMNS;

const MOST_CODE = 60;
const MOST_CASE_MILLI = 1e12;
const MOST_COST_E4 = 1e14;

/** `productOf`: the shop's product by its SKU or its normal barcode. */
export function suppliesOfCsv(rows: readonly (readonly string[])[], productOf: (code: string) => Sku | undefined): SupplyFile {
	const header = (rows[0] ?? []).map((cell) => cell.toLowerCase().replace(/[^\p{L}\d]/gu, ''));
	const places = new Map<Column, number>();
	for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
		const place = names.map((name) => header.indexOf(name)).find((found) => found >= 0);
		if (place !== undefined) places.set(column, place);
	}
	if (!places.has('sku') && !places.has('gtin'))
		return { supplies: [], others: 0, badRows: [{ line: 1, reason: 'The first line must name the columns. Missing: sku or barcode.' }] };
	const costPlace = places.get('cost') ?? -1;
	const mark = decimalMarkOf(rows.slice(1).map((cells) => cells[costPlace] ?? ''));
	const supplies = new Map<Sku, SupplyDraft>();
	const badRows: { line: number; reason: string }[] = [];
	let others = 0;
	for (const [place, cells] of rows.slice(1).entries()) {
		if (cells.every((cell) => cell.trim() === '')) continue;
		const cell = (column: Column): string => (cells[places.get(column) ?? -1] ?? '').trim();
		const gtin = normalizeGtin(cell('gtin'));
		const sku = (cell('sku') === '' ? undefined : productOf(cell('sku'))) ?? (gtin === undefined ? undefined : productOf(gtin));
		if (sku === undefined) {
			others += 1;
			continue;
		}
		const caseMilli = cell('case') === '' ? 1000 : parseDecimal(cell('case'), 3, mark);
		const costE4 = cell('cost') === '' ? undefined : parseDecimal(cell('cost'), 4, mark);
		const reason =
			caseMilli === undefined || caseMilli <= 0 || caseMilli > MOST_CASE_MILLI
				? `The case size "${cell('case').slice(0, 40)}" is no number above 0.`
				: cell('cost') !== '' && (costE4 === undefined || costE4 > MOST_COST_E4)
					? `The cost "${cell('cost').slice(0, 40)}" is no amount.`
					: cell('code').length > MOST_CODE
						? `The code is longer than ${MOST_CODE} characters.`
						: undefined;
		if (reason !== undefined || caseMilli === undefined) badRows.push({ line: place + 2, reason: reason ?? '' });
		else
			supplies.set(sku, {
				sku,
				terms: { ...(cell('code') === '' ? {} : { code: cell('code') }), caseMilli, ...(costE4 === undefined ? {} : { costE4 }) },
			});
	}
	return { supplies: [...supplies.values()], badRows, others };
}

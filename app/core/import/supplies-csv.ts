/**
 * What a supplier has, from the price list it sends as CSV: rows of texts in, terms by product and every bad row out.
 *
 * 1. A row names a product of the shop by its SKU or its barcode. What the shop does not have is no mistake of the list: it is counted and left out.
 * 2. A bad row is named by its line and what is wrong with it, and never stops the rest.
 */
import { normalizeGtin } from '#core/gtin.ts';
import type { SupplyDraft } from '#core/intent.ts';
import { decimalMarkOf, parseDecimal, type DecimalMark } from '#core/money.ts';
import type { Sku } from '#schemas/ids.ts';
import { columnsOf } from './columns.ts';
import { unread, type BadRow, type RowProblem } from './row-problem.ts';

export interface SupplyFile {
	readonly supplies: readonly SupplyDraft[];
	readonly badRows: readonly BadRow[];
	/** Rows of products that the shop does not have. */
	readonly others: number;
}

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
	const { places, titleOf, cellOf } = columnsOf<Column>(rows[0] ?? [], COLUMNS);
	if (!places.has('sku') && !places.has('gtin')) return { supplies: [], others: 0, badRows: [{ line: 1, why: { problem: 'no-product-column' } }] };
	const costPlace = places.get('cost') ?? -1;
	const mark = decimalMarkOf(rows.slice(1).map((cells) => cells[costPlace] ?? ''));
	const supplies = new Map<Sku, SupplyDraft>();
	const badRows: BadRow[] = [];
	let others = 0;
	for (const [place, cells] of rows.slice(1).entries()) {
		if (cells.every((cell) => cell.trim() === '')) continue;
		const cell = (column: Column): string => cellOf(cells, column);
		const gtin = normalizeGtin(cell('gtin'));
		const sku = (cell('sku') === '' ? undefined : productOf(cell('sku'))) ?? (gtin === undefined ? undefined : productOf(gtin));
		if (sku === undefined) {
			others += 1;
			continue;
		}
		const terms = termsOf(cell, titleOf, mark);
		if ('problem' in terms) badRows.push({ line: place + 2, why: terms });
		else supplies.set(sku, { sku, terms });
	}
	return { supplies: [...supplies.values()], badRows, others };
}

function termsOf(
	cell: (column: Column) => string,
	titleOf: (column: Column) => string,
	mark: DecimalMark | undefined,
): NonNullable<SupplyDraft['terms']> | RowProblem {
	const [code, size, cost] = [cell('code'), cell('case'), cell('cost')];
	const caseMilli = size === '' ? 1000 : parseDecimal(size, 3, mark);
	if (caseMilli === undefined || caseMilli <= 0 || caseMilli > MOST_CASE_MILLI) return unread('case-unreadable', size);
	const costE4 = cost === '' ? undefined : parseDecimal(cost, 4, mark);
	if (cost !== '' && (costE4 === undefined || costE4 > MOST_COST_E4)) return unread('cost-unreadable', cost);
	if (code.length > MOST_CODE) return { problem: 'too-long', column: titleOf('code'), most: MOST_CODE };
	return { ...(code === '' ? {} : { code }), caseMilli, ...(costE4 === undefined ? {} : { costE4 }) };
}

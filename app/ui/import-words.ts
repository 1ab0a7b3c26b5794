/** What is the matter with a row of a file, and what to do, in the words of whoever chose the file. */
import type { RowProblem, UnreadCell } from '#core/import/row-problem.ts';
import { formatList, inOwnDirection } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';

export function rowProblemText(why: RowProblem): string {
	switch (why.problem) {
		case 'columns-missing':
			return m.import_columns_missing({ columns: formatList(why.columns, 'none') });
		case 'no-product-column':
			return m.import_no_product_column();
		case 'empty':
			return m.import_empty({ column: why.column });
		case 'too-long':
			return m.import_too_long({ column: why.column, most: why.most });
		case 'sku-twice':
			return m.import_sku_twice({ sku: why.sku, line: why.before });
		case 'contact-twice':
			return m.import_contact_twice({ text: inOwnDirection(why.text), column: why.column, line: why.before });
		case 'product-unknown':
			return m.import_product_unknown({ sku: why.sku, column: why.column });
		case 'barcodes-too-many':
			return m.import_barcodes_too_many({ count: why.count, most: why.most });
		case 'tax-unknown':
			return m.import_tax_unknown({ text: why.text, rates: formatList(why.rates, 'none') });
		default:
			return UNREAD[why.problem]({ text: why.text });
	}
}

/** What is thrown by reading a file as CSV: its reader knows in which line it lost its way. */
export function unreadableText(error: unknown): string {
	const line = typeof error === 'object' && error !== null && 'lines' in error && typeof error.lines === 'number' ? error.lines : undefined;
	return line === undefined ? m.import_unreadable() : m.import_unreadable_from({ line });
}

const UNREAD: Readonly<Record<UnreadCell, (cell: { text: string }) => string>> = {
	'price-unreadable': m.import_price_unreadable,
	'price-too-high': m.import_price_too_high,
	'barcode-shortened': m.import_barcode_shortened,
	'barcode-wrong': m.import_barcode_wrong,
	'unit-unknown': m.import_unit_unknown,
	'stock-unreadable': m.import_stock_unreadable,
	'stock-not-whole': m.import_stock_not_whole,
	'stock-too-much': m.import_stock_too_much,
	'tracked-unclear': m.import_tracked_unclear,
	'age-unreadable': m.import_age_unreadable,
	'email-wrong': m.import_email_wrong,
	'phone-shortened': m.import_phone_shortened,
	'pack-unreadable': m.import_pack_unreadable,
	'case-unreadable': m.import_case_unreadable,
	'cost-unreadable': m.import_cost_unreadable,
};

/** What is the matter with a row of a file: a name and what stands there. Screens say it in their own language (`#ui/import-words.ts`). */

export type RowProblem =
	| { readonly problem: 'columns-missing'; readonly columns: readonly string[] }
	/** Neither SKU nor barcode, so that no row says which product it is of. */
	| { readonly problem: 'no-product-column' }
	/** `column` as the file calls it. */
	| { readonly problem: 'empty'; readonly column: string }
	| { readonly problem: 'too-long'; readonly column: string; readonly most: number }
	| { readonly problem: 'sku-twice'; readonly sku: string; readonly before: number }
	/** A phone, an address or a card of an earlier line. */
	| { readonly problem: 'contact-twice'; readonly column: string; readonly text: string; readonly before: number }
	/** Neither the shop nor the file has such another product. */
	| { readonly problem: 'product-unknown'; readonly column: string; readonly sku: string }
	| { readonly problem: 'barcodes-too-many'; readonly count: number; readonly most: number }
	| { readonly problem: 'tax-unknown'; readonly text: string; readonly rates: readonly string[] }
	| { readonly problem: UnreadCell; readonly text: string };

/** A cell from which nothing can be taken; what stands in it is cut short. */
export type UnreadCell =
	| 'price-unreadable'
	| 'price-too-high'
	| 'barcode-shortened'
	| 'barcode-wrong'
	| 'unit-unknown'
	| 'stock-unreadable'
	| 'stock-not-whole'
	| 'stock-too-much'
	| 'tracked-unclear'
	| 'age-unreadable'
	| 'email-wrong'
	| 'phone-shortened'
	| 'pack-unreadable'
	| 'case-unreadable'
	| 'cost-unreadable';

export interface BadRow {
	/** Line in the file, from 1; the header is line 1. */
	readonly line: number;
	readonly why: RowProblem;
}

export function unread(problem: UnreadCell, text: string): RowProblem {
	return { problem, text: shownCell(text) };
}

/** A cell may be a whole page by mistake. */
export function shownCell(text: string): string {
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

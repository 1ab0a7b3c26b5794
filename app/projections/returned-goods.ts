/** Goods that came back and lie beside the shelf, for whoever sells them from there. */
import type { ReturnedLineState } from '#core/ledger/books/returned-goods.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { GoodsContext } from './goods.ts';

export interface ReturnedRow {
	readonly refund: EntryHash;
	/** Of what the refund took back. */
	readonly line: number;
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	/** Not sold again yet, as far as this till knows. */
	readonly leftMilli: number;
	/** The receipt by which it came back. */
	readonly number: string;
	readonly atMs: number;
}

/** What lies there longest first; nothing of which all is sold again. */
export function returnedRows({ ledger }: GoodsContext): readonly ReturnedRow[] {
	return ledger.state.books.returnedGoods
		.values()
		.flatMap((state) => rowOf(ledger, state))
		.sort((a, b) => a.atMs - b.atMs || a.line - b.line);
}

function rowOf(
	{ state }: GoodsContext['ledger'],
	{ refund, line, sku, name, returnedMilli, resoldMilli }: ReturnedLineState,
): readonly ReturnedRow[] {
	const leftMilli = returnedMilli - resoldMilli;
	const back = state.refunds.get(refund) ?? state.sales.get(refund);
	if (sku === undefined || back === undefined || leftMilli <= 0) return [];
	const product = state.products.get(sku);
	return [
		{
			...{ refund, line, sku, name: name ?? sku, unit: product?.unit.value ?? 'each', leftMilli },
			...{ number: printReceipt(back.fact.receipt), atMs: back.entry.header.at },
		},
	];
}

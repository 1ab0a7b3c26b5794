/**
 * What is sold of each product lately, beside what is on hand: kept from one question to the next, for walking every movement of 50,000 products takes longer
 * than a worker may be busy.
 *
 * 1. The figures are the fold's at the moment of asking: what was touched is read anew, and so is what has a sale that is too old by now.
 * 2. Whoever keeps one touches whatever reads differently. What nobody sold lately and nobody set levels for is not kept.
 * 3. At first everything is touched; read ahead in pieces, the first question is as quick as any.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { ProductState } from '#core/ledger/state.ts';
import { SALES_DAYS } from '#core/reorder.ts';
import type { StockLevels } from '#schemas/facts/levels-set.ts';
import type { Sku } from '#schemas/ids.ts';

export interface Wanted {
	readonly product: ProductState;
	/** Thousandths. */
	readonly onHandMilli: number;
	/** Thousandths, what came back taken off. */
	readonly soldMilli: number;
	/** The oldest sale in it: whoever asks from a later moment needs another figure. */
	readonly oldestMs: number;
	readonly levels: StockLevels | undefined;
}

export interface Demand {
	/** Movements, stock on hand, or the product itself. */
	touch(skus: Iterable<Sku>): void;
	/** Reads some of what was touched before anybody asks: the first question is not for all of them. */
	readAhead(sinceMs: number): void;
	/** In no order. `sinceMs`: what was sold before is not asked for. */
	since(sinceMs: number): Iterable<Wanted>;
}

/** From when on what was sold says what will be. */
export function soldSinceMs(nowMs: number): number {
	return nowMs - SALES_DAYS * 86_400_000;
}

export function createDemand(ledger: Pick<Ledger, 'state'>, onHandMilli: (sku: Sku) => number): Demand {
	const kept = new Map<Sku, Wanted>();
	/** Undefined: everything. */
	let touched: Set<Sku> | undefined;
	let askedMs = -Infinity;

	function toRead(sinceMs: number): Set<Sku> {
		// A clock that was set back lets in what was too old.
		if (touched === undefined || sinceMs < askedMs) touched = new Set(ledger.state.products.keys());
		askedMs = sinceMs;
		return touched;
	}

	function read(sku: Sku, sinceMs: number): void {
		const { state } = ledger;
		const product = state.products.get(sku);
		const isKept = product !== undefined && !product.retired && product.tracked.value;
		const { milli: soldMilli, oldestMs } = (isKept ? state.stock.get(sku)?.soldSince(sinceMs) : undefined) ?? NOTHING_SOLD;
		const levels = isKept ? state.books.levels.get(sku) : undefined;
		if (isKept && (levels !== undefined || oldestMs !== Infinity))
			kept.set(sku, { product, onHandMilli: onHandMilli(sku), soldMilli, oldestMs, levels });
		else kept.delete(sku);
	}

	return {
		touch(skus) {
			for (const sku of skus) touched?.add(sku);
		},
		readAhead(sinceMs) {
			const skus = toRead(sinceMs);
			let left = READ_AHEAD;
			for (const sku of skus) {
				if ((left -= 1) < 0) return;
				read(sku, sinceMs);
				skus.delete(sku);
			}
		},
		since(sinceMs) {
			const skus = toRead(sinceMs);
			for (const sku of skus) read(sku, sinceMs);
			skus.clear();
			const { levels } = ledger.state.books;
			for (const [sku, now] of levels.entries()) if (kept.get(sku)?.levels !== now) read(sku, sinceMs);
			for (const [sku, wanted] of kept)
				if (wanted.oldestMs < sinceMs || (wanted.levels !== undefined && levels.get(sku) === undefined)) read(sku, sinceMs);
			return kept.values();
		},
	};
}

/** Of 50,000 products 3 ms at a time, and all within half a minute. */
const READ_AHEAD = 4_000;
const NOTHING_SOLD = { milli: 0, oldestMs: Infinity } as const;

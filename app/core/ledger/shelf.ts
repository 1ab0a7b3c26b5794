/**
 * What the lines of a receipt take from the shelf and put back: a pack takes what it draws on, and goods that lie with the returned ones were on no shelf.
 */
import type { Fact } from '#schemas/facts/registry.ts';
import type { RefundLine } from '#schemas/facts/refund-completed.ts';
import type { SaleLine } from '#schemas/facts/sale-completed.ts';
import type { Sku } from '#schemas/ids.ts';

export interface ShelfLine {
	/** Absent for an open item: on no shelf. */
	readonly sku?: Sku | undefined;
	readonly quantityMilli: number;
}

export function offShelf(lines: readonly SaleLine[]): readonly ShelfLine[] {
	// Nearly every sale takes just what it says: it costs a look, and no list.
	for (const { draws, resaleOf } of lines)
		if (draws !== undefined || resaleOf !== undefined) return lines.filter((line) => line.resaleOf === undefined).map((line) => line.draws ?? line);
	return lines;
}

export function backOnShelf(lines: readonly RefundLine[]): readonly ShelfLine[] {
	return lines.filter(({ restock }) => restock).map((line) => line.draws ?? line);
}

/** What was sold over the counter by this fact. */
export function offeredLines(fact: Fact): readonly SaleLine[] {
	return fact.type === 'sale.completed' || fact.type === 'exchange.completed' ? fact.lines : NO_LINES;
}

const NO_LINES: readonly SaleLine[] = [];

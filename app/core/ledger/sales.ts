/**
 * A sale is its entry; what was given back of it is what its refunds fold to.
 *
 * 1. A refund that is quarantined or was taken back gives nothing back. Refunds may add up to more than was sold: that is a conflict, and is shown.
 * 2. A refund of a sale that is not here counts by itself, and joins the sale when it comes.
 */
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { EntryRecord } from './chains.ts';
import type { RefundedBase } from './checkpoint.ts';
import type { SaleState } from './state.ts';

/** All that concerns one sale, whether or not the sale itself is here. */
export interface SaleSubject {
	readonly sale: EntryHash;
	own: { readonly record: EntryRecord; readonly fact: SaleCompleted } | undefined;
	/** In ledger order. */
	readonly refunds: { readonly record: EntryRecord; readonly fact: RefundCompleted }[];
}

/** `isBelow`: refunds that a checkpoint has summed up already, in `before`. */
export function foldSale(
	subject: SaleSubject,
	correctedBy: (record: EntryRecord) => EntryHash | undefined,
	isBelow: (record: EntryRecord) => boolean = () => false,
	before?: RefundedBase,
): SaleState | undefined {
	if (subject.own === undefined) return undefined;
	const { record, fact } = subject.own;
	if (subject.refunds.length === 0 && before === undefined) {
		const nothing = zeros(fact.lines.length);
		return {
			...{ entry: record.entry, fact, refundedMilli: nothing, refundedMinor: nothing, refundedTaxMinor: nothing, refunds: NO_REFUNDS },
			...{ counts: record.counts, correctedBy: correctedBy(record) },
		};
	}
	const refundedMilli = fact.lines.map((_line, index) => before?.milli[index] ?? 0);
	const refundedMinor = fact.lines.map((_line, index) => before?.minor[index] ?? 0);
	const refundedTaxMinor = fact.lines.map((_line, index) => before?.taxMinor[index] ?? 0);
	for (const refund of subject.refunds) {
		if (isBelow(refund.record) || !refund.record.counts || correctedBy(refund.record) !== undefined) continue;
		for (const line of refund.fact.lines) {
			const index = line.saleLine;
			if (index === undefined || index >= fact.lines.length) continue;
			refundedMilli[index] = (refundedMilli[index] ?? 0) + line.quantityMilli;
			refundedMinor[index] = (refundedMinor[index] ?? 0) + line.totalMinor;
			refundedTaxMinor[index] = (refundedTaxMinor[index] ?? 0) + line.taxMinor;
		}
	}
	return {
		entry: record.entry,
		fact,
		refundedMilli,
		refundedMinor,
		refundedTaxMinor,
		refunds: [...new Set([...(before?.refunds ?? []), ...subject.refunds.map((refund) => refund.record.hash)])],
		counts: record.counts,
		correctedBy: correctedBy(record),
	};
}

/** Most sales are never refunded: they share what says so. */
const NO_REFUNDS: readonly EntryHash[] = [];
const ZEROS: (readonly number[])[] = [];

function zeros(length: number): readonly number[] {
	return (ZEROS[length] ??= Array.from({ length }, () => 0));
}

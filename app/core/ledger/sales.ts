/**
 * A sale is its entry; what was given back of it is what its refunds fold to.
 *
 * 1. A refund that is quarantined or was taken back gives nothing back. Refunds may add up to more than was sold: that is a conflict, and is shown.
 * 2. A refund of a sale that is not here counts by itself, and joins the sale when it comes.
 * 3. An exchange is both: its sold lines are a sale of their own, what it took back is of the sale that it names.
 * 4. Another branch that refunds a sale claims it (`refund.claimed`), and the sale's home counts the claim. A refund that somebody linked to a sale afterwards
 *    gives back that sale's lines of the same products, in their order.
 */
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundClaimed } from '#schemas/facts/refund-claimed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { EntryRecord } from './chains.ts';
import type { RefundedBase } from './checkpoint.ts';
import type { SaleState } from './state.ts';

/** What has lines that can be given back. */
export type SaleFact = SaleCompleted | ExchangeCompleted;
/** What gives lines of a sale back. */
export type ReturnFact = RefundCompleted | ExchangeCompleted | RefundClaimed;

export interface Return {
	readonly record: EntryRecord;
	readonly fact: ReturnFact;
	/** It named another sale, or none: somebody said that it is of this one. */
	readonly isLinked?: true;
}

/** All that concerns one sale, whether or not the sale itself is here. */
export interface SaleSubject {
	readonly sale: EntryHash;
	own: { readonly record: EntryRecord; readonly fact: SaleFact } | undefined;
	/** In ledger order. */
	readonly refunds: Return[];
}

export interface ReturnedLine {
	/** Index into the sale's lines. */
	readonly saleLine: number;
	readonly quantityMilli: number;
	readonly totalMinor: number;
	readonly taxMinor: number;
}

/** Of one line, by all that gave something of it back. */
export interface LineGivenBack {
	readonly milli: number;
	readonly minor: number;
	readonly taxMinor: number;
}

/** What a refund gives back of a sale, line by line; a line that the sale does not have is left out. */
export function returnedOf({ fact, isLinked }: Pick<Return, 'fact' | 'isLinked'>, sale: SaleFact | undefined): readonly ReturnedLine[] {
	const lines = fact.type === 'exchange.completed' ? fact.returned : fact.lines;
	const most = sale?.lines.length ?? Infinity;
	if (isLinked !== true)
		return lines.flatMap(({ saleLine, quantityMilli, totalMinor, taxMinor }) =>
			saleLine === undefined || saleLine >= most ? [] : [{ saleLine, quantityMilli, totalMinor, taxMinor }],
		);
	const taken = new Set<number>();
	return lines.flatMap((line): readonly ReturnedLine[] => {
		const sku = 'sku' in line ? line.sku : undefined;
		const fits = (sale?.lines ?? []).map((sold, index) => ({ sold, index })).filter(({ sold }) => sku !== undefined && sold.sku === sku);
		const saleLine = (fits.find(({ index }) => !taken.has(index)) ?? fits[0])?.index;
		if (saleLine === undefined) return [];
		taken.add(saleLine);
		const { quantityMilli, totalMinor, taxMinor } = line;
		return [{ saleLine, quantityMilli, totalMinor, taxMinor }];
	});
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
		for (const { saleLine, quantityMilli, totalMinor, taxMinor } of returnedOf(refund, fact)) {
			refundedMilli[saleLine] = (refundedMilli[saleLine] ?? 0) + quantityMilli;
			refundedMinor[saleLine] = (refundedMinor[saleLine] ?? 0) + totalMinor;
			refundedTaxMinor[saleLine] = (refundedTaxMinor[saleLine] ?? 0) + taxMinor;
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

/** What lies below a checkpoint, as the ledger asks about it; and what a new checkpoint says of the same. From zero everything here is empty. */
import type { Header } from '#schemas/entry.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { BookName } from './books/registry.ts';
import type { EntryRecord } from './chains.ts';
import type { Checkpoint, RefundedBase } from './checkpoint.ts';
import { hasKey, NO_KEYS, withKeys, type KeyTable } from './key-table.ts';
import { returnedOf, type SaleSubject } from './sales.ts';

export interface Below {
	readonly refunded: ReadonlyMap<EntryHash, RefundedBase>;
	readonly corrected: ReadonlyMap<EntryHash, EntryHash>;
	readonly settled: ReadonlyMap<string, ReadonlyMap<EntryHash, EntryHash>>;
	/** What the checkpoint says of a book, by subject. */
	sumsOf(book: BookName): readonly (readonly [subject: string, sum: unknown])[];
	/** The key, in this scope and part, was used below. */
	hasKey(header: Pick<Header, 'key' | 'scope' | 'part'>): boolean;
	/** Whether these marks cover everything below that moves stock in a branch. */
	isCoveredBy(marks: readonly Mark[], branch: BranchId): boolean;
	refundedWith(
		sales: Iterable<SaleSubject>,
		correctedBy: (record: EntryRecord) => EntryHash | undefined,
		isBelow: (record: EntryRecord) => boolean,
	): readonly RefundedBase[];
	keysWith(records: readonly EntryRecord[], lastMs: number): KeyTable;
}

/** As `core/conflict/key-reused.ts` says. */
const KEY_WINDOW_MS = 35 * 24 * 60 * 60 * 1000;

export function createBelow(checkpoint: Checkpoint | undefined): Below {
	const refunded = new Map(checkpoint?.refunded.map((base) => [base.sale, base]));
	const keys = checkpoint?.keys ?? NO_KEYS;
	const ends = checkpoint?.chains.filter(({ scope }) => scope === 'branch') ?? [];
	return {
		refunded,
		corrected: new Map(checkpoint?.corrected),
		settled: new Map(checkpoint?.settled.map(([conflict, members]) => [conflict, new Map(members)])),
		sumsOf: (book) => (checkpoint?.books ?? []).flatMap(([name, subject, sum]) => (name === book ? [[subject, sum] as const] : [])),
		hasKey: (header) => keys.length > 0 && hasKey(keys, header),
		isCoveredBy: (marks) => ends.every((end) => marks.some((mark) => mark.device === end.device && mark.scope === end.scope && mark.seq >= end.seq)),
		refundedWith(sales, correctedBy, isBelow) {
			const all = new Map(refunded);
			for (const { sale, own, refunds } of sales) {
				if (refunds.length === 0) continue;
				const before = refunded.get(sale);
				const sums = { milli: [...(before?.milli ?? [])], minor: [...(before?.minor ?? [])], taxMinor: [...(before?.taxMinor ?? [])] };
				for (const one of refunds) {
					if (isBelow(one.record) || !one.record.counts || correctedBy(one.record) !== undefined) continue;
					for (const { saleLine, quantityMilli, totalMinor, taxMinor } of returnedOf(one, own?.fact)) {
						addAt(sums.milli, saleLine, quantityMilli);
						addAt(sums.minor, saleLine, totalMinor);
						addAt(sums.taxMinor, saleLine, taxMinor);
					}
				}
				const hashes = [...new Set([...(before?.refunds ?? []), ...refunds.map(({ record }) => record.hash)])];
				all.set(sale, { sale, refunds: hashes, ...sums });
			}
			return [...all.values()];
		},
		keysWith: (records, lastMs) =>
			withKeys(
				keys,
				records.map(({ header }) => header),
				lastMs - KEY_WINDOW_MS,
			),
	};
}

function addAt(sums: number[], index: number, amount: number): void {
	while (sums.length <= index) sums.push(0);
	sums[index] = (sums[index] ?? 0) + amount;
}

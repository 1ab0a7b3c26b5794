/**
 * Goods between two branches: off the shelf where they were sent, on the shelf where they were received, in transit in between. Read in every branch.
 *
 * 1. What was received counts, whatever the sender wrote; a difference is a conflict to show (`core/conflict/transfer-mismatch.ts`).
 * 2. A receipt that came before what it receives, or of a transfer that nobody sent, is here and says so.
 */
import { findTransferMismatch } from '#core/conflict/transfer-mismatch.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import type { Book } from './book.ts';

export interface TransferState {
	readonly transfer: TransferId;
	/** Undefined: received, and what was sent is not here. */
	readonly sent:
		{ readonly entry: EntryHash; readonly from: BranchId; readonly to: BranchId; readonly atMs: number; readonly note: string } | undefined;
	readonly receipts: readonly { readonly entry: EntryHash; readonly at: BranchId; readonly atMs: number }[];
	/** Per SKU, in order of the SKU. In transit is what was sent, until it is received. */
	readonly lines: readonly { readonly sku: Sku; readonly sentMilli: number; readonly receivedMilli: number; readonly inTransitMilli: number }[];
}

export const transfers: Book<TransferId, TransferState> = {
	reads: ['transfer.sent', 'transfer.received'],
	subjectsOf: (fact) => (fact.type === 'transfer.sent' || fact.type === 'transfer.received' ? [fact.transfer] : []),
	fold(transfer, changes) {
		let sent: TransferState['sent'];
		const receipts: TransferState['receipts'][number][] = [];
		const sums = new Map<Sku, { sentMilli: number; receivedMilli: number }>();
		const add = (sku: Sku, sentMilli: number, receivedMilli: number): void => {
			const sum = sums.get(sku) ?? { sentMilli: 0, receivedMilli: 0 };
			sums.set(sku, { sentMilli: sum.sentMilli + sentMilli, receivedMilli: sum.receivedMilli + receivedMilli });
		};
		for (const { record, fact } of changes) {
			const atMs = record.header.at;
			if (fact.type === 'transfer.sent') {
				// An id is drawn; the first that bears it is the transfer, another one is its author's mistake and moves its goods all the same.
				sent ??= { entry: record.hash, from: fact.from, to: fact.to, atMs, note: fact.note ?? '' };
				for (const { sku, quantityMilli } of fact.lines) add(sku, quantityMilli, 0);
			} else if (fact.type === 'transfer.received') {
				receipts.push({ entry: record.hash, at: fact.at, atMs });
				for (const { sku, quantityMilli } of fact.lines) add(sku, 0, quantityMilli);
			}
		}
		if (sent === undefined && receipts.length === 0) return undefined;
		const lines = [...sums]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([sku, sum]) => ({ sku, ...sum, inTransitMilli: receipts.length === 0 ? sum.sentMilli : 0 }));
		return { transfer, sent, receipts, lines };
	},
	alarms: ['transfer.received'],
	conflicts: findTransferMismatch,
	isOver: ({ sent, receipts, lines }) =>
		sent !== undefined && receipts.length === 1 && lines.every(({ sentMilli, receivedMilli }) => sentMilli === receivedMilli),
};

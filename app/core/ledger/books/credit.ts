/**
 * Store credit of one customer id: what was given less what was used.
 *
 * 1. Credit may go below zero: two branches spent it apart. That is a conflict to show, never a sale to take back.
 * 2. Whoever asks what a customer has left asks for all ids that were merged into one (`core/customer/group.ts`).
 */
import { findCreditOverspent } from '#core/conflict/credit-overspent.ts';
import { linkedTo } from '#core/customer/group.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book } from './book.ts';

export interface CreditState {
	readonly customer: CustomerId;
	readonly balanceMinor: number;
	readonly givenMinor: number;
	readonly usedMinor: number;
	/** The balance that a checkpoint left: what the moves below begin from. */
	readonly openingMinor: number;
	/** Above the checkpoint, in ledger order. Amounts are signed. */
	readonly moves: readonly { readonly entry: EntryHash; readonly amountMinor: number }[];
}

const sum = v.strictObject({ givenMinor: v.number(), usedMinor: v.number() });

export const credit: Book<CustomerId, CreditState, v.InferOutput<typeof sum>> = {
	reads: ['credit.given', 'credit.used', 'customer.merged', 'conflict.resolved'],
	subjectsOf(fact) {
		if (fact.type === 'credit.given' || fact.type === 'credit.used') return [fact.customer];
		if (fact.type === 'customer.merged') return [fact.customer, fact.into];
		// An answer given before a merge is an answer after it: whoever it names is looked at again.
		return fact.type === 'conflict.resolved' && fact.conflict.kind === 'credit-overspent' ? [fact.conflict.subject as CustomerId] : [];
	},
	fold(customer, changes, _context, before) {
		let [givenMinor, usedMinor] = [before?.givenMinor ?? 0, before?.usedMinor ?? 0];
		const openingMinor = givenMinor - usedMinor;
		const moves: { entry: EntryHash; amountMinor: number }[] = [];
		for (const { record, fact } of changes) {
			if (fact.type === 'credit.given') {
				givenMinor += fact.amountMinor;
				moves.push({ entry: record.hash, amountMinor: fact.amountMinor });
			} else if (fact.type === 'credit.used') {
				usedMinor += fact.amountMinor;
				moves.push({ entry: record.hash, amountMinor: -fact.amountMinor });
			}
		}
		if (before === undefined && moves.length === 0) return undefined;
		return { customer, balanceMinor: givenMinor - usedMinor, givenMinor, usedMinor, openingMinor, moves };
	},
	alarms: ['credit.used', 'customer.merged', 'conflict.resolved'],
	conflicts: findCreditOverspent,
	related: (customer, _changes, { books }) => linkedTo(books.customers, customer),
	sum: { schema: sum, of: ({ givenMinor, usedMinor }) => ({ givenMinor, usedMinor }) },
};

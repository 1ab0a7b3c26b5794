/**
 * A parked cart is a table on the floor document until somebody fetches and sells it; what the ledger knows of it are the sales that name it.
 *
 * Two of them: the cart was fetched on two tills while apart. Both stand until a person says whether both were real (`core/conflict/parked-sold-twice.ts`).
 */
import { findParkedSoldTwice } from '#core/conflict/parked-sold-twice.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Book } from './book.ts';

export interface ParkedState {
	/** Sales of it that count and were not taken back, in ledger order. */
	readonly sales: readonly EntryHash[];
}

export const parked: Book<string, ParkedState> = {
	reads: ['sale.completed'],
	subjectsOf: (fact) => (fact.type === 'sale.completed' && fact.parked !== undefined ? [fact.parked] : []),
	fold: (_cart, changes, context) => ({
		sales: changes.filter(({ record }) => context.correctedBy(record) === undefined).map(({ record }) => record.hash),
	}),
	alarms: ['sale.completed'],
	alarmedFrom: 2,
	conflicts: findParkedSoldTwice,
	isOver: () => true,
};

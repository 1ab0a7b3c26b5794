/** What customers owe the shop of this branch: answers "customer owes" to a refund or a credit that was one too many. */
import type { CustomerId, EntryHash } from '#schemas/ids.ts';
import type { Book } from './book.ts';

/** A customer; or, where nobody knows who it was, `entry:` and the entry that is owed for. */
export type Debtor = CustomerId | `entry:${EntryHash}`;

export interface DebtState {
	readonly debtor: Debtor;
	readonly owedMinor: number;
	/** In ledger order. */
	readonly notes: readonly { readonly entry: EntryHash; readonly for: EntryHash; readonly amountMinor: number; readonly note: string | undefined }[];
}

export const debts: Book<Debtor, DebtState> = {
	reads: ['debt.noted'],
	subjectsOf: (fact) => (fact.type === 'debt.noted' ? [fact.customer ?? `entry:${fact.entry}`] : []),
	fold(debtor, changes, { correctedBy }) {
		const notes = changes.flatMap(({ record, fact }) =>
			fact.type === 'debt.noted' && correctedBy(record) === undefined
				? [{ entry: record.hash, for: fact.entry, amountMinor: fact.amountMinor, note: fact.note }]
				: [],
		);
		return notes.length === 0 ? undefined : { debtor, owedMinor: notes.reduce((sum, { amountMinor }) => sum + amountMinor, 0), notes };
	},
};

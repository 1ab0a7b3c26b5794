/** Who was ever written down with a phone, e-mail or card number. The number itself is in no entry: its handle is, and equal numbers have equal handles. */
import { compareText } from '#core/entry/order.ts';
import type { CustomerId } from '#schemas/ids.ts';
import type { Book } from './book.ts';

export interface ContactState {
	/** In order of their names. Some may have another number by now (`CustomerState.fields`). */
	readonly customers: readonly CustomerId[];
}

export const contacts: Book<string, ContactState> = {
	reads: ['customer.created', 'customer.edited'],
	subjectsOf: (fact) => (fact.type === 'customer.created' || fact.type === 'customer.edited' ? [...new Set(fact.contacts)] : []),
	fold(_contact, changes) {
		const holders = new Set(changes.flatMap(({ fact }) => ('customer' in fact && fact.customer !== undefined ? [fact.customer] : [])));
		return holders.size === 0 ? undefined : { customers: [...holders].sort(compareText) };
	},
};

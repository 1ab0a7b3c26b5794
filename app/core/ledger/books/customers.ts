/**
 * A customer is what was written down of one, edit by edit; the fields are one encrypted whole.
 *
 * 1. Of edits that did not know of each other the later in ledger order counts; an edit names what it replaces.
 * 2. Whoever was merged into another stays, and says so: credit and history follow (`core/customer/group.ts`).
 * 3. Of whoever was forgotten nothing is shown but that.
 */
import { findCustomerDuplicated } from '#core/conflict/customer-duplicated.ts';
import { linkedTo } from '#core/customer/group.ts';
import type { CustomerCreated } from '#schemas/facts/customer-created.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';
import type { ValueState } from '../state.ts';
import { foldValue, replacesNamed } from '../values.ts';
import type { Book, Change } from './book.ts';

export type CustomerFields = Pick<CustomerCreated, 'sealed' | 'contacts'>;

export interface CustomerState {
	readonly customer: CustomerId;
	/** Undefined while the entry that created the customer is not here, and once the customer was forgotten. */
	readonly fields: ValueState<CustomerFields> | undefined;
	readonly createdAtMs: number | undefined;
	/** The last merge in ledger order. */
	readonly mergedInto: CustomerId | undefined;
	/** Whom any merge named with this one, either way round; some may have been merged elsewhere since. */
	readonly linked: readonly CustomerId[];
	readonly forgotten: boolean;
	/** Every contact that was ever written down, with the first entry that did; in ledger order. */
	readonly contacts: readonly { readonly contact: string; readonly entry: EntryHash }[];
}

export const customers: Book<CustomerId, CustomerState> = {
	reads: ['customer.created', 'customer.edited', 'customer.merged', 'customer.forgotten'],
	subjectsOf(fact) {
		if (fact.type === 'customer.merged') return [fact.customer, fact.into];
		return fact.type === 'customer.created' || fact.type === 'customer.edited' || fact.type === 'customer.forgotten' ? [fact.customer] : [];
	},
	fold(customer, changes) {
		const contacts = new Map<string, EntryHash>();
		const linked = new Set<CustomerId>();
		let [createdAtMs, mergedInto, forgotten]: [number | undefined, CustomerId | undefined, boolean] = [undefined, undefined, false];
		for (const { record, fact } of changes) {
			switch (fact.type) {
				case 'customer.created':
				case 'customer.edited':
					if (fact.type === 'customer.created') createdAtMs ??= record.header.at;
					for (const contact of fact.contacts) if (!contacts.has(contact)) contacts.set(contact, record.hash);
					break;
				case 'customer.merged':
					if (fact.customer === customer) mergedInto = fact.into;
					linked.add(fact.customer === customer ? fact.into : fact.customer);
					break;
				case 'customer.forgotten':
					forgotten = true;
					break;
				default:
					break;
			}
		}
		if (changes.length === 0) return undefined;
		return {
			...{ customer, fields: forgotten || createdAtMs === undefined ? undefined : fieldsOf(changes), createdAtMs, mergedInto },
			...{ linked: [...linked], forgotten, contacts: forgotten ? [] : [...contacts].map(([contact, entry]) => ({ contact, entry })) },
		};
	},
	alarms: ['customer.created', 'customer.edited'],
	conflicts: findCustomerDuplicated,
	/** Whoever shares a contact with one of those who are one with this customer, or may have been until now. */
	related(customer, changes, { books }) {
		const shared = new Set<CustomerId>();
		const addHolders = (contact: string): void => {
			for (const holder of books.contacts.get(contact)?.customers ?? []) shared.add(holder);
		};
		for (const { fact } of changes) if ('contacts' in fact) fact.contacts.forEach(addHolders);
		for (const one of linkedTo(books.customers, customer)) {
			shared.add(one);
			for (const { contact } of books.customers.get(one)?.contacts ?? []) addHolders(contact);
		}
		return [...shared];
	},
};

function fieldsOf(changes: readonly Change[]): ValueState<CustomerFields> | undefined {
	return foldValue(
		changes.flatMap(({ record, fact }) =>
			fact.type === 'customer.created' || fact.type === 'customer.edited'
				? [
						{
							record,
							value: { sealed: fact.sealed, contacts: fact.contacts },
							replaces: replacesNamed(fact.type === 'customer.edited' ? fact.replaces : []),
						},
					]
				: [],
		),
	);
}

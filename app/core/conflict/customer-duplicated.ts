/**
 * Customer duplicated: one phone, e-mail or card number on two customers, written down by people who did not know of each other. Both stand until answered.
 * Whoever knew of the first and wrote down a second meant it: a family shares a phone.
 *
 * One item a contact; members are the entries that first gave it to each customer. A customer who has another number by now, was merged or was forgotten
 * is no duplicate.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { CustomerState } from '#core/ledger/books/customers.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import { compareEntries, compareText } from '#core/entry/order.ts';
import { rootOf } from '#core/customer/group.ts';
import type { CustomerId } from '#schemas/ids.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

interface Holder {
	readonly customer: CustomerId;
	readonly root: CustomerId;
	readonly record: EntryRecord;
}

export function findCustomerDuplicated(
	customer: CustomerId,
	{ fields }: CustomerState,
	_changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	return [...new Set(fields?.value.contacts)].sort(compareText).flatMap((contact) => {
		const holders = holdersOf(contact, context);
		// One of them speaks for all.
		if (holders.length < 2 || [...holders].sort((a, b) => compareText(a.customer, b.customer))[0]?.customer !== customer) return [];
		const { saw } = context;
		const members = holders.filter((one) =>
			holders.some((other) => other.root !== one.root && !saw(one.record, other.record) && !saw(other.record, one.record)),
		);
		const roots = [...new Set(members.map(({ root }) => root))];
		const [into, ...others] = roots;
		if (into === undefined || others.length === 0) return [];
		const conflict = openConflict(
			{
				subject: contact,
				ofStore: true,
				urgency: 'low',
				members: members.map(({ record }) => record),
				detail: { kind: 'customer-duplicated', contact, customers: members.map((member) => member.customer) },
				stake: () => ({ unitsMilli: 0, minor: 0 }),
				choices: () => [
					{ id: 'merge', label: 'Merge', effect: { does: 'merge-customers', customers: others, into } },
					{ id: 'keep-both', label: 'Keep both', effect: { does: 'nothing' } },
				],
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

/** Who has the contact now, in ledger order of who had it first. */
function holdersOf(contact: string, { state: { books }, record }: BookConflictContext): readonly Holder[] {
	const holders = (books.contacts.get(contact)?.customers ?? []).flatMap((customer): Holder[] => {
		const state = books.customers.get(customer);
		if (state?.fields?.value.contacts.includes(contact) !== true) return [];
		const first = state.contacts.find((one) => one.contact === contact);
		const found = first && record(first.entry);
		return found === undefined ? [] : [{ customer, root: rootOf(books.customers, customer), record: found }];
	});
	return holders.sort((a, b) => compareEntries(a.record, b.record));
}

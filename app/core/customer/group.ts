/**
 * Customers who turned out to be one person: whatever is asked of one of their ids is answered for all of them.
 *
 * 1. Who belongs together is a function of the merges, in whatever order they came. Merges that go in a ring still have one end: the least id of the ring.
 */
import { compareText } from '#core/entry/order.ts';
import type { LedgerState } from '#core/ledger/state.ts';
import type { CustomerId } from '#schemas/ids.ts';

type Customers = LedgerState['books']['customers'];

/** The id that all others were merged into; the id itself for one that was not. */
export function rootOf(customers: Customers, customer: CustomerId): CustomerId {
	const path = [customer];
	for (let next = customers.get(customer)?.mergedInto; next !== undefined; next = customers.get(next)?.mergedInto) {
		const met = path.indexOf(next);
		if (met >= 0) return path.slice(met).sort(compareText)[0] ?? customer;
		path.push(next);
	}
	return path.at(-1) ?? customer;
}

/** All ids that are one person with this one, itself among them; in order of the ids. */
export function groupOf(customers: Customers, customer: CustomerId): readonly CustomerId[] {
	const group = new Set([customer]);
	for (const one of group) {
		const state = customers.get(one);
		if (state?.mergedInto !== undefined) group.add(state.mergedInto);
		for (const other of state?.linked ?? []) if (customers.get(other)?.mergedInto === one) group.add(other);
	}
	return [...group].sort(compareText);
}

/** Everybody whom merges ever named together with this one: whoever leaves a group changes what is said of those who stay. */
export function linkedTo(customers: Customers, customer: CustomerId): readonly CustomerId[] {
	const all = new Set([customer]);
	for (const one of all) for (const other of customers.get(one)?.linked ?? []) all.add(other);
	return [...all];
}

/** Store credit that is left, in minor units; below zero when it was spent twice. */
export function creditMinor({ books }: LedgerState, customer: CustomerId): number {
	return groupOf(books.customers, customer).reduce((sum, one) => sum + (books.credit.get(one)?.balanceMinor ?? 0), 0);
}

/** What the customer owes this branch. */
export function owedMinor({ books }: LedgerState, customer: CustomerId): number {
	return groupOf(books.customers, customer).reduce((sum, one) => sum + (books.debts.get(one)?.owedMinor ?? 0), 0);
}

/**
 * Customers written down, edited, merged, forgotten; credit given.
 *
 * 1. Fields come encrypted and contacts as handles: nothing here has seen a name.
 * 2. An edit replaces what its form had shown. Whoever was forgotten is written down anew, never edited.
 * 3. Merging follows earlier merges to their end, so that nobody is merged into one who is gone.
 */
import { groupOf, rootOf } from '#core/customer/group.ts';
import type { Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CustomerId } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

const MOST_MINOR = 1e12;

export function addCustomer(ledger: Ledger, { customer, sealed, contacts }: Of<'add-customer'>): Facts | Refusal {
	if (ledger.state.books.customers.get(customer) !== undefined) return { refused: 'customer-taken', customer };
	return { store: [{ type: 'customer.created', v: 1, customer, sealed, contacts: [...new Set(contacts)] }] };
}

export function editCustomer(ledger: Ledger, { customer, sealed, contacts, replaces }: Of<'edit-customer'>): Facts | Refusal {
	const problem = customerProblem(ledger, customer);
	if (problem !== undefined) return problem;
	const now = ledger.state.books.customers.get(customer)?.fields?.value;
	if (now?.sealed === sealed && JSON.stringify([...now.contacts].sort()) === JSON.stringify([...new Set(contacts)].sort()))
		return { refused: 'nothing-changed' };
	return { store: [{ type: 'customer.edited', v: 1, customer, sealed, contacts: [...new Set(contacts)], replaces: [...replaces] }] };
}

export function mergeCustomers(ledger: Ledger, { customer, into }: Of<'merge-customers'>): Facts | Refusal {
	const problem = customerProblem(ledger, customer) ?? customerProblem(ledger, into);
	if (problem !== undefined) return problem;
	const { customers } = ledger.state.books;
	const [from, to] = [rootOf(customers, customer), rootOf(customers, into)];
	return from === to ? { refused: 'nothing-changed' } : { store: [{ type: 'customer.merged', v: 1, customer: from, into: to }] };
}

/** Everybody who turned out to be this customer is forgotten with them. */
export function forgetCustomer(ledger: Ledger, { customer }: Of<'forget-customer'>): Facts | Refusal {
	const { customers } = ledger.state.books;
	const known = groupOf(customers, customer).filter((one) => customers.get(one)?.createdAtMs !== undefined);
	if (!known.includes(customer)) return { refused: 'no-such-customer', customer };
	const left = known.filter((one) => customers.get(one)?.forgotten !== true);
	return left.length === 0 ? { refused: 'nothing-changed' } : { store: left.map((one) => ({ type: 'customer.forgotten', v: 1, customer: one })) };
}

export function giveCredit(ledger: Ledger, { customer, amountMinor, reason }: Of<'give-credit'>): Facts | Refusal {
	const problem = customerProblem(ledger, customer);
	if (problem !== undefined) return problem;
	if (!Number.isSafeInteger(amountMinor) || amountMinor < 1 || amountMinor > MOST_MINOR)
		return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const words = reason?.trim() ?? '';
	return { store: [{ type: 'credit.given', v: 1, customer, amountMinor, ...(words === '' ? {} : { reason: words }) }] };
}

function customerProblem(ledger: Ledger, customer: CustomerId): Refusal | undefined {
	const state = ledger.state.books.customers.get(customer);
	if (state?.createdAtMs === undefined) return { refused: 'no-such-customer', customer };
	return state.forgotten ? { refused: 'customer-forgotten', customer } : undefined;
}

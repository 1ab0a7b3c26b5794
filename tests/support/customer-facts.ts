/** Customers as facts. Fields are sealed outside the core: tests need only that they differ. */
import { createHash } from 'node:crypto';
import type { CreditGiven } from '#schemas/facts/credit-given.ts';
import type { CreditUsed } from '#schemas/facts/credit-used.ts';
import type { CustomerCreated } from '#schemas/facts/customer-created.ts';
import type { CustomerEdited } from '#schemas/facts/customer-edited.ts';
import type { CustomerMerged } from '#schemas/facts/customer-merged.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';

export function customerId(name: string): CustomerId {
	return `customer ${name}` as CustomerId;
}

/** The handle of a phone or an address. */
export function handle(contact: string): string {
	return createHash('sha256').update(contact).digest('hex').slice(0, 32);
}

export function customerCreated(name: string, ...contacts: readonly string[]): CustomerCreated {
	return { type: 'customer.created', v: 1, customer: customerId(name), sealed: handle(name), contacts: contacts.map(handle) };
}

export function customerEdited(name: string, replaces: readonly EntryHash[], ...contacts: readonly string[]): CustomerEdited {
	return {
		type: 'customer.edited',
		v: 1,
		customer: customerId(name),
		sealed: handle(`${name} again`),
		contacts: contacts.map(handle),
		replaces: [...replaces],
	};
}

export function customerMerged(name: string, into: string): CustomerMerged {
	return { type: 'customer.merged', v: 1, customer: customerId(name), into: customerId(into) };
}

export function creditGiven(name: string, amountMinor: number): CreditGiven {
	return { type: 'credit.given', v: 1, customer: customerId(name), amountMinor };
}

export function creditUsed(name: string, amountMinor: number): CreditUsed {
	return { type: 'credit.used', v: 1, customer: customerId(name), amountMinor };
}

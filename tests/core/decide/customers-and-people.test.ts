/** Customers and people are decided, or refused in plain names; and fold to what was decided. */
import { isRefusal, type Intent } from '#core/intent.ts';
import type { EntryHash, PersonId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { customerId, handle } from '../../support/customer-facts.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { decideAs, perform } from '../../support/till-day.ts';

const ada = customerId('ada');
const bob = customerId('bob');
const PHONE = handle('tel:+442079460000');

/** `by` the hub: it speaks for itself, whoever works here by then. */
function shop(by: 'till1' | 'hub' = 'till1') {
	const floor = openFloor();
	const ledger = floor.ledger();
	return {
		...{ floor, ledger, books: ledger.state.books },
		does: (intent: Intent) => perform(ledger, floor[by], intent),
		refused(intent: Intent) {
			const decision = decideAs(ledger, floor[by], intent);
			return isRefusal(decision) ? decision.refused : decision;
		},
	};
}

test('a customer is written down, edited, merged and forgotten', () => {
	const { does, refused, books } = shop();
	does({ intent: 'add-customer', customer: ada, sealed: 'aa', contacts: [PHONE, PHONE] });
	expect(refused({ intent: 'add-customer', customer: ada, sealed: 'aa', contacts: [] })).toBe('customer-taken');
	const replaces = (): readonly EntryHash[] => books.customers.get(ada)?.fields?.replaces ?? [];
	expect(refused({ intent: 'edit-customer', customer: ada, sealed: 'aa', contacts: [PHONE], replaces: replaces() })).toBe('nothing-changed');
	does({ intent: 'edit-customer', customer: ada, sealed: 'bb', contacts: [], replaces: replaces() });
	expect(books.customers.get(ada)?.fields).toMatchObject({ value: { sealed: 'bb', contacts: [] }, frontier: [{}] });
	does({ intent: 'add-customer', customer: bob, sealed: 'cc', contacts: [] });
	does({ intent: 'give-credit', customer: bob, amountMinor: 500, reason: ' goodwill ' });
	does({ intent: 'merge-customers', customer: bob, into: ada });
	expect(refused({ intent: 'merge-customers', customer: bob, into: ada })).toBe('nothing-changed');
	expect(refused({ intent: 'merge-customers', customer: ada, into: bob })).toBe('nothing-changed');
	does({ intent: 'forget-customer', customer: ada });
	expect([ada, bob].map((id) => books.customers.get(id))).toMatchObject([
		{ forgotten: true, fields: undefined, contacts: [] },
		{ forgotten: true, fields: undefined, contacts: [] },
	]);
	expect(refused({ intent: 'forget-customer', customer: bob })).toBe('nothing-changed');
	expect(refused({ intent: 'edit-customer', customer: ada, sealed: 'dd', contacts: [], replaces: [] })).toBe('customer-forgotten');
	expect(refused({ intent: 'give-credit', customer: customerId('nobody'), amountMinor: 1 })).toBe('no-such-customer');
	expect(refused({ intent: 'add-customer', customer: customerId('eve'), sealed: 'not hex', contacts: [] })).toBe('value-invalid');
});

test('two edits made apart: the later in ledger order counts, and an edit that knew both ends it', () => {
	const { floor, ledger, does, books } = shop();
	does({ intent: 'add-customer', customer: ada, sealed: 'aa', contacts: [] });
	floor.meet();
	const replaces = [...(books.customers.get(ada)?.fields?.replaces ?? [])];
	for (const [till, sealed] of [
		[floor.till2, 'b2'],
		[floor.till1, 'b1'],
	] as const)
		ledger.add([till.does([{ type: 'customer.edited', v: 1, customer: ada, sealed, contacts: [], replaces }], { scope: 'store' })]);
	expect(books.customers.get(ada)?.fields).toMatchObject({ value: { sealed: 'b1' }, frontier: [{ value: { sealed: 'b2' } }, {}] });
	does({ intent: 'edit-customer', customer: ada, sealed: 'c3', contacts: [], replaces: books.customers.get(ada)?.fields?.replaces ?? [] });
	expect(books.customers.get(ada)?.fields?.frontier).toHaveLength(1);
});

test('a person is added, changed, given a PIN, sent away and brought back', () => {
	const { does, refused, books } = shop('hub');
	const [mia, tom] = ['mia', 'tom'] as PersonId[] as [PersonId, PersonId];
	does({ intent: 'add-person', person: mia, name: ' Mia ', role: 'owner', pin: '$argon2id$0' });
	expect(refused({ intent: 'add-person', person: mia, name: 'Mia', role: 'cashier', pin: null })).toBe('person-taken');
	expect(refused({ intent: 'disable-person', person: mia, disabled: true })).toBe('last-owner');
	const replaces = books.people.get(mia)?.replaces ?? [];
	expect(refused({ intent: 'change-person', person: mia, name: 'Mia', role: 'cashier', replaces })).toBe('last-owner');
	expect(refused({ intent: 'change-person', person: mia, name: 'Mia', role: 'owner', replaces })).toBe('nothing-changed');
	does({ intent: 'add-person', person: tom, name: 'Tom', role: 'owner', pin: '$argon2id$1' });
	does({ intent: 'change-person', person: mia, name: 'Mia K', role: 'cashier', replaces });
	does({ intent: 'reset-pin', person: mia, pin: '$argon2id$2' });
	does({ intent: 'disable-person', person: mia, disabled: true });
	expect(books.people.get(mia)).toMatchObject({ name: 'Mia K', role: 'cashier', pin: '$argon2id$2', disabled: true });
	expect(refused({ intent: 'disable-person', person: mia, disabled: true })).toBe('nothing-changed');
	expect(refused({ intent: 'disable-person', person: tom, disabled: true })).toBe('last-owner');
	does({ intent: 'disable-person', person: mia, disabled: false });
	expect(books.people.entries().map(([person, { disabled }]) => [person, disabled])).toEqual([
		[mia, false],
		[tom, false],
	]);
	expect(refused({ intent: 'reset-pin', person: 'eve' as PersonId, pin: null })).toBe('no-such-person');
});

/** `customer-duplicated`: one contact on two customers, written down by people who did not know of each other. */
import { rootOf } from '#core/customer/group.ts';
import { expect, test } from 'vitest';
import { customerCreated, customerEdited, customerId, customerMerged, handle } from '../../support/customer-facts.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder } from '../../support/till-day.ts';

const STORE = { scope: 'store' } as const;
const PHONE = 'tel:+442079460000';
const MAIL = 'mail:ada@example.org';

function twice() {
	const floor = openFloor();
	const [one, two] = [floor.till1.does([customerCreated('ada', PHONE)], STORE), floor.till2.does([customerCreated('ada l', PHONE)], STORE)];
	return { floor, one, two };
}

test('one phone written down at two tills apart is one item, in any order of arrival', () => {
	const { floor, one, two } = twice();
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			...{ kind: 'customer-duplicated', id: { subject: handle(PHONE) }, unsettled: [one.hash, two.hash], urgency: 'low' },
			detail: { customers: [customerId('ada'), customerId('ada l')] },
		},
	]);
});

test('a family shares a phone: whoever knew of the first meant the second', () => {
	const floor = openFloor();
	floor.till1.does([customerCreated('ada', PHONE)], STORE);
	floor.meet();
	floor.till2.does([customerCreated('bob', PHONE)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('a number that an edit took away is no duplicate; one that an edit brought is', () => {
	const { floor, two } = twice();
	floor.meet();
	floor.till1.does([customerEdited('ada l', [two.hash], MAIL)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const third = floor.till2.does([customerCreated('ada m', MAIL)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ id: { subject: handle(MAIL) }, members: [{}, { hash: third.hash }] }]);
});

test('“Merge” makes one customer of them, “Keep both” leaves them; either closes it', () => {
	for (const choice of ['merge', 'keep-both']) {
		const { floor } = twice();
		const ledger = floor.ledger();
		answer(ledger, floor.hub, ledger.conflicts()[0], choice);
		expect(ledger.conflicts()).toEqual([]);
		expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
		expect(rootOf(ledger.state.books.customers, customerId('ada l'))).toBe(customerId(choice === 'merge' ? 'ada' : 'ada l'));
	}
});

test('an edit that keeps the number opens nothing again; a third customer does, with only that one', () => {
	const { floor, one } = twice();
	const ledger = floor.ledger();
	const entries = answer(ledger, floor.hub, ledger.conflicts()[0], 'keep-both');
	floor.till1.hears(...entries);
	floor.till1.does([customerEdited('ada', [one.hash], PHONE)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const third = floor.till2.does([customerCreated('ada m', PHONE)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ unsettled: [third.hash], members: [{}, {}, {}] }]);
});

test('whoever was merged elsewhere or forgotten is no duplicate', () => {
	const { floor } = twice();
	floor.meet();
	floor.hub.does([customerCreated('x'), customerMerged('ada', 'x')], STORE);
	floor.hub.does([customerMerged('ada l', 'x')], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const other = twice();
	other.floor.meet();
	other.floor.hub.does([{ type: 'customer.forgotten', v: 1, customer: customerId('ada') }], STORE);
	expect(conflictsInAnyOrder(other.floor.shop)).toEqual([]);
});

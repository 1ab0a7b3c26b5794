/** `credit-overspent`: store credit was used beyond its balance. */
import { creditMinor, owedMinor } from '#core/customer/group.ts';
import { expect, test } from 'vitest';
import { creditGiven, creditUsed, customerCreated, customerId, customerMerged } from '../../support/customer-facts.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';

const STORE = { scope: 'store' } as const;
const ada = customerId('ada');

/** Ten pounds of credit, spent whole at two tills that do not know of each other. */
function spentTwice() {
	const floor = openFloor({ A: 10 });
	floor.hub.does([customerCreated('ada'), creditGiven('ada', 1000)], STORE);
	floor.meet();
	const [one, two] = [floor.till1.does([creditUsed('ada', 800)], STORE), floor.till2.does([creditUsed('ada', 700)], STORE)];
	return { floor, one, two };
}

test('credit that is given and used is what is left, and nobody’s conflict', () => {
	const floor = openFloor();
	floor.hub.does([customerCreated('ada'), creditGiven('ada', 1000)], STORE);
	floor.meet();
	floor.till1.does([creditUsed('ada', 400)], STORE);
	floor.meet();
	floor.till2.does([creditUsed('ada', 600)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(creditMinor(floor.ledger().state, ada)).toBe(0);
});

test('two uses apart that are more than there was are one item with both, in any order of arrival', () => {
	const { floor, one, two } = spentTwice();
	const [conflict, ...others] = conflictsInAnyOrder(floor.shop);
	expect(others).toEqual([]);
	expect(conflict).toMatchObject({
		...{ kind: 'credit-overspent', id: { subject: ada }, unsettled: [one.hash, two.hash], stake: { minor: 500 } },
		detail: { balanceMinor: -500, shorts: [{ entry: two.hash, usedMinor: 700, lackedMinor: 500 }] },
	});
	expect(conflict?.id).not.toHaveProperty('branch');
	expect(creditMinor(floor.ledger().state, ada)).toBe(-500);
});

test('“Accept loss” closes it; “Customer owes” closes it and notes what is owed in the branch that answered', () => {
	for (const [choice, owed] of [
		['accept-loss', 0],
		['customer-owes', 500],
	] as const) {
		const { floor, two } = spentTwice();
		const ledger = floor.ledger();
		const entries = answer(ledger, floor.hub, ledger.conflicts()[0], choice);
		expect(entries.map(({ header }) => header.scope)).toEqual(choice === 'accept-loss' ? ['store'] : ['branch', 'store']);
		expect(ledger.conflicts()).toEqual([]);
		expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
		expect([owedMinor(ledger.state, ada), creditMinor(ledger.state, ada)]).toEqual([owed, -500]);
		if (choice === 'customer-owes') expect(ledger.state.books.debts.get(ada)?.notes).toMatchObject([{ for: two.hash, amountMinor: 500 }]);
	}
});

test('a later use opens it again, with only that one new', () => {
	const { floor } = spentTwice();
	const ledger = floor.ledger();
	answer(ledger, floor.hub, ledger.conflicts()[0], 'accept-loss');
	const late = floor.till1.does([creditUsed('ada', 100)], STORE);
	ledger.add([late]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [late.hash], stake: { minor: 100 } }]);
	expect(conflictsInAnyOrder(floor.shop)).toHaveLength(1);
});

test('what two ids spent is one credit once they are merged, and an answer given before holds after', () => {
	const floor = openFloor();
	floor.hub.does([customerCreated('ada'), customerCreated('ada l'), creditGiven('ada', 1000), creditGiven('ada l', 100)], STORE);
	floor.meet();
	floor.till1.does([creditUsed('ada', 900)], STORE);
	floor.meet();
	const over = floor.till2.does([creditUsed('ada l', 150)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ id: { subject: customerId('ada l') }, unsettled: [over.hash], stake: { minor: 50 } }]);
	const ledger = floor.ledger();
	answer(ledger, floor.hub, ledger.conflicts()[0], 'accept-loss');
	floor.meet();
	floor.hub.does([customerMerged('ada l', 'ada')], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect([ada, customerId('ada l')].map((id) => creditMinor(floor.ledger().state, id))).toEqual([50, 50]);
	floor.meet();
	const more = floor.till1.does([creditUsed('ada l', 60)], STORE);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ id: { subject: ada }, unsettled: [more.hash], stake: { minor: 10 } }]);
});

test('a ring of merges is one customer all the same', () => {
	const floor = openFloor();
	floor.hub.does([customerCreated('ada'), customerCreated('bob'), creditGiven('ada', 10), creditGiven('bob', 20)], STORE);
	floor.meet();
	floor.till1.does([customerMerged('ada', 'bob')], STORE);
	floor.till2.does([customerMerged('bob', 'ada')], STORE);
	const { state } = ledgerOf(floor.shop);
	expect([creditMinor(state, ada), creditMinor(state, customerId('bob'))]).toEqual([30, 30]);
});

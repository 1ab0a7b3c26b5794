/** A customer as people see one: `projections/customers.ts`. */
import { createCoverage } from '#projections/coverage.ts';
import { customerDetail } from '#projections/customers.ts';
import { expect, test } from 'vitest';
import { creditGiven, creditUsed, customerCreated, customerId, customerMerged } from '../support/customer-facts.ts';
import { openFloor } from '../support/shop-floor.ts';

test('credit is told move by move with its reason in the reader’s words, of all who turned out to be one', () => {
	const floor = openFloor();
	const STORE = { scope: 'store' } as const;
	floor.hub.does([customerCreated('ada'), customerCreated('ada l'), { ...creditGiven('ada', 500), reason: 'goodwill' }], STORE);
	floor.hub.does([creditUsed('ada', 200)], STORE);
	floor.hub.does([{ ...creditGiven('ada l', 70), reason: 'answer to a conflict' }, customerMerged('ada l', 'ada')], STORE);
	const ledger = floor.ledger();
	const told = customerDetail(ledger, createCoverage(ledger), () => undefined, customerId('ada l'), 10);
	expect(told).toMatchObject({ customer: customerId('ada'), creditMinor: 370, openingMinor: 0 });
	expect(told?.moves.map(({ amountMinor, reason }) => [amountMinor, reason])).toEqual([
		[70, 'answer to a question'],
		[-200, ''],
		[500, 'Goodwill'],
	]);
});

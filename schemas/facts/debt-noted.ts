/** A customer owes the shop money: the answer "customer owes" to a refund or a credit that was one too many. */
import * as v from 'valibot';
import { customerId, entryHash } from '../ids.ts';
import { nonNegativeMinor } from '../numbers.ts';
import { defineFact, words } from './define.ts';

export const debtNoted = defineFact({
	type: 'debt.noted',
	version: 1,
	scope: 'branch',
	right: 'resolve',
	fields: { entry: entryHash, amountMinor: nonNegativeMinor, customer: v.optional(customerId), note: v.optional(words(200)) },
});
export type DebtNoted = v.InferOutput<typeof debtNoted.schema>;

/** The shop owes this customer so much in goods: for a return, or as goodwill. */
import * as v from 'valibot';
import { customerId } from '../ids.ts';
import { minor } from '../numbers.ts';
import { defineFact, words } from './define.ts';

export const creditGiven = defineFact({
	type: 'credit.given',
	version: 1,
	scope: 'store',
	right: 'refund',
	fields: { customer: customerId, amountMinor: v.pipe(minor, v.minValue(1)), reason: v.optional(words(200)) },
});
export type CreditGiven = v.InferOutput<typeof creditGiven.schema>;

/** A customer paid with store credit; the sale is the branch's part under the same key. */
import * as v from 'valibot';
import { customerId } from '../ids.ts';
import { minor } from '../numbers.ts';
import { defineFact } from './define.ts';

export const creditUsed = defineFact({
	type: 'credit.used',
	version: 1,
	scope: 'store',
	right: 'sell',
	fields: { customer: customerId, amountMinor: v.pipe(minor, v.minValue(1)) },
});
export type CreditUsed = v.InferOutput<typeof creditUsed.schema>;

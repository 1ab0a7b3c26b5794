/** Two customers were one person: credit and history of `customer` belong to `into`. */
import type * as v from 'valibot';
import { customerId } from '../ids.ts';
import { defineFact } from './define.ts';

export const customerMerged = defineFact({
	type: 'customer.merged',
	version: 1,
	scope: 'store',
	right: 'resolve',
	fields: { customer: customerId, into: customerId },
});
export type CustomerMerged = v.InferOutput<typeof customerMerged.schema>;

/** The customer asked to be forgotten: every process deletes the key, and shows the customer as forgotten. What was bought stays, without a name. */
import type * as v from 'valibot';
import { customerId } from '../ids.ts';
import { defineFact } from './define.ts';

export const customerForgotten = defineFact({
	type: 'customer.forgotten',
	version: 1,
	scope: 'store',
	right: 'resolve',
	fields: { customer: customerId },
});
export type CustomerForgotten = v.InferOutput<typeof customerForgotten.schema>;

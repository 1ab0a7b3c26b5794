/** A customer's fields, all of them again: they are one encrypted whole. Names the entries that it replaces. */
import type * as v from 'valibot';
import { customerId } from '../ids.ts';
import { contactHandles, sealedFields } from './customer-created.ts';
import { defineFact, replaces } from './define.ts';

export const customerEdited = defineFact({
	type: 'customer.edited',
	version: 1,
	scope: 'store',
	right: 'sell',
	fields: { customer: customerId, sealed: sealedFields, contacts: contactHandles, replaces },
});
export type CustomerEdited = v.InferOutput<typeof customerEdited.schema>;

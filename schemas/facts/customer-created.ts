/**
 * A customer, known by a drawn id. Name and addresses are encrypted under the customer's own key, which is in no entry: when it is deleted everywhere the
 * customer is forgotten and the ledger stays whole.
 */
import * as v from 'valibot';
import { customerId } from '../ids.ts';
import { defineFact } from './define.ts';

/** CBOR of the personal fields under AES-GCM with the customer's key, nonce first; hex. */
export const sealedFields = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(16_384));
/** HMAC-SHA-256 (16 bytes, the store's contact key) of a phone, e-mail or card number in its normal form: equal contacts are seen, none is read. */
export const contactHandle = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
export const contactHandles = v.pipe(v.array(contactHandle), v.maxLength(10));

export const customerCreated = defineFact({
	type: 'customer.created',
	version: 1,
	scope: 'store',
	right: 'sell',
	fields: { customer: customerId, sealed: sealedFields, contacts: contactHandles },
});
export type CustomerCreated = v.InferOutput<typeof customerCreated.schema>;

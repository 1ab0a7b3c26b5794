/** The shop owes a customer money or goods for a sale line: the answer to "customer waits or is refunded". */
import type * as v from 'valibot';
import { entryHash, sku } from '../ids.ts';
import { nonNegativeMinor, positiveMilli } from '../numbers.ts';
import { defineFact } from './define.ts';

export const refundOwed = defineFact({
	type: 'refund.owed',
	version: 1,
	scope: 'branch',
	right: 'resolve',
	fields: { sale: entryHash, sku, quantityMilli: positiveMilli, amountMinor: nonNegativeMinor },
});
export type RefundOwed = v.InferOutput<typeof refundOwed.schema>;

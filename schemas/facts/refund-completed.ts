/** Money went back for goods of an earlier sale, or (without `sale`) as goodwill without a receipt. Amounts are above zero and leave the drawer. */
import * as v from 'valibot';
import { customerId, entryHash, personId, sku } from '../ids.ts';
import { refundCompleted1 } from '../migrations/version-1.ts';
import { refundCompleted2 } from '../migrations/version-2.ts';
import { currency, minor, nonNegativeMinor, percentMilli, positiveMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { draw } from './product-created.ts';
import { receipt, shiftNumber, tender } from './sale-completed.ts';

export const refundLine = v.strictObject({
	/** Index into the sale's lines, from 0; absent without a receipt. */
	saleLine: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499))),
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	/** What the customer gets back for it; tax as in the sale. */
	totalMinor: nonNegativeMinor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	taxMinor: minor,
	/** True: the goods went back to the shelf. False: they lie with the returned goods, and may be sold again from there. */
	restock: v.boolean(),
	/** What goes back to the shelf, where that is another product: in all. */
	draws: v.optional(draw),
});
export type RefundLine = v.InferOutput<typeof refundLine>;

export const refundCompleted = defineFact({
	type: 'refund.completed',
	version: 3,
	scope: 'branch',
	right: 'refund',
	fields: {
		receipt,
		currency,
		/** The entry of the sale; absent for a return without a receipt. */
		sale: v.optional(entryHash),
		lines: v.pipe(v.array(refundLine), v.minLength(1), v.maxLength(1500)),
		roundingMinor: minor,
		totalMinor: nonNegativeMinor,
		tenders: v.pipe(v.array(tender), v.minLength(1), v.maxLength(20)),
		reason: v.optional(words(200)),
		taxExcluded: v.optional(v.literal(true)),
		shift: v.optional(shiftNumber),
		customer: v.optional(customerId),
		/** The manager who allowed it on the spot. */
		approvedBy: v.optional(personId),
		/** Since version 3: empties, at what their deposits cost. Every line is a product that is the deposit of another. */
		deposits: v.optional(v.literal(true)),
	},
	earlier: [refundCompleted1, refundCompleted2],
});
export type RefundCompleted = v.InferOutput<typeof refundCompleted.schema>;

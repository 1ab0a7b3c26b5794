/** Another branch refunded lines of this branch's sale: the store-scope part of that refund, which the sale's home branch folds. */
import * as v from 'valibot';
import { branchId, entryHash } from '../ids.ts';
import { nonNegativeMinor, positiveMilli } from '../numbers.ts';
import { defineFact } from './define.ts';

export const refundClaimed = defineFact({
	type: 'refund.claimed',
	version: 1,
	scope: 'store',
	right: 'refund',
	fields: {
		sale: entryHash,
		/** The sale's home branch. */
		home: branchId,
		lines: v.pipe(
			v.array(
				v.strictObject({
					saleLine: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499)),
					quantityMilli: positiveMilli,
					totalMinor: nonNegativeMinor,
				}),
			),
			v.minLength(1),
			v.maxLength(1500),
		),
	},
});
export type RefundClaimed = v.InferOutput<typeof refundClaimed.schema>;

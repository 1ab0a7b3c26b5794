/**
 * A branch refunded lines of another branch's sale: the store-scope part of that refund, under the same key, which the sale's home branch folds.
 *
 * `at` is the sale's place in its till's chain: where that much of the chain is here and the sale is not, no chain has it.
 */
import * as v from 'valibot';
import { branchId, deviceId, entryHash } from '../ids.ts';
import { minor, nonNegativeMinor, positiveMilli } from '../numbers.ts';
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
		at: v.strictObject({ device: deviceId, seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
		lines: v.pipe(
			v.array(
				v.strictObject({
					saleLine: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499)),
					quantityMilli: positiveMilli,
					totalMinor: nonNegativeMinor,
					taxMinor: minor,
				}),
			),
			v.minLength(1),
			v.maxLength(1500),
		),
	},
});
export type RefundClaimed = v.InferOutput<typeof refundClaimed.schema>;

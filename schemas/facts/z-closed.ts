/**
 * A Z: this till's figures since its Z before, closed once, numbered without a gap, with totals that only grow. Never rewritten; what arrives late is an
 * addition to its day. An X is the same figures looked at, and no fact.
 */
import * as v from 'valibot';
import { currency, minor, nonNegativeMinor, percentMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const zFigures = {
	sales: v.strictObject({ count, minor: nonNegativeMinor }),
	refunds: v.strictObject({ count, minor: nonNegativeMinor }),
	/** Less refunds, by rate and percent. */
	taxes: v.pipe(v.array(v.strictObject({ taxRate: words(30), percentMilli, grossMinor: minor, taxMinor: minor })), v.maxLength(100)),
	/** Less refunds, by kind. */
	tenders: v.pipe(v.array(v.strictObject({ type: words(20), minor })), v.maxLength(20)),
	roundingMinor: minor,
	discountsMinor: nonNegativeMinor,
	/** Drawer opened without a sale. */
	noSales: count,
};

export const zClosed = defineFact({
	type: 'z.closed',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: {
		/** Of the author's device, from 1. */
		z: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
		currency,
		/** First and last receipt number in it; absent when there was none. */
		receipts: v.optional(v.strictObject({ from: v.pipe(count, v.minValue(1)), to: v.pipe(count, v.minValue(1)) })),
		...zFigures,
		/** Since the till's first sale, this Z included. */
		perpetual: v.strictObject({ salesMinor: nonNegativeMinor, refundsMinor: nonNegativeMinor }),
	},
});
export type ZClosed = v.InferOutput<typeof zClosed.schema>;

/**
 * Goods were handed over and paid.
 *
 * Rules beyond the shape (judged in `core/sale/rules.ts`, broken ones are quarantined): lines, taxes and rounding add up to the total, and so do the tenders.
 */
import * as v from 'valibot';
import { entryHash, sku } from '../ids.ts';
import { currency, minor, nonNegativeMinor, percentMilli, positiveMilli, unitPriceE4 } from '../numbers.ts';
import { defineFact, words } from './define.ts';

/** Printed as `T3-000124`, with the suffix after the number where two tills were given one number. Gapless per till. */
export const receipt = v.strictObject({
	till: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999)),
	number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	suffix: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]$/))),
});
export type Receipt = v.InferOutput<typeof receipt>;

export const saleLine = v.strictObject({
	/** Absent for an open item. */
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	unitPriceE4,
	/** The entry of the price that the customer saw; absent for an open item or a price typed in. */
	price: v.optional(entryHash),
	/** Quantity times price, rounded half-even once. */
	totalMinor: minor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	/** The tax inside `totalMinor`. */
	taxMinor: minor,
});
export type SaleLine = v.InferOutput<typeof saleLine>;

export const tender = v.variant('type', [
	/** `givenMinor` is what the customer put down, `changeMinor` what went back; the difference is `amountMinor`. */
	v.strictObject({ type: v.literal('cash'), amountMinor: minor, givenMinor: nonNegativeMinor, changeMinor: nonNegativeMinor }),
	/** Confirmed by a person on a stand-alone terminal, with its reference where one was typed. */
	v.strictObject({ type: v.literal('card'), amountMinor: minor, reference: v.optional(words(60)) }),
]);
export type Tender = v.InferOutput<typeof tender>;

export const saleCompleted = defineFact({
	type: 'sale.completed',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: {
		receipt,
		currency,
		lines: v.pipe(v.array(saleLine), v.minLength(1), v.maxLength(1500)),
		/** What cash rounding added (above zero) or took. */
		roundingMinor: minor,
		/** Lines plus rounding. */
		totalMinor: nonNegativeMinor,
		tenders: v.pipe(v.array(tender), v.minLength(1), v.maxLength(20)),
		/** The parked cart that this was. */
		parked: v.optional(words(64)),
	},
});
export type SaleCompleted = v.InferOutput<typeof saleCompleted.schema>;

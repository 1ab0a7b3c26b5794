/**
 * Goods were handed over and paid.
 *
 * Rules beyond the shape (judged in `core/sale/rules.ts`, broken ones are quarantined): lines, taxes and rounding add up to the total, and so do the tenders.
 */
import * as v from 'valibot';
import { customerId, entryHash, personId, sku } from '../ids.ts';
import { saleCompleted1 } from '../migrations/version-1.ts';
import { saleCompleted2 } from '../migrations/version-2.ts';
import { saleCompleted3 } from '../migrations/version-3.ts';
import { currency, minor, nonNegativeMinor, percentMilli, positiveMilli, unitPriceE4 } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { draw } from './product-created.ts';

/** Printed as `T3-000124`, with the suffix after the number where two tills were given one number. Gapless per till. */
export const receipt = v.strictObject({
	till: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999)),
	number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	suffix: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]$/))),
});
export type Receipt = v.InferOutput<typeof receipt>;

/** Number of a shift of the author's own device, from 1. */
export const shiftNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** Why a line costs less than quantity times price. `amountMinor` is what it took off; the percent, where there was one, is for the receipt. */
export const discount = v.strictObject({
	/** `sale`: this line's share of a discount on the whole sale. */
	of: v.picklist(['line', 'sale']),
	amountMinor: nonNegativeMinor,
	percentMilli: v.optional(percentMilli),
	reason: v.optional(words(120)),
	/** The manager who allowed it on the spot. */
	approvedBy: v.optional(personId),
});
export type Discount = v.InferOutput<typeof discount>;

const lineIndex = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499));

export const saleLine = v.strictObject({
	/** Absent for an open item. */
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	unitPriceE4,
	/** The entry of the price that the customer saw; absent for an open item or a price typed in. */
	price: v.optional(entryHash),
	/** Since version 4: why somebody typed another price. */
	priceReason: v.optional(words(120)),
	/** Quantity times price, rounded half-even once, less the discounts. Holds the tax, unless the sale says `taxExcluded`. */
	totalMinor: minor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	/** The tax inside `totalMinor`, or with `taxExcluded` the tax on top of it. */
	taxMinor: minor,
	discounts: v.optional(v.pipe(v.array(discount), v.minLength(1), v.maxLength(10))),
	/** What left the shelf, where that is another product: in all, not per piece. */
	draws: v.optional(draw),
	/** The deposit that belongs to this earlier line. */
	depositOf: v.optional(lineIndex),
	/** Sold out of the returned goods of this refund's line, not off the shelf. */
	resaleOf: v.optional(v.strictObject({ refund: entryHash, line: lineIndex })),
	note: v.optional(words(120)),
});
export type SaleLine = v.InferOutput<typeof saleLine>;

export const tender = v.variant('type', [
	/** `givenMinor` is what the customer put down, `changeMinor` what went back; the difference is `amountMinor`. */
	v.strictObject({ type: v.literal('cash'), amountMinor: minor, givenMinor: nonNegativeMinor, changeMinor: nonNegativeMinor }),
	/** Confirmed by a person on a stand-alone terminal, with its reference where one was typed. */
	v.strictObject({ type: v.literal('card'), amountMinor: minor, reference: v.optional(words(60)) }),
	/** Store credit; `credit.used` (or, in a refund, `credit.given`) in the store's scope under the same key moves the balance. */
	v.strictObject({ type: v.literal('credit'), amountMinor: minor, customer: customerId }),
]);
export type Tender = v.InferOutput<typeof tender>;

/** A person looked at an age: whoever was born up to that day may buy. */
export const ageChecked = v.strictObject({
	years: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99)),
	bornBy: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
});
export type AgeChecked = v.InferOutput<typeof ageChecked>;

export const saleCompleted = defineFact({
	type: 'sale.completed',
	version: 4,
	scope: 'branch',
	right: 'sell',
	fields: {
		receipt,
		currency,
		lines: v.pipe(v.array(saleLine), v.minLength(1), v.maxLength(1500)),
		/** What cash rounding added (above zero) or took. */
		roundingMinor: minor,
		/** Lines (with `taxExcluded`, and their taxes) plus rounding. */
		totalMinor: nonNegativeMinor,
		tenders: v.pipe(v.array(tender), v.minLength(1), v.maxLength(20)),
		/** The parked cart that this was. */
		parked: v.optional(words(64)),
		taxExcluded: v.optional(v.literal(true)),
		shift: v.optional(shiftNumber),
		customer: v.optional(customerId),
		note: v.optional(words(200)),
		/** Since version 3: the highest age that was asked for. */
		ageChecked: v.optional(ageChecked),
	},
	earlier: [saleCompleted1, saleCompleted2, saleCompleted3],
});
export type SaleCompleted = v.InferOutput<typeof saleCompleted.schema>;

/** The second versions of facts that have grown since: what was sealed under them is read for ever. Nothing here changes any more. */
import * as v from 'valibot';
import { branchId, customerId, entryHash, personId, sku } from '../ids.ts';
import { currency, minor, nonNegativeMinor, percentMilli, positiveMilli, quantityMilli, unitPriceE4 } from '../numbers.ts';
import { replaces, words } from '../facts/define.ts';

const receivedLine = v.strictObject({
	sku,
	quantityMilli: positiveMilli,
	expectedMilli: v.optional(v.pipe(quantityMilli, v.minValue(0))),
	costE4: v.optional(unitPriceE4),
});

export const stockReceived2 = {
	lines: v.pipe(v.array(receivedLine), v.minLength(1), v.maxLength(2000)),
	reference: v.optional(words(120)),
	supplier: v.optional(v.pipe(words(80), v.minLength(1))),
};

export const receipt2 = v.strictObject({
	till: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999)),
	number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	suffix: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]$/))),
});
const discount = v.strictObject({
	of: v.picklist(['line', 'sale']),
	amountMinor: nonNegativeMinor,
	percentMilli: v.optional(percentMilli),
	reason: v.optional(words(120)),
	approvedBy: v.optional(personId),
});
const lineIndex = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499));
export const saleLine2 = v.strictObject({
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	unitPriceE4,
	price: v.optional(entryHash),
	totalMinor: minor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	taxMinor: minor,
	discounts: v.optional(v.pipe(v.array(discount), v.minLength(1), v.maxLength(10))),
	draws: v.optional(v.strictObject({ sku, quantityMilli: positiveMilli })),
	depositOf: v.optional(lineIndex),
	resaleOf: v.optional(v.strictObject({ refund: entryHash, line: lineIndex })),
	note: v.optional(words(120)),
});
export const tender2 = v.variant('type', [
	v.strictObject({ type: v.literal('cash'), amountMinor: minor, givenMinor: nonNegativeMinor, changeMinor: nonNegativeMinor }),
	v.strictObject({ type: v.literal('card'), amountMinor: minor, reference: v.optional(words(60)) }),
	v.strictObject({ type: v.literal('credit'), amountMinor: minor, customer: customerId }),
]);
export const saleCompleted2 = {
	receipt: receipt2,
	currency,
	lines: v.pipe(v.array(saleLine2), v.minLength(1), v.maxLength(1500)),
	roundingMinor: minor,
	totalMinor: nonNegativeMinor,
	tenders: v.pipe(v.array(tender2), v.minLength(1), v.maxLength(20)),
	parked: v.optional(words(64)),
	taxExcluded: v.optional(v.literal(true)),
	shift: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
	customer: v.optional(customerId),
	note: v.optional(words(200)),
};

export const refundLine2 = v.strictObject({
	saleLine: v.optional(lineIndex),
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	totalMinor: nonNegativeMinor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	taxMinor: minor,
	restock: v.boolean(),
	draws: v.optional(v.strictObject({ sku, quantityMilli: positiveMilli })),
});
export const refundCompleted2 = {
	receipt: receipt2,
	currency,
	sale: v.optional(entryHash),
	lines: v.pipe(v.array(refundLine2), v.minLength(1), v.maxLength(1500)),
	roundingMinor: minor,
	totalMinor: nonNegativeMinor,
	tenders: v.pipe(v.array(tender2), v.minLength(1), v.maxLength(20)),
	reason: v.optional(words(200)),
	taxExcluded: v.optional(v.literal(true)),
	shift: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
	customer: v.optional(customerId),
	approvedBy: v.optional(personId),
};

const taxRate = v.strictObject({ id: v.pipe(words(30), v.minLength(1)), name: v.pipe(words(60), v.minLength(1)), percentMilli });
const setting = v.variant('name', [
	v.strictObject({ name: v.literal('storeName'), value: v.pipe(words(80), v.minLength(1)) }),
	v.strictObject({ name: v.literal('branchName'), value: v.pipe(words(80), v.minLength(1)) }),
	v.strictObject({ name: v.literal('currency'), value: currency }),
	v.strictObject({ name: v.literal('taxRates'), value: v.pipe(v.array(taxRate), v.minLength(1), v.maxLength(20)) }),
	v.strictObject({ name: v.literal('cashRoundingMinor'), value: v.picklist([1, 5, 10, 50]) }),
	v.strictObject({ name: v.literal('receiptHeader'), value: words(400) }),
	v.strictObject({ name: v.literal('receiptFooter'), value: words(400) }),
	v.strictObject({ name: v.literal('timeZone'), value: v.pipe(words(60), v.minLength(1)) }),
	v.strictObject({ name: v.literal('dayStartMinutes'), value: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1439)) }),
	v.strictObject({ name: v.literal('demo'), value: v.boolean() }),
	v.strictObject({ name: v.literal('taxExcluded'), value: v.boolean() }),
	v.strictObject({ name: v.literal('drawerToleranceMinor'), value: nonNegativeMinor }),
	v.strictObject({ name: v.literal('shiftsRequired'), value: v.boolean() }),
]);
export const settingChanged2 = { setting, branch: v.optional(branchId), replaces };

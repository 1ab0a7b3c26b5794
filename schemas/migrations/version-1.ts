/** The first versions of facts that have grown since: what was sealed under them is read for ever. Nothing here changes any more. */
import * as v from 'valibot';
import { branchId, entryHash, gtin, sku } from '../ids.ts';
import { hlc, mark } from '../mark.ts';
import { currency, minor, nonNegativeMinor, percentMilli, positiveMilli, quantityMilli, unitPriceE4 } from '../numbers.ts';
import { replaces, words } from '../facts/define.ts';

const productFields = {
	name: v.pipe(words(200), v.minLength(1)),
	category: words(60),
	unit: v.picklist(['each', 'kg']),
	gtins: v.pipe(v.array(gtin), v.maxLength(20)),
	taxRate: v.pipe(words(30), v.minLength(1)),
	tracked: v.boolean(),
};
const edited = <Value extends v.GenericSchema>(value: Value) => v.optional(v.strictObject({ value, replaces }));

export const productCreated1 = { sku, ...productFields };
export const productEdited1 = {
	sku,
	fields: v.strictObject({
		name: edited(productFields.name),
		category: edited(productFields.category),
		unit: edited(productFields.unit),
		gtins: edited(productFields.gtins),
		taxRate: edited(productFields.taxRate),
		tracked: edited(productFields.tracked),
	}),
};
export const priceChanged1 = { sku, unitPriceE4, replaces };

export const stockReceived1 = {
	lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: positiveMilli })), v.minLength(1), v.maxLength(2000)),
	reference: v.optional(words(120)),
};
export const stockCounted1 = {
	lines: v.pipe(
		v.array(
			v.strictObject({
				sku,
				quantityMilli: v.pipe(quantityMilli, v.minValue(0)),
				asOf: v.strictObject({ hlc, marks: v.pipe(v.array(mark), v.maxLength(500)) }),
			}),
		),
		v.minLength(1),
		v.maxLength(500),
	),
};

const receipt = v.strictObject({
	till: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999)),
	number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	suffix: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]$/))),
});
const tender = v.variant('type', [
	v.strictObject({ type: v.literal('cash'), amountMinor: minor, givenMinor: nonNegativeMinor, changeMinor: nonNegativeMinor }),
	v.strictObject({ type: v.literal('card'), amountMinor: minor, reference: v.optional(words(60)) }),
]);
const saleLine = v.strictObject({
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	unitPriceE4,
	price: v.optional(entryHash),
	totalMinor: minor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	taxMinor: minor,
});
const refundLine = v.strictObject({
	saleLine: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1499))),
	sku: v.optional(sku),
	name: words(200),
	quantityMilli: positiveMilli,
	totalMinor: nonNegativeMinor,
	taxRate: words(30),
	taxPercentMilli: percentMilli,
	taxMinor: minor,
	restock: v.boolean(),
});
const tenders = v.pipe(v.array(tender), v.minLength(1), v.maxLength(20));

export const saleCompleted1 = {
	receipt,
	currency,
	lines: v.pipe(v.array(saleLine), v.minLength(1), v.maxLength(1500)),
	roundingMinor: minor,
	totalMinor: nonNegativeMinor,
	tenders,
	parked: v.optional(words(64)),
};
export const refundCompleted1 = {
	receipt,
	currency,
	sale: v.optional(entryHash),
	lines: v.pipe(v.array(refundLine), v.minLength(1), v.maxLength(1500)),
	roundingMinor: minor,
	totalMinor: nonNegativeMinor,
	tenders,
	reason: v.optional(words(200)),
};

export const countOpened1 = {
	count: v.pipe(words(64), v.minLength(8), v.brand('CountId')),
	name: v.pipe(words(80), v.minLength(1)),
	skus: v.optional(v.pipe(v.array(sku), v.minLength(1), v.maxLength(2000))),
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
]);
export const settingChanged1 = { setting, branch: v.optional(branchId), replaces };

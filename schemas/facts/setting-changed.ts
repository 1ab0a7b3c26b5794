/** A setting of the store or of one branch has a new value. */
import * as v from 'valibot';
import { branchId } from '../ids.ts';
import { settingChanged1 } from '../migrations/version-1.ts';
import { settingChanged2 } from '../migrations/version-2.ts';
import { currency, nonNegativeMinor, percentMilli } from '../numbers.ts';
import { defineFact, replaces, words } from './define.ts';

export const taxRate = v.strictObject({ id: v.pipe(words(30), v.minLength(1)), name: v.pipe(words(60), v.minLength(1)), percentMilli });
export type TaxRate = v.InferOutput<typeof taxRate>;

/** Codes with a price or weight inside, as the shop's scales print them (`core/codes/measured-code.ts`). */
export const measuredCodes = v.strictObject({
	/** 02, 20 to 29, or longer ones that begin so. */
	prefix: v.pipe(v.string(), v.regex(/^(02|2\d)\d{0,2}$/)),
	itemDigits: v.pipe(v.number(), v.safeInteger(), v.minValue(3), v.maxValue(7)),
	/** A digit that checks the price or weight stands before it. */
	verifier: v.boolean(),
	holds: v.picklist(['price', 'weight']),
	/** Of the price in the currency, of the weight in kilograms. */
	decimals: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4)),
});
export type MeasuredCodes = v.InferOutput<typeof measuredCodes>;
/** Raw printing (JetDirect) has its ports from 9100 on; an address is a number, so that no name can come to mean another machine. */
export const networkPrinter = v.strictObject({
	id: v.pipe(words(30), v.minLength(1)),
	name: v.pipe(words(60), v.minLength(1)),
	host: v.pipe(v.string(), v.ipv4()),
	port: v.pipe(v.number(), v.safeInteger(), v.minValue(9100), v.maxValue(9109)),
	speaks: v.picklist(['esc-pos', 'star-prnt']),
});
export type NetworkPrinter = v.InferOutput<typeof networkPrinter>;

export const setting = v.variant('name', [
	v.strictObject({ name: v.literal('storeName'), value: v.pipe(words(80), v.minLength(1)) }),
	v.strictObject({ name: v.literal('branchName'), value: v.pipe(words(80), v.minLength(1)) }),
	v.strictObject({ name: v.literal('currency'), value: currency }),
	/** The first rate is the usual one. Prices include the tax unless `taxExcluded` says otherwise. */
	v.strictObject({ name: v.literal('taxRates'), value: v.pipe(v.array(taxRate), v.minLength(1), v.maxLength(20)) }),
	/** Smallest coin in minor units: 1 is no rounding. */
	v.strictObject({ name: v.literal('cashRoundingMinor'), value: v.picklist([1, 5, 10, 50]) }),
	v.strictObject({ name: v.literal('receiptHeader'), value: words(400) }),
	v.strictObject({ name: v.literal('receiptFooter'), value: words(400) }),
	/** IANA name. */
	v.strictObject({ name: v.literal('timeZone'), value: v.pipe(words(60), v.minLength(1)) }),
	/** Minutes after midnight at which the trading day begins. */
	v.strictObject({ name: v.literal('dayStartMinutes'), value: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1439)) }),
	/** A shop to try things in: every screen says so. */
	v.strictObject({ name: v.literal('demo'), value: v.boolean() }),
	/** Since version 2: prices are without tax, and the tax is added on the receipt. */
	v.strictObject({ name: v.literal('taxExcluded'), value: v.boolean() }),
	/** Since version 2: a counted drawer may differ by so much before anybody is asked. */
	v.strictObject({ name: v.literal('drawerToleranceMinor'), value: nonNegativeMinor }),
	/** Since version 2: a till sells only while a shift is open. */
	v.strictObject({ name: v.literal('shiftsRequired'), value: v.boolean() }),
	/** Since version 3: the first whose prefix fits is used. */
	v.strictObject({ name: v.literal('measuredCodes'), value: v.pipe(v.array(measuredCodes), v.maxLength(20)) }),
	/** Since version 3: a card payment names the reference on the terminal's slip. */
	v.strictObject({ name: v.literal('cardReferenceNeeded'), value: v.boolean() }),
	/** Since version 3: receipt printers of a branch's network. A hub prints on these and on nothing else. */
	v.strictObject({ name: v.literal('printers'), value: v.pipe(v.array(networkPrinter), v.maxLength(20)) }),
]);
export type Setting = v.InferOutput<typeof setting>;

export const settingChanged = defineFact({
	type: 'setting.changed',
	version: 3,
	scope: 'store',
	right: 'settings',
	fields: { setting, /** Absent: for the whole store. */ branch: v.optional(branchId), replaces },
	earlier: [settingChanged1, settingChanged2],
});
export type SettingChanged = v.InferOutput<typeof settingChanged.schema>;

/**
 * Money and quantities are integers; the unit is in the name.
 *
 * `…Minor`: minor units of the store's currency (pennies). `…Milli`: thousandths of a unit or kilogram.
 * `…E4`: ten-thousandths of the currency's *major* unit, for unit prices (£1.2345 is 12345, whatever the currency's own decimals).
 */
import * as v from 'valibot';

const safe = v.pipe(v.number(), v.safeInteger());

export const minor = safe;
export const nonNegativeMinor = v.pipe(safe, v.minValue(0));
export const quantityMilli = v.pipe(safe, v.minValue(-1e12), v.maxValue(1e12));
export const positiveMilli = v.pipe(safe, v.minValue(1), v.maxValue(1e12));
export const unitPriceE4 = v.pipe(safe, v.minValue(0), v.maxValue(1e14));
/** Thousandths of a percent: 20 % is 20000. */
export const percentMilli = v.pipe(safe, v.minValue(0), v.maxValue(1_000_000));
/** ISO 4217 code with the digits after its point that cash and totals carry (0, 2 or 3). */
export const currency = v.strictObject({
	code: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)),
	digits: v.picklist([0, 2, 3]),
});
export type Currency = v.InferOutput<typeof currency>;

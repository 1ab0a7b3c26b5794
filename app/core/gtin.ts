/** The world's barcodes: check digits and lengths by the GS1 General Specifications, section 7.9. */
import type { Gtin } from '#schemas/ids.ts';

/**
 * The code as Holdfast keeps it: UPC-A (12 digits) gets the zero in front that makes it a GTIN-13; a GTIN-14 whose indicator is 0 loses it.
 * Undefined for what is no GTIN or whose check digit does not fit.
 */
export function normalizeGtin(code: string): Gtin | undefined {
	const digits = code.trim();
	if (!/^(\d{8}|\d{12,14})$/.test(digits) || checkDigitOf(digits.slice(0, -1)) !== Number(digits.at(-1))) return undefined;
	if (digits.length === 12) return `0${digits}` as Gtin;
	return (digits.length === 14 && digits.startsWith('0') ? digits.slice(1) : digits) as Gtin;
}

/** The digit that follows: from the right, digits weigh 3 and 1 by turns, and the sum is brought up to a multiple of ten. */
export function checkDigitOf(digits: string): number {
	let sum = 0;
	for (let place = 0; place < digits.length; place += 1) sum += Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
	return (10 - (sum % 10)) % 10;
}

/**
 * Codes that a shop's own scales print: price or weight stands inside. GS1 General Specifications, section 2.1.12.2 (restricted circulation numbers,
 * prefixes 02 and 20 to 29); which digits mean what each country or shop decides, so it is a setting.
 *
 *     21 12345 V 0437 C      prefix, item, verifier digit (where the scheme has one), price or weight, check digit
 */
import { checkDigitOf } from '#core/gtin.ts';
import type { MeasuredCodes } from '#schemas/facts/setting-changed.ts';
import type { Gtin } from '#schemas/ids.ts';

export interface MeasuredCode {
	readonly item: string;
	/** The same code with nothing in its price or weight: what the product carries as its barcode. */
	readonly bare: Gtin;
	readonly holds: MeasuredCodes['holds'];
	readonly value: number;
	readonly decimals: number;
}

const LENGTH = 13;

/** Undefined where no scheme is for its prefix; `misread` where the verifier digit says that price or weight was not read right. */
export function readMeasuredCode(gtin: Gtin, schemes: readonly MeasuredCodes[]): MeasuredCode | 'misread' | undefined {
	if (gtin.length !== LENGTH) return undefined;
	const scheme = schemes.find(({ prefix }) => gtin.startsWith(prefix));
	if (scheme === undefined) return undefined;
	const { prefix, itemDigits, verifier, holds, decimals } = scheme;
	const itemEnd = prefix.length + itemDigits;
	const valueAt = itemEnd + (verifier ? 1 : 0);
	const value = gtin.slice(valueAt, -1);
	if (verifier && verifierDigitOf(value) !== gtin.charAt(itemEnd)) return 'misread';
	const body = gtin.slice(0, itemEnd).padEnd(LENGTH - 1, '0');
	return { item: gtin.slice(prefix.length, itemEnd), bare: `${body}${checkDigitOf(body)}` as Gtin, holds, value: Number(value), decimals };
}

/** Only four and five digits have a verifier digit (section 7.9). */
export function canVerify({ itemDigits, prefix }: Pick<MeasuredCodes, 'itemDigits' | 'prefix'>): boolean {
	return [4, 5].includes(LENGTH - 2 - prefix.length - itemDigits);
}

/** Section 7.9: price/weight check digit of a field of four or five digits. Undefined for any other length. */
export function verifierDigitOf(value: string): string | undefined {
	const digits = [...value].map(Number);
	if (value.length === 4) return String((weighed(digits, [TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS]) * 3) % 10);
	if (value.length !== 5) return undefined;
	const sum = weighed(digits, [FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS]);
	return String(FIVE_MINUS.indexOf((10 - (sum % 10)) % 10));
}

function weighed(digits: readonly number[], weights: readonly (readonly number[])[]): number {
	return digits.reduce((sum, digit, place) => sum + (weights[place]?.[digit] ?? 0), 0);
}

/** Weighted products by digit: twice less its tens, thrice, five times plus and less its tens; the last digit of each. */
const TWO_MINUS = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
const THREE = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
const FIVE_PLUS = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
const FIVE_MINUS = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];

/** `21 IIIII WWWWW C`: what stands where, for whoever sets the scheme. */
export function layoutOf({ prefix, itemDigits, verifier, holds }: MeasuredCodes): string {
	const valueDigits = LENGTH - 1 - prefix.length - itemDigits - (verifier ? 1 : 0);
	return [prefix, 'I'.repeat(itemDigits), ...(verifier ? ['V'] : []), (holds === 'weight' ? 'W' : 'P').repeat(valueDigits), 'C'].join(' ');
}

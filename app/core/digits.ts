/** Digits as keyboards of other scripts write them: Arabic, Persian and Urdu, and the wide ones of East Asia. */

/** Where each begins: Unicode's decimal digits stand in tens, zero first (the standard, section 4.6). */
const ZEROS = [0x660, 0x6f0, 0xff10];
const OTHERS = /[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19\u066a-\u066c]/g;
/** Arabic percent sign, decimal separator and thousands separator. */
const SIGNS: Readonly<Record<string, string>> = { '\u066a': '%', '\u066b': '.', '\u066c': ',' };

/** The text with its digits, and the signs of numbers, as ASCII has them. Anything else stays. */
export function plainDigits(text: string): string {
	return text.replace(OTHERS, (one) => {
		const zero = ZEROS.findLast((first) => (one.codePointAt(0) ?? 0) >= first) ?? 0;
		return SIGNS[one] ?? String((one.codePointAt(0) ?? 0) - zero);
	});
}

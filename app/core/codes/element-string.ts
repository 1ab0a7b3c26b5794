/**
 * GS1 element strings, as GS1-128, GS1 DataMatrix, GS1 QR and GS1 DataBar Expanded carry them: application identifiers (AI) and their values.
 * GS1 General Specifications: section 3 for the identifiers, 7.8 for how they follow one another.
 *
 * 1. What is not whole and right is nothing: a length, a check digit, a date that does not fit leaves the code unread, never half read.
 * 2. A value of no fixed length ends at FNC1, which scanners send as the group separator (ASCII 29), or at the end.
 */
import { checkDigitOf } from '#core/gtin.ts';

/** How scanners send FNC1 between two elements. */
export const FNC1 = '\u001D';

export interface Element {
	readonly ai: string;
	readonly value: string;
}

/** Undefined for what is no element string, or a broken one. `(01)…(10)…`, as it is printed under the bars, is read as well. */
export function readElementString(text: string): readonly Element[] | undefined {
	const elements = text.startsWith('(') ? readPrinted(text) : readScanned(text);
	return elements !== undefined && elements.length > 0 && elements.every(isWhole) ? elements : undefined;
}

function readScanned(text: string): readonly Element[] | undefined {
	const elements: Element[] = [];
	let rest = text.startsWith(FNC1) ? text.slice(1) : text;
	while (rest !== '') {
		const ai = rest.slice(0, digitsOfAi(rest));
		if (!/^\d{2,4}$/.test(ai) || ai.length !== digitsOfAi(rest)) return undefined;
		const fixed = FIXED_LENGTH[ai.slice(0, 2)];
		const separator = rest.indexOf(FNC1);
		const end = fixed === undefined ? (separator < 0 ? rest.length : separator) : fixed;
		if (end > rest.length || (separator >= 0 && separator < end)) return undefined;
		elements.push({ ai, value: rest.slice(ai.length, end) });
		rest = rest.slice(end);
		if (rest.startsWith(FNC1)) rest = rest.slice(1); // After a fixed length none is needed, and some printers put one.
	}
	return elements;
}

function readPrinted(text: string): readonly Element[] | undefined {
	if (!/^(\(\d{2,4}\)[^()]+)+$/.test(text)) return undefined;
	return [...text.matchAll(/\((\d{2,4})\)([^()]+)/g)].map(([, ai = '', value = '']) => ({ ai, value }));
}

/** How many digits the identifier itself has, by its first two (section 3.2). Zero where none begins so. */
function digitsOfAi(text: string): number {
	const begin = text.slice(0, 2);
	if (!/^\d{2}$/.test(begin)) return 0;
	if (/^(0[0-4]|1[0-9]|2[0-2]|30|37|9[0-9])$/.test(begin)) return 2;
	if (/^(23|24|25|40|41|42)$/.test(begin)) return 3;
	return /^(3[1-69]|43|7[0-2]|8[0-2])$/.test(begin) ? 4 : 0;
}

/** Identifier and value together, by the identifier's first two digits (section 7.8.5, element strings with predefined length). */
const FIXED_LENGTH: Readonly<Record<string, number>> = {
	...{ '00': 20, '01': 16, '02': 16, '03': 16, '04': 18, '11': 8, '12': 8, '13': 8, '14': 8, '15': 8, '16': 8, '17': 8, '18': 8, '19': 8 },
	...{ '20': 4, '31': 10, '32': 10, '33': 10, '34': 10, '35': 10, '36': 10, '41': 16 },
};

/** Letters, digits and signs of GS1's character set 82 (section 7.11). */
const CHARACTERS = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

function isWhole({ ai, value }: Element): boolean {
	if (!CHARACTERS.test(value)) return false;
	switch (ai) {
		case '00':
			return /^\d{18}$/.test(value) && hasCheckDigit(value);
		case '01':
		case '02':
		case '03':
			return /^\d{14}$/.test(value) && hasCheckDigit(value);
		case '11':
		case '12':
		case '13':
		case '15':
		case '16':
		case '17':
			return dateOfElement(value) !== undefined;
		case '10':
		case '21':
			return value.length <= 20;
		case '30':
		case '37':
			return /^\d{1,8}$/.test(value);
	}
	if (/^3[1-6]\d\d$/.test(ai)) return /^\d{6}$/.test(value);
	if (/^39[02]\d$/.test(ai)) return /^\d{1,15}$/.test(value);
	return /^39[13]\d$/.test(ai) ? /^\d{4,18}$/.test(value) : value.length <= 90;
}

function hasCheckDigit(digits: string): boolean {
	return checkDigitOf(digits.slice(0, -1)) === Number(digits.at(-1));
}

/**
 * `YYMMDD` as an ISO date; day 00 is the last of the month. The century (section 7.12) is the one that puts the year nearest to now, which for goods on
 * a shelf is this one: years 00–79 are read as 2000–2079, so that the answer needs no clock.
 */
export function dateOfElement(value: string): string | undefined {
	const [, yy = '', mm = '', dd = ''] = /^(\d\d)(\d\d)(\d\d)$/.exec(value) ?? [];
	const [year, month, day] = [Number(yy) + (Number(yy) < 80 ? 2000 : 1900), Number(mm), Number(dd)];
	if (month < 1 || month > 12) return undefined;
	const last = LAST_DAYS[month - 1] ?? 31;
	const lastDay = month === 2 && year % 4 === 0 ? 29 : last; // 2000 was a leap year, too; 1900 and 2100 cannot be said.
	if (yy === '' || day > lastDay) return undefined;
	return `${year}-${mm}-${String(day === 0 ? lastDay : day).padStart(2, '0')}`;
}

const LAST_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Money is integer minor units with its currency; nothing here is a float.
 *
 * 1. A line is rounded once, half to even, from exact integers.
 * 2. Parts that are allocated sum to the whole.
 */
import type { Currency } from '#schemas/numbers.ts';
import { plainDigits } from './digits.ts';

/** Nearest integer to numerator / denominator, halves to the even one (IEEE 754 roundTiesToEven). The denominator is above zero. */
export function roundHalfEven(numerator: bigint, denominator: bigint): number {
	if (denominator <= 0n) throw new Error(`the denominator is ${denominator}`);
	const negative = numerator < 0n;
	const size = negative ? -numerator : numerator;
	const floor = size / denominator;
	const twice = (size % denominator) * 2n;
	const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
	const rounded = up ? floor + 1n : floor;
	return exact(negative ? -rounded : rounded);
}

/** Quantity times price in minor units: thousandths × ten-thousandths of the major unit, so 10⁷ is one major unit. */
export function lineTotalMinor(quantityMilli: number, unitPriceE4: number, currency: Currency): number {
	return roundHalfEven(BigInt(quantityMilli) * BigInt(unitPriceE4) * 10n ** BigInt(currency.digits), 10_000_000n);
}

/** The tax inside an amount that includes it, at thousandths of a percent: 20 % of 120 is 20. */
export function taxInsideMinor(grossMinor: number, percentMilli: number): number {
	return roundHalfEven(BigInt(grossMinor) * BigInt(percentMilli), BigInt(100_000 + percentMilli));
}

/** The tax that comes on top of an amount without it. */
export function taxOnTopMinor(netMinor: number, percentMilli: number): number {
	return percentOfMinor(netMinor, percentMilli);
}

/** So many thousandths of a percent of an amount. */
export function percentOfMinor(amountMinor: number, percentMilli: number): number {
	return roundHalfEven(BigInt(amountMinor) * BigInt(percentMilli), 100_000n);
}

/** The amount as cash can pay it: to the nearest multiple of the smallest coin, halves to the even multiple. */
export function roundToCash(amountMinor: number, coinMinor: number): number {
	return roundHalfEven(BigInt(amountMinor), BigInt(coinMinor)) * coinMinor;
}

export function sumMinor(amounts: readonly number[]): number {
	let plain = 0;
	for (const amount of amounts) {
		plain += amount;
		// Exact as long as every sum on the way is; what is not goes the slow way from the beginning.
		if (!Number.isSafeInteger(plain)) return sumExactly(amounts);
	}
	return plain;
}

function sumExactly(amounts: readonly number[]): number {
	let sum = 0n;
	for (const amount of amounts) sum += BigInt(amount);
	return exact(sum);
}

/**
 * A whole amount in parts by weight: each part rounded towards zero, and what is left over goes, one minor unit each, to the parts that lost most (the method of
 * the largest remainder, or Hamilton's); of equals to the earlier. Weights are not below zero; where all are zero the parts are alike.
 */
export function allocateMinor(wholeMinor: number, weights: readonly number[]): readonly number[] {
	if (weights.length === 0) {
		if (wholeMinor !== 0) throw new Error(`${wholeMinor} to be shared among nobody`);
		return [];
	}
	let sum = 0n;
	for (const weight of weights) {
		if (weight < 0) throw new Error(`a weight of ${weight}`);
		sum += BigInt(weight);
	}
	const weightOf = (index: number): bigint => (sum === 0n ? 1n : BigInt(weights[index] ?? 0));
	const all = sum === 0n ? BigInt(weights.length) : sum;
	const sign = wholeMinor < 0 ? -1 : 1;
	const size = BigInt(Math.abs(wholeMinor));
	const parts = weights.map((_weight, index) => ({ index, minor: (size * weightOf(index)) / all, lost: (size * weightOf(index)) % all }));
	let left = size - parts.reduce((done, { minor }) => done + minor, 0n);
	for (const part of [...parts].sort((a, b) => (a.lost === b.lost ? a.index - b.index : a.lost > b.lost ? -1 : 1))) {
		if (left === 0n) break;
		part.minor += 1n;
		left -= 1n;
	}
	// `0 * -1` would be a zero with a sign, which no file holds.
	return parts.map(({ minor }) => (minor === 0n ? 0 : exact(minor) * sign));
}

/** A part of a whole amount, by the share done so far: so that parts taken one after another sum to the whole, whatever their sizes. */
export function shareMinor(wholeMinor: number, doneBeforeMilli: number, partMilli: number, ofMilli: number): number {
	const upTo = (milli: number): number => roundHalfEven(BigInt(wholeMinor) * BigInt(milli), BigInt(ofMilli));
	return upTo(doneBeforeMilli + partMilli) - upTo(doneBeforeMilli);
}

/** `£1,234.50` in the locale's own way. */
export function formatMoney(amountMinor: number, currency: Currency, locale = 'en-GB'): string {
	return moneyFormat(currency, locale).format(decimalText(amountMinor, currency) as unknown as number);
}

/** `1234.50`: for files, fields and other programs. */
export function decimalText(amountMinor: number, currency: { readonly digits: number }): string {
	const digits = String(Math.abs(amountMinor)).padStart(currency.digits + 1, '0');
	const whole = digits.slice(0, digits.length - currency.digits);
	const fraction = digits.slice(digits.length - currency.digits);
	return `${amountMinor < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A unit price with as many decimals as it needs, at least the currency's. */
export function formatUnitPrice(unitPriceE4: number, currency: Currency, locale = 'en-GB'): string {
	const needed = UNIT_PRICE_DIGITS - (/0*$/.exec(String(unitPriceE4).padStart(UNIT_PRICE_DIGITS, '0'))?.[0].length ?? 0);
	const digits = unitPriceE4 === 0 ? currency.digits : Math.max(currency.digits, needed);
	const text = decimalText(unitPriceE4, { digits: UNIT_PRICE_DIGITS });
	return moneyFormat({ code: currency.code, digits }, locale).format(text as unknown as number);
}

const UNIT_PRICE_DIGITS = 4;

export type DecimalMark = '.' | ',';

/**
 * What a person typed or a file says: `12`, `12.5`, `12,50`, `1.234,50`, `£ 1,234.50`, `0.84 kg`, `١٢٫٥`. Undefined for what is no number, is below zero, has more
 * decimals than `digits` or cannot be meant (`50p` is not fifty pounds).
 *
 * One mark with exactly three digits behind it can be read two ways. Where it is known how its file writes numbers, `mark` says so. Else it groups
 * thousands where there are no three decimals (money), is the decimal mark where there are three (weights, and after a leading zero), and in between (unit
 * prices, four decimals) a dot is decimal, as in files that leave from here, and a comma is refused: a thousandth of a price is no guess. The Arabic sign for
 * thousands is only that.
 */
export function parseDecimal(text: string, digits: number, mark?: DecimalMark): number | undefined {
	const bare = withoutUnit(text);
	const grouped = GROUPED.exec(bare);
	if (grouped !== null) {
		const [, whole = '', group, rest = '', decimal, fraction] = grouped;
		const isContradiction = decimal === group || group === mark || (decimal !== undefined && mark !== undefined && decimal !== mark);
		const isAmbiguous = decimal === undefined && rest.length === 4;
		if (isAmbiguous && group === ',' && digits > 3 && mark === undefined && !text.includes('٬')) return undefined;
		if (!isAmbiguous || !isDecimalMark(group, digits, mark)) return isContradiction ? undefined : scaled(`${whole}${rest}`, fraction ?? '', digits);
	}
	const plain = PLAIN.exec(bare);
	if (plain === null || !/\d/.test(bare)) return undefined;
	const [, whole = '', found, fraction = ''] = plain;
	return found !== undefined && mark !== undefined && found !== mark ? undefined : scaled(whole, fraction, digits);
}

/** How these numbers of one file are written, where one of them says so and no other says the opposite. */
export function decimalMarkOf(texts: Iterable<string>): DecimalMark | undefined {
	const marks = new Set<string>();
	for (const text of texts) {
		const bare = withoutUnit(text);
		const grouped = GROUPED.exec(bare);
		const [, , group, rest = '', decimal] = grouped ?? [];
		if (decimal !== undefined && decimal !== group) marks.add(decimal);
		else if (rest.length > 4) marks.add(group === '.' ? ',' : group === ',' ? '.' : '');
		else if (grouped === null) marks.add(PLAIN.exec(bare)?.[2] ?? '');
	}
	marks.delete('');
	const [only] = marks;
	return marks.size === 1 ? (only as DecimalMark) : undefined;
}

/** Thousands in threes behind one and the same sign, with or without decimals. Nobody groups behind a leading zero. */
const GROUPED = /^([1-9]\d{0,2})(?=([.,'’\s]))((?:\2\d{3})+)(?:([.,])(\d*))?$/u;
const PLAIN = /^(\d*)(?:([.,])(\d*))?$/;

function isDecimalMark(sign: string | undefined, digits: number, mark: DecimalMark | undefined): boolean {
	if (sign !== '.' && sign !== ',') return false;
	if (mark !== undefined) return sign === mark;
	return digits === 3 || (digits > 3 && sign === '.');
}

/** Without the currency before or behind (a sign, a code in capitals, `kr`, `zł`), or `kg` behind. Any other letters stay, and make it no number. */
function withoutUnit(text: string): string {
	const before = /^(?:(?:[A-Z]{3}|kr\.?|Fr\.?|Rs\.?)\s*|[A-Z]{0,2}\p{Sc}\s*)(?=[\d.,])/u;
	const behind = /(?<=[\d.,])\s*(?:\p{Sc}|[A-Z]{3}|kr\.?|zł|Kč|Ft|lei|kg)$/u;
	return plainDigits(text.trim()).replace(before, '').replace(behind, '');
}

function scaled(whole: string, fraction: string, digits: number): number | undefined {
	if (fraction.length > digits) return undefined;
	const number = Number(whole.replace(/\D/gu, '')) * 10 ** digits + Number(fraction.padEnd(digits, '0'));
	return Number.isSafeInteger(number) ? number : undefined;
}

export function parseMoney(text: string, currency: Currency): number | undefined {
	return parseDecimal(text, currency.digits);
}

/** Building a format costs 50 times its use. */
const formats = new Map<string, Intl.NumberFormat>();

function moneyFormat({ code, digits }: { readonly code: string; readonly digits: number }, locale: string): Intl.NumberFormat {
	const name = `${locale} ${code} ${digits}`;
	const known = formats.get(name);
	if (known !== undefined) return known;
	const format = new Intl.NumberFormat(locale, { style: 'currency', currency: code, minimumFractionDigits: digits, maximumFractionDigits: digits });
	formats.set(name, format);
	return format;
}

function exact(value: bigint): number {
	const number = Number(value);
	if (!Number.isSafeInteger(number)) throw new Error(`${value} is more money than an integer holds`);
	return number;
}

/**
 * Money is integer minor units with its currency; nothing here is a float.
 *
 * 1. A line is rounded once, half to even, from exact integers.
 * 2. Parts that are allocated sum to the whole.
 */
import type { Currency } from '#schemas/numbers.ts';

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

/** The amount as cash can pay it: to the nearest multiple of the smallest coin, halves to the even multiple. */
export function roundToCash(amountMinor: number, coinMinor: number): number {
	return roundHalfEven(BigInt(amountMinor), BigInt(coinMinor)) * coinMinor;
}

export function sumMinor(amounts: Iterable<number>): number {
	let sum = 0n;
	for (const amount of amounts) sum += BigInt(amount);
	return exact(sum);
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
export function decimalText(amountMinor: number, currency: Currency): string {
	const digits = String(Math.abs(amountMinor)).padStart(currency.digits + 1, '0');
	const whole = digits.slice(0, digits.length - currency.digits);
	const fraction = digits.slice(digits.length - currency.digits);
	return `${amountMinor < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A unit price with as many decimals as it needs, at least the currency's. */
export function formatUnitPrice(unitPriceE4: number, currency: Currency, locale = 'en-GB'): string {
	const text = (unitPriceE4 / 10_000).toFixed(4).replace(/0{1,4}$/, '');
	const decimals = Math.max(currency.digits, text.length - text.indexOf('.') - 1);
	return new Intl.NumberFormat(locale, { style: 'currency', currency: currency.code, minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(unitPriceE4 / 10_000);
}

/**
 * What a person typed: `12`, `12.5`, `12,50`, `1.234,50`, `£ 1,234.50`. Undefined for what is no amount, is below zero or has more decimals than `digits`.
 * The last separator is the decimal one unless exactly three digits follow it and the currency has other decimals.
 */
export function parseDecimal(text: string, digits: number): number | undefined {
	const bare = text.replace(/[^\d.,]/gu, (sign) => (/[\s\p{Sc}A-Za-z'’]/u.test(sign) ? '' : '!'));
	if (!/^\d[\d.,]*$|^[.,]\d+$/.test(bare)) return undefined;
	const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
	const after = last < 0 ? '' : bare.slice(last + 1);
	const groups = last >= 0 && after.length === 3 && digits !== 3 && /^\d{1,3}([.,]\d{3})+$/.test(bare);
	const whole = (last < 0 || groups ? bare : bare.slice(0, last)).replace(/[.,]/g, '');
	const fraction = last < 0 || groups ? '' : after;
	if (fraction.length > digits || whole.length > 12) return undefined;
	return Number(whole === '' ? '0' : whole) * 10 ** digits + Number(fraction.padEnd(digits, '0') || '0');
}

export function parseMoney(text: string, currency: Currency): number | undefined {
	return parseDecimal(text, currency.digits);
}

/** Building a format costs 50 times its use. */
const formats = new Map<string, Intl.NumberFormat>();

function moneyFormat({ code, digits }: Currency, locale: string): Intl.NumberFormat {
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

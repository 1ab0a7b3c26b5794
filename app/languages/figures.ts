/** Money, quantities, percents, ages and times as people write them in the language that is spoken here. Nothing is computed, only written. */
import { formatMoney as moneyIn, formatUnitPrice as unitPriceIn } from '#core/money.ts';
import { isTimeZone } from '#core/time.ts';
import type { Currency } from '#schemas/numbers.ts';
import { spokenNow } from './spoken.ts';

export function formatMoney(amountMinor: number, currency: Currency): string {
	return inOnePiece(moneyIn(amountMinor, currency, spokenNow().locale));
}

export function formatUnitPrice(unitPriceE4: number, currency: Currency): string {
	return inOnePiece(unitPriceIn(unitPriceE4, currency, spokenNow().locale));
}

/** Where one reads from the right, `UK£` at the end of an amount would come apart, its sign before its letters: a mark of the other direction ends it. */
function inOnePiece(money: string): string {
	return money.replace(/[A-Z]\p{Sc}$/u, '$&\u200E');
}

/** A phone number or an address in a line of others, in its own direction wherever one reads from: `+44 20` is no `20 44+`. */
export function inOwnDirection(text: string): string {
	return `\u2068${text}\u2069`;
}

/** Thousandths as `1`, `2.5` or `0.84 kg`; without thousands marks, for the same text stands in fields that are read back. */
export function formatQuantity(milli: number, unit: 'each' | 'kg'): string {
	const text = made('quantity', () => new Intl.NumberFormat(spokenNow().locale, { maximumFractionDigits: 3, useGrouping: false })).format(
		milli / 1000,
	);
	return unit === 'kg' ? `${text} kg` : text;
}

/** A whole number of anything. */
export function formatCount(count: number): string {
	return made('count', () => new Intl.NumberFormat(spokenNow().locale, { maximumFractionDigits: 0 })).format(count);
}

/** Tenths of a percent: `12.5%`; with its sign where it tells a change. */
export function formatPart(mille: number, isChange = false): string {
	const options = { style: 'percent', maximumFractionDigits: 1, ...(isChange ? { signDisplay: 'exceptZero' as const } : {}) } as const;
	return made(`part ${String(isChange)}`, () => new Intl.NumberFormat(spokenNow().locale, options)).format(mille / 1000);
}

/** Thousandths of a percent: `20%`, `8.875%`. */
export function formatPercent(percentMilli: number): string {
	return made('percent', () => new Intl.NumberFormat(spokenNow().locale, { style: 'percent', maximumFractionDigits: 3 })).format(
		percentMilli / 100_000,
	);
}

/** `a, b and c`, or with commas alone. */
export function formatList(words: readonly string[], word: 'and' | 'none'): string {
	return made(
		`list ${word}`,
		() => new Intl.ListFormat(spokenNow().locale, word === 'and' ? { type: 'conjunction' } : { type: 'unit', style: 'short' }),
	).format(words);
}

export function formatTime(atMs: number, timeZone: string): string {
	return inZone('time', timeZone, { hour: '2-digit', minute: '2-digit' }).format(atMs);
}

export function formatMoment(atMs: number, timeZone: string): string {
	return inZone('moment', timeZone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(atMs);
}

/** With the year, for what is kept: `28 Nov 2026, 10:41`. */
export function formatWhen(atMs: number, timeZone: string): string {
	return inZone('when', timeZone, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
}

/** A trading day, `2026-11-28`, as `28 Nov 2026`. */
export function formatDay(day: string): string {
	return inZone('day', 'UTC', { day: 'numeric', month: 'short', year: 'numeric' }).format(Date.parse(`${day}T00:00:00Z`));
}

/** A trading day in a row of others: `Sat 28`. */
export function formatDayShort(day: string): string {
	return inZone('day short', 'UTC', { weekday: 'short', day: 'numeric' }).format(Date.parse(`${day}T00:00:00Z`));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `4 min`, `3 hr`, `2 days`, whole ones; undefined under a minute. */
export function formatAge(ms: number): string | undefined {
	if (ms < MINUTE_MS) return undefined;
	const [unit, unitMs] =
		ms < HOUR_MS ? (['minute', MINUTE_MS] as const) : ms < 2 * DAY_MS ? (['hour', HOUR_MS] as const) : (['day', DAY_MS] as const);
	return made(`age ${unit}`, () => new Intl.NumberFormat(spokenNow().locale, { style: 'unit', unit, unitDisplay: 'short' })).format(
		Math.floor(ms / unitMs),
	);
}

function inZone(name: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	// A zone that nobody knows, from a newer setting, stops nothing.
	const zone = (): string => (isTimeZone(timeZone) ? timeZone : 'UTC');
	return made(`${name} ${timeZone}`, () => new Intl.DateTimeFormat(spokenNow().locale, { ...options, timeZone: zone(), hourCycle: 'h23' }));
}

type Format = Intl.NumberFormat | Intl.DateTimeFormat | Intl.ListFormat;

/** Building a format costs 50 times its use. */
const formats = new Map<string, Format>();

function made<Made extends Format>(name: string, make: () => Made): Made {
	const key = `${spokenNow().locale} ${name}`;
	const known = formats.get(key);
	if (known !== undefined) return known as Made;
	const format = make();
	formats.set(key, format);
	return format;
}

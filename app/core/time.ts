/** The trading day: which day's takings an entry belongs to, by the branch's own clock on the wall. */
import type { TradingDay } from '#schemas/ids.ts';

/**
 * The calendar date, in the time zone, of the moment `dayStartMinutes` before `atMs`: a bar whose day starts at 05:00 sells at 02:00 into the day before.
 * The offset is taken in elapsed minutes, so the hour of a daylight saving change moves the boundary by that hour once a year.
 * An unknown time zone is read as UTC: a setting that a peer broke must not stop a sale.
 */
export function tradingDayOf(atMs: number, timeZone: string, dayStartMinutes: number): TradingDay {
	return formatOf('day', timeZone).format(new Date(atMs - dayStartMinutes * 60_000)) as TradingDay;
}

/** The moment at which a trading day begins, ms since 1970. Looked for by halves, for no calendar says when a zone's clocks are put forward. */
export function dayBeginsMs(day: TradingDay, timeZone: string, dayStartMinutes: number): number {
	const noon = Date.parse(`${day}T12:00:00Z`);
	let [before, after] = [noon - 48 * 3_600_000, noon + 48 * 3_600_000];
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (tradingDayOf(middle, timeZone, dayStartMinutes) >= day) after = middle;
		else before = middle;
	}
	return after;
}

/** `14:02`, on the clock on the wall of the zone. */
export function clockTimeOf(atMs: number, timeZone: string): string {
	return formatOf('time', timeZone).format(new Date(atMs));
}

/** Whether Intl knows the zone. */
export function isTimeZone(name: string): boolean {
	try {
		return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone !== '';
	} catch {
		return false;
	}
}

const SHAPES = {
	// `en-CA` writes ISO 8601 dates.
	day: { locale: 'en-CA', options: { year: 'numeric', month: '2-digit', day: '2-digit' } },
	time: { locale: 'en-GB', options: { hour: '2-digit', minute: '2-digit' } },
} as const;

/** Building a format costs 50 times its use, so each is kept. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(shape: keyof typeof SHAPES, timeZone: string): Intl.DateTimeFormat {
	const name = `${shape} ${timeZone}`;
	const known = formats.get(name);
	if (known !== undefined) return known;
	const { locale, options } = SHAPES[shape];
	const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: isTimeZone(timeZone) ? timeZone : 'UTC' });
	formats.set(name, format);
	return format;
}

/** The trading day: which day's takings an entry belongs to, by the branch's own clock on the wall. */
import type { TradingDay } from '#schemas/ids.ts';

/**
 * The calendar date, in the time zone, of the moment `dayStartMinutes` before `atMs`: a bar whose day starts at 05:00 sells at 02:00 into the day before.
 * The offset is taken in elapsed minutes, so the hour of a daylight saving change moves the boundary by that hour once a year.
 * An unknown time zone is read as UTC: a setting that a peer broke must not stop a sale.
 */
export function tradingDayOf(atMs: number, timeZone: string, dayStartMinutes: number): TradingDay {
	return dateFormat(timeZone).format(new Date(atMs - dayStartMinutes * 60_000)) as TradingDay;
}

/** Whether Intl knows the zone. */
export function isTimeZone(name: string): boolean {
	try {
		return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone !== '';
	} catch {
		return false;
	}
}

/** `en-CA` writes ISO 8601 dates. Building a format costs 50 times its use, so each zone's is kept. */
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(timeZone: string): Intl.DateTimeFormat {
	const known = formats.get(timeZone);
	if (known !== undefined) return known;
	const format = new Intl.DateTimeFormat('en-CA', {
		timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
	});
	formats.set(timeZone, format);
	return format;
}

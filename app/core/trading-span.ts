/**
 * The trading days that a report is about, and those that it is compared with.
 *
 * 1. A week begins on Monday (ISO 8601), a month on its first day. Days are dates: no clock and no time zone is in here.
 * 2. Days are compared by their place: the second day of a span with the second day of the span before.
 */
import type { TradingDay } from '#schemas/ids.ts';

export type SpanKind = 'day' | 'week' | 'month';
/** `before`: the day, week or month before. `week`: the same day of the week before; for a week it is the same. */
export type Against = 'before' | 'week';

export interface Span {
	readonly from: TradingDay;
	/** The last day, which belongs to it. */
	readonly to: TradingDay;
}

export function spanOf(kind: SpanKind, day: TradingDay): Span {
	switch (kind) {
		case 'day':
			return { from: day, to: day };
		case 'week': {
			// Sunday is 0.
			const from = dayAfter(day, -((dateOf(day).getUTCDay() + 6) % 7));
			return { from, to: dayAfter(from, 6) };
		}
		case 'month': {
			const from = `${day.slice(0, 7)}-01` as TradingDay;
			return { from, to: dayAfter(monthAfter(from, 1), -1) };
		}
	}
}

/** A day of the span that lies `by` spans later, or with a figure below zero earlier. */
export function steppedDay(kind: SpanKind, day: TradingDay, by: number): TradingDay {
	return kind === 'month' ? monthAfter(day, by) : dayAfter(day, by * (kind === 'week' ? 7 : 1));
}

export function spanBefore(kind: SpanKind, { from }: Span, against: Against): Span {
	return spanOf(kind, kind === 'day' && against === 'week' ? dayAfter(from, -7) : steppedDay(kind, from, -1));
}

export function daysOf({ from, to }: Span): readonly TradingDay[] {
	const days: TradingDay[] = [];
	for (let day = from; day <= to; day = dayAfter(day, 1)) days.push(day);
	return days;
}

function dayAfter(day: TradingDay, days: number): TradingDay {
	return textOf(dateOf(day).getTime() + days * 86_400_000);
}

/** The first of that month. */
function monthAfter(day: TradingDay, months: number): TradingDay {
	const date = dateOf(day);
	return textOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

function dateOf(day: TradingDay): Date {
	return new Date(`${day}T00:00:00Z`);
}

function textOf(atMs: number): TradingDay {
	return new Date(atMs).toISOString().slice(0, 10) as TradingDay;
}

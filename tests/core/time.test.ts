import { clockTimeOf, dayBeginsMs, isTimeZone, tradingDayOf } from '#core/time.ts';
import type { TradingDay } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const LONDON = 'Europe/London';

test('a trading day is the calendar’s day on the wall of the branch', () => {
	const justBeforeMidnightUtc = Date.UTC(2026, 6, 1, 23, 30);
	expect(tradingDayOf(justBeforeMidnightUtc, 'UTC', 0)).toBe('2026-07-01');
	expect(tradingDayOf(justBeforeMidnightUtc, LONDON, 0)).toBe('2026-07-02'); // British Summer Time
	expect(tradingDayOf(justBeforeMidnightUtc, 'America/New_York', 0)).toBe('2026-07-01');
	expect(tradingDayOf(justBeforeMidnightUtc, 'Pacific/Auckland', 0)).toBe('2026-07-02');
});

test('a bar that opens at five sells at two in the morning into the day before', () => {
	const twoAtNight = Date.UTC(2026, 11, 5, 2);
	expect(tradingDayOf(twoAtNight, LONDON, 300)).toBe('2026-12-04');
	expect(tradingDayOf(Date.UTC(2026, 11, 5, 4, 59, 59, 999), LONDON, 300)).toBe('2026-12-04');
	expect(tradingDayOf(Date.UTC(2026, 11, 5, 5), LONDON, 300)).toBe('2026-12-05');
});

test('no day is left out and none comes twice, through a year with its two changes of the clock', () => {
	let last = '';
	const days: string[] = [];
	for (let atMs = Date.UTC(2026, 0, 1, 12); atMs < Date.UTC(2027, 0, 1, 12); atMs += 30 * 60_000) {
		const day = tradingDayOf(atMs, LONDON, 240);
		if (day !== last) days.push(day);
		last = day;
	}
	expect(days).toHaveLength(366);
	expect(days).toEqual([...new Set(days)].sort());
});

test('a later moment is never on an earlier day', () => {
	fc.assert(
		fc.property(
			fc.nat(4_102_444_800_000),
			fc.nat(90_000_000),
			fc.constantFrom(LONDON, 'UTC', 'America/St_Johns', 'Asia/Kathmandu'),
			fc.nat(1439),
			(atMs, later, zone, start) => {
				expect(tradingDayOf(atMs + later, zone, start) >= tradingDayOf(atMs, zone, start)).toBe(true);
			},
		),
	);
});

test('a time zone that nobody knows is read as UTC and stops nothing', () => {
	expect([isTimeZone(LONDON), isTimeZone('Europe/Londinium'), isTimeZone('')]).toEqual([true, false, false]);
	expect(tradingDayOf(Date.UTC(2026, 0, 1), 'Europe/Londinium', 0)).toBe('2026-01-01');
	expect(clockTimeOf(Date.UTC(2026, 0, 1, 9, 5), 'Europe/Londinium')).toBe('09:05');
});

test('a clock says hours and minutes, and the day where it matters', () => {
	const atMs = Date.UTC(2026, 6, 1, 13, 2);
	expect(clockTimeOf(atMs, LONDON)).toBe('14:02');
	expect(clockTimeOf(Date.UTC(2026, 0, 1), 'UTC')).toBe('00:00');
});

test('a trading day begins when the one before ends, also where clocks are put forward', () => {
	const at = (text: string): number => Date.parse(text);
	expect(dayBeginsMs('2026-11-28' as TradingDay, 'Europe/London', 0)).toBe(at('2026-11-28T00:00:00Z'));
	expect(dayBeginsMs('2026-07-01' as TradingDay, 'Europe/Berlin', 300)).toBe(at('2026-07-01T03:00:00Z'));
	expect(dayBeginsMs('2026-11-28' as TradingDay, 'Pacific/Auckland', 0)).toBe(at('2026-11-27T11:00:00Z'));
	for (const day of ['2026-03-29', '2026-10-25'] as TradingDay[]) {
		const begins = dayBeginsMs(day, 'Europe/Berlin', 240);
		expect([tradingDayOf(begins, 'Europe/Berlin', 240), tradingDayOf(begins - 1, 'Europe/Berlin', 240) < day]).toEqual([day, true]);
	}
});

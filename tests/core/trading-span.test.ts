import { daysOf, spanBefore, spanOf, steppedDay } from '#core/trading-span.ts';
import type { TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';

const day = (text: string): TradingDay => text as TradingDay;

test('a week is Monday to Sunday, whichever of its days is asked for', () => {
	for (const asked of ['2026-11-23', '2026-11-28', '2026-11-29'])
		expect(spanOf('week', day(asked))).toEqual({ from: '2026-11-23', to: '2026-11-29' });
	expect(spanOf('week', day('2026-11-30')).from).toBe('2026-11-30');
});

test('a month has its own length, in a leap year too', () => {
	expect(spanOf('month', day('2028-02-10'))).toEqual({ from: '2028-02-01', to: '2028-02-29' });
	expect(daysOf(spanOf('month', day('2026-12-31')))).toHaveLength(31);
});

test('a day is compared with the day or the week before, a month with the month before, across the year', () => {
	expect(spanBefore('day', spanOf('day', day('2027-01-01')), 'before')).toEqual({ from: '2026-12-31', to: '2026-12-31' });
	expect(spanBefore('day', spanOf('day', day('2027-01-01')), 'week').from).toBe('2026-12-25');
	expect(spanBefore('week', spanOf('week', day('2027-01-01')), 'week')).toEqual({ from: '2026-12-21', to: '2026-12-27' });
	expect(spanBefore('month', spanOf('month', day('2027-01-31')), 'before')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
});

test('stepping a month from its last day skips none', () => {
	expect(steppedDay('month', day('2026-01-31'), 1)).toBe('2026-02-01');
	expect(steppedDay('week', day('2026-12-30'), 1)).toBe('2027-01-06');
});

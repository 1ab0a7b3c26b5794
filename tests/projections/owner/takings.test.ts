/** The numbers are those of `projections/owner/takings.ts`. */
import { expect, test } from 'vitest';
import { ownerBranches, scopesOf, type Scope } from '#projections/owner/branches.ts';
import { recordCsv } from '#projections/owner/record-csv.ts';
import { spansOf, takings } from '#projections/owner/takings.ts';
import type { TradingDay } from '#schemas/ids.ts';
import type { RecordRow } from '#schemas/wire/owner-pages.ts';

const DAY = '2026-11-28' as TradingDay;

function branch(id: string, more: RecordRow = {}): RecordRow {
	return {
		...{ branch: id, branch_name: `Branch ${id}`, store_name: 'S', currency: 'GBP', digits: 2, time_zone: 'Europe/London', day_start_minutes: 0 },
		...{ entries: 1, conflicts: 0, newer_version: false, written_ms: 5, devices_linked: 1, heard_ms: 7, waiting: 0, waiting_since_ms: null },
		...more,
	};
}

/** At 15:41 in London on a Saturday. */
function scope(rows: readonly RecordRow[], nowMs = Date.UTC(2026, 10, 28, 15, 41)): Scope {
	const [first] = scopesOf(ownerBranches({ name: 'Asha', nowMs, branches: [...rows], tills: [] }));
	if (first === undefined) throw new Error('no scope');
	return first;
}

const hour = (id: string, at: number, pounds: number, currency = 'GBP'): RecordRow => ({
	...{ branch: id, currency, hour: at, takings: pounds, sales: 1, refunds: 0, tax: 0.1, discounts: 0 },
});
const day = (id: string, on: string, pounds: number): RecordRow => ({ ...hour(id, 0, pounds), trading_day: on });

test('1: today is compared by the hours that are over, each branch by its own clock', () => {
	const here = scope([branch('a'), branch('b', { time_zone: 'America/New_York' })]);
	const rows = [hour('a', 14, 10), hour('a', 15, 5), hour('b', 9, 20), hour('b', 10, 40)];
	const then = [hour('a', 14, 8), hour('a', 15, 100), hour('a', 18, 100), hour('b', 9, 10), hour('b', 10, 100)];
	const told = takings('day', spansOf('day', DAY), here, { now: rows, before: then, year: [] });
	expect(told.sums).toMatchObject({ takingsMinor: 7_500, sales: 4, taxMinor: 40 });
	expect(told.isOngoing).toBe(true);
	// London is at 15:41, New York at 10:41: 10 + 20 of now beside 8 + 10 of then.
	expect(told.compared).toEqual({ before: { thenMinor: 1_800, changeMille: 667 }, year: { thenMinor: 0 } });
	expect(told.branches.map((one) => [one.branch, one.sums.takingsMinor, one.compared.before.changeMille])).toEqual([
		['b', 6_000, 1_000],
		['a', 1_500, 250],
	]);
	expect(told.times.map(({ hour: at, takingsMinor, beforeMinor }) => [at, takingsMinor, beforeMinor])).toEqual([
		...[9, 10, 11, 12, 13].map((at) => [at, at === 9 ? 2_000 : at === 10 ? 4_000 : 0, at === 9 ? 1_000 : at === 10 ? 10_000 : 0]),
		[14, 1_000, 800],
		[15, 500, 10_000],
		[16, undefined, 0],
		[17, undefined, 0],
		[18, undefined, 10_000],
	]);
});

test('1: a week is compared by the days before today, and a day that is over whole', () => {
	const here = scope([branch('a')]);
	const rows = {
		now: [day('a', '2026-11-27', 10), day('a', '2026-11-28', 7)],
		before: [day('a', '2026-11-20', 5), day('a', '2026-11-21', 99)],
		year: [],
	};
	expect(takings('week', spansOf('week', DAY), here, rows).compared.before).toEqual({ thenMinor: 500, changeMille: 1_000 });
	const over = takings('day', spansOf('day', '2026-11-27' as TradingDay), here, { now: [hour('a', 23, 10)], before: [hour('a', 23, 20)], year: [] });
	expect(over.compared.before).toEqual({ thenMinor: 2_000, changeMille: -500 });
	expect(over.isOngoing).toBe(false);
});

test('1: a bar’s day runs into the night: its hours stand in their order, and one at night is over when it is', () => {
	const here = scope([branch('a', { day_start_minutes: 300, time_zone: 'UTC' })], Date.UTC(2026, 10, 29, 2, 30));
	expect(here.branches[0]).toMatchObject({ today: DAY, hoursOver: 21 });
	const rows = [hour('a', 1, 3), hour('a', 22, 9)];
	const told = takings('day', spansOf('day', DAY), here, { now: rows, before: rows, year: [] });
	expect(told.times.map(({ hour: at }) => at)).toEqual([22, 23, 0, 1]);
	expect(told.compared.before.thenMinor).toBe(1_200);
});

test('2: the year before is the same day of the week, or the same month', () => {
	expect(spansOf('day', DAY)).toEqual({
		now: { from: DAY, to: DAY },
		before: { from: '2026-11-21', to: '2026-11-21' },
		year: { from: '2025-11-29', to: '2025-11-29' },
	});
	expect(spansOf('week', DAY).year).toEqual({ from: '2025-11-24', to: '2025-11-30' });
	expect(spansOf('month', DAY)).toMatchObject({ before: { from: '2026-10-01', to: '2026-10-31' }, year: { from: '2025-11-01', to: '2025-11-30' } });
});

test('3: branches of another currency have a scope of their own, and are in no other sum', () => {
	const scopes = scopesOf(ownerBranches({ name: 'A', nowMs: 0, branches: [branch('a'), branch('b', { currency: 'JPY', digits: 0 })], tills: [] }));
	expect(scopes.map(({ id, branches }) => [id, branches.map((one) => one.branch)])).toEqual([
		['GBP', ['a']],
		['JPY', ['b']],
		['a', ['a']],
		['b', ['b']],
	]);
	const rows = { now: [hour('a', 9, 1), hour('b', 9, 700, 'JPY')], before: [], year: [] };
	const sums = scopes.map((one) => takings('day', spansOf('day', DAY), one, rows).sums.takingsMinor);
	expect(sums).toEqual([100, 700, 100, 700]);
});

test('a branch is linked, waits for what is known of, or is silent since it was last heard', () => {
	const [linked, waits, silent] = ownerBranches({
		...{ name: 'A', nowMs: 1_000_000, tills: [] },
		branches: [branch('a'), branch('b', { waiting: 3, waiting_since_ms: 940_000 }), branch('c', { devices_linked: 0, heard_ms: 400_000 })],
	});
	expect(linked?.health).toEqual({ state: 'linked', heardMs: 1_000_000, waiting: 0, lagMs: undefined });
	expect(waits?.health).toMatchObject({ state: 'waits', waiting: 3, lagMs: 60_000 });
	expect(silent?.health).toMatchObject({ state: 'silent', heardMs: 400_000 });
});

test('a table is a CSV in which no text is a formula and what is below zero is a figure', () => {
	expect(recordCsv([{ name: '=1+1', on_hand: -3, tracked: true, moved: null }])).toBe("name,on_hand,tracked,moved\r\n'=1+1,-3,true,\r\n");
});

/** The drawer's day as people read it: `projections/drawers.ts`, `projections/days.ts`, `projections/day-csv.ts`. */
import { dayCsv } from '#projections/day-csv.ts';
import { dayReportRow, dayRows } from '#projections/days.ts';
import { drawerRow, shiftRows, zRows } from '#projections/drawers.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting, exchanged, GBP, refunded, sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';
import { ledgerOf, perform } from '../support/till-day.ts';

const DAY = '2026-11-02' as TradingDay;

/** Float 50, a sale of 240, 30 to the safe, a drawer opened. */
function openDay() {
	const floor = openFloor({ A: 10 });
	const ledger = floor.ledger();
	const till = floor.till1;
	perform(ledger, till, { intent: 'open-shift', floatMinor: 5000 });
	ledger.add([till.does([{ ...sold([['A', 2, 240]], till.receipt()), shift: 1 }])]);
	perform(ledger, till, { intent: 'move-cash', kind: 'drop', amountMinor: 3000, reason: 'to the safe' });
	perform(ledger, till, { intent: 'open-drawer', reason: 'change for a neighbour' });
	return { floor, ledger, till };
}

test('an open shift shows what was put in and moved, and never what should be there', () => {
	const { ledger, till, floor } = openDay();
	const row = drawerRow(ledger, till.id, floor.shop.nowMs);
	expect(row.open).toMatchObject({ shift: 1, floatMinor: 5000 });
	expect(row.open?.moves.map(({ kind, amountMinor, reason }) => [kind, amountMinor, reason])).toEqual([
		['none', 0, 'change for a neighbour'],
		['drop', 3000, 'to the safe'],
	]);
	expect(JSON.stringify(row)).not.toContain('expected');
	expect(JSON.stringify(row)).not.toContain('2240');
	expect(row.floatsMinor).toEqual([5000, 10_000, 15_000, 20_000]);
});

test('another till has its own drawer, and nothing to close', () => {
	const { ledger, floor } = openDay();
	const row = drawerRow(ledger, floor.till2.id, floor.shop.nowMs);
	expect(row).toMatchObject({ hasToClose: false, x: { kind: 'x', z: 1, figures: { takingsMinor: 0 }, perpetual: { salesMinor: 0 } } });
	expect(row).not.toHaveProperty('open');
});

test('an X is a look; two Zs follow each other, and the perpetual total goes on', () => {
	const { ledger, till, floor } = openDay();
	const x = () => drawerRow(ledger, till.id, floor.shop.nowMs).x;
	expect(x()).toMatchObject({ kind: 'x', z: 1, figures: { takingsMinor: 240, noSales: 1, receipts: { from: 'T1-000001', to: 'T1-000001' } } });
	expect(x().figures.taxes).toEqual([{ name: 'Standard', percentMilli: 20_000, grossMinor: 240, taxMinor: 40 }]);
	perform(ledger, till, { intent: 'close-shift', countedMinor: 2240 });
	perform(ledger, till, { intent: 'close-z' });
	expect(x()).toMatchObject({ z: 2, figures: { takingsMinor: 0 }, perpetual: { salesMinor: 240 } });
	const sale = till.does([sold([['A', 1, 100]], till.receipt())]);
	ledger.add([sale, till.does([refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt())])]);
	perform(ledger, till, { intent: 'close-z' });
	expect(zRows(ledger, 10).map(({ z, figures, perpetual, problems }) => [z, figures.takingsMinor, perpetual, problems])).toEqual([
		[2, 0, { salesMinor: 340, refundsMinor: 100 }, []],
		[1, 240, { salesMinor: 240, refundsMinor: 0 }, []],
	]);
	expect(zRows(ledger, 1)).toHaveLength(1);
});

test('a counted shift tells the difference, what is tolerated, and whether somebody is asked', () => {
	const { ledger, till, floor } = openDay();
	ledger.add([floor.hub.does([changedSetting({ name: 'drawerToleranceMinor', value: 100 })], { scope: 'store' })]);
	till.hears(...floor.shop.entries);
	perform(ledger, till, { intent: 'close-shift', countedMinor: 2190, note: 'a coin rolled away' });
	expect(shiftRows(ledger, 10)).toMatchObject([
		{
			...{ shift: 1, floatMinor: 5000, movedMinor: { in: 0, drop: 3000, out: 0 }, cashMinor: 240, expectedMinor: 2240, countedMinor: 2190 },
			...{ differenceMinor: -50, toleranceMinor: 100, note: 'a coin rolled away' },
		},
	]);
	expect(shiftRows(ledger, 10)[0]).not.toHaveProperty('conflict');
	perform(ledger, till, { intent: 'open-shift', floatMinor: 2190 });
	perform(ledger, till, { intent: 'close-shift', countedMinor: 2000 });
	const [second] = shiftRows(ledger, 10);
	expect(second).toMatchObject({ shift: 2, differenceMinor: -190, conflict: expect.anything() });
	expect(drawerRow(ledger, till.id, 0).floatsMinor.slice(0, 2)).toEqual([2190, 5000]);
	if (second?.conflict === undefined) throw new Error('nobody is asked');
	perform(ledger, till, { intent: 'resolve', conflict: second.conflict, choice: 'explain', value: 'wrong change at noon' });
	expect(shiftRows(ledger, 10)[0]).not.toHaveProperty('conflict');
});

test('a day is told over all tills, by person and hour; what comes after its report is an addition', () => {
	const { ledger, till, floor } = openDay();
	const { till2 } = floor;
	floor.shop.nowMs += 2 * 60 * 60_000;
	const other = till2.does([sold([['A', 1, 100]], till2.receipt())], { by: 'ann' });
	ledger.add([other]);
	till.hears(other);
	const before = dayReportRow(ledger, DAY);
	expect(before).toMatchObject({ takingsMinor: 340, receipts: 2, additions: 0, late: [], reports: [], isWhole: true });
	expect(before?.tills.map(({ name, figures }) => [name, figures.takingsMinor])).toEqual([
		['Till 1', 240],
		['Till 2', 100],
	]);
	expect(before?.people.map(({ receipts, takingsMinor }) => [receipts, takingsMinor])).toEqual([
		[1, 240],
		[1, 100],
	]);
	expect(before?.hours.map(({ hour, receipts, takingsMinor }) => [hour, receipts, takingsMinor])).toEqual([
		[9, 1, 240],
		[10, 0, 0],
		[11, 1, 100],
	]);
	perform(ledger, till, { intent: 'report-day', day: DAY });
	// Till 2 had not heard of the report, and nobody had heard of its sale.
	const late = till2.does([sold([['A', 1, 90]], till2.receipt())]);
	ledger.add([late]);
	expect(dayRows(ledger, 5)).toMatchObject([{ day: DAY, takingsMinor: 430, receipts: 3, additions: 1 }]);
	expect(dayReportRow(ledger, DAY)).toMatchObject({
		late: [{ entry: late.hash, number: 'T2-000002', deviceName: 'Till 2', takingsMinor: 90 }],
		reports: [{ takingsMinor: 340, deviceName: 'Till 1' }],
	});
	expect(
		ledgerOf(floor.shop)
			.conflicts()
			.map(({ kind }) => kind),
	).toEqual(['late-after-z']);
});

test('the file of a day is figures and words, and no word in it can become a formula', () => {
	const { ledger, floor } = openDay();
	ledger.add([
		floor.hub.does([changedSetting({ name: 'taxRates', value: [{ id: 'standard', name: '=cmd|"/c calc"!A1', percentMilli: 20_000 }] })], {
			scope: 'store',
		}),
	]);
	const day = dayReportRow(ledger, DAY);
	if (day === undefined) throw new Error('no day');
	const lines = dayCsv(day, GBP).split('\r\n');
	expect(lines[0]).toBe('day,till,what,of,count,amount in GBP');
	expect(lines).toContain('2026-11-02,all,takings,,,2.40');
	expect(lines).toContain('2026-11-02,Till 1,tender,cash,,2.40');
	expect(lines).toContain(`2026-11-02,all,tax,"'=cmd|""/c calc""!A1 20 %",,0.40`);
	expect(lines.filter((line) => line.includes('=cmd') && !line.includes(`'=cmd`))).toEqual([]);
});

test('a day of which a receipt is not here is told without people and hours, also where it took nothing', () => {
	const { ledger, till, floor } = openDay();
	const sale = till.does([sold([['A', 1, 100]], till.receipt())]);
	const even = till.does([exchanged(refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt()), sold([['A', 1, 100]], till.receipt()))]);
	ledger.add(floor.shop.entries);
	expect(dayReportRow(ledger, DAY)).toMatchObject({ takingsMinor: 340, isWhole: true, people: [{ receipts: 3 }] });
	const pruned: Ledger = { ...ledger, entries: () => ledger.entries().filter(({ hash }) => hash !== even.hash) };
	expect(dayReportRow(pruned, DAY)).toMatchObject({ takingsMinor: 340, isWhole: false, people: [], hours: [] });
});

test('an X tells the perpetual total that its Z will, also where the till’s older entries are away', () => {
	const { ledger, till, floor } = openDay();
	const [opened] = floor.shop.entries.filter(({ facts }) => facts.some(({ type }) => type === 'shift.opened'));
	const older = floor.shop.entries.slice(floor.shop.entries.indexOf(opened!));
	perform(ledger, till, { intent: 'close-shift', countedMinor: 2240 });
	perform(ledger, till, { intent: 'close-z' });
	ledger.add([till.does([sold([['A', 1, 100]], till.receipt())])]);
	const withoutOlder = floor.ledger(...older);
	const [whole, part] = [ledger, withoutOlder].map((one) => drawerRow(one, till.id, floor.shop.nowMs).x);
	expect(whole?.perpetual).toEqual({ salesMinor: 340, refundsMinor: 0 });
	expect(part).toMatchObject({ z: 2, perpetual: whole?.perpetual });
	perform(withoutOlder, till, { intent: 'close-z' });
	expect(zRows(withoutOlder, 1)[0]?.perpetual).toEqual(whole?.perpetual);
});

/** What a report says of hand-made days: `projections/reports.ts`, `projections/report-csv.ts`. */
import type { Ledger } from '#core/ledger/ledger.ts';
import { reportCsv } from '#projections/report-csv.ts';
import { changeMille, report, type ReportAsk, type ReportRow } from '#projections/reports.ts';
import type { PersonId, Sku, TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting, created, edited, GBP, received, refunded, sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';
import { ledgerOf } from '../support/till-day.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

function ask(ledger: Ledger, nowMs: number, asked: Partial<ReportAsk> = {}): ReportRow {
	return report(
		{ ledger, nowMs, onHandMilli: (sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0 },
		{ kind: 'day', day: '2026-11-10' as TradingDay, against: 'before', ...asked },
	);
}

const OVER = at('2026-11-20T12:00:00');

/** Monday the 9th: 1.00 at 9, 5.00 at 15. Tuesday the 10th: 2.40 by ann at 9, 3.60 by bob at 11 on another till, and 1.20 of ann's go back at 12. */
function twoDays() {
	const floor = openFloor({ A: 10, B: 10, C: 7 });
	const { till1, till2 } = floor;
	till1.does([sold([['A', 1, 100]], till1.receipt())], { atMs: at('2026-11-09T09:10:00'), by: 'ann' });
	till1.does([sold([['B', 1, 500]], till1.receipt())], { atMs: at('2026-11-09T15:00:00'), by: 'ann' });
	const sale = till1.does([sold([['A', 2, 240]], till1.receipt())], { atMs: at('2026-11-10T09:05:00'), by: 'ann' });
	till2.does(
		[
			sold(
				[
					['A', 1, 120],
					['B', 1, 240],
				],
				till2.receipt(),
			),
		],
		{ atMs: at('2026-11-10T11:30:00'), by: 'bob' },
	);
	till1.does([refunded(sale.hash, [[0, 'A', 1, 120]], till1.receipt())], { atMs: at('2026-11-10T12:00:00'), by: 'ann' });
	floor.meet();
	return floor;
}

test('a day is told beside the day before: takings, sales, average sale, tax, refunds', () => {
	const row = ask(ledgerOf(twoDays().shop), OVER);
	expect(row).toMatchObject({ from: '2026-11-10', to: '2026-11-10', isOngoing: false, daysWithoutDetail: 0, firstDay: '2026-11-09' });
	expect(row.sums).toMatchObject({ takingsMinor: 480, sales: 2, basketMinor: 300, taxMinor: 80, refunds: { count: 1, minor: 120 } });
	expect(row.before).toMatchObject({ from: '2026-11-09', sums: { takingsMinor: 600, sales: 2, basketMinor: 300, taxMinor: 100 } });
	expect(row.figures?.tenders).toEqual([{ type: 'cash', minor: 480 }]);
	expect(row.times.map(({ hour, takingsMinor, beforeMinor }) => [hour, takingsMinor, beforeMinor])).toEqual([
		[9, 240, 100],
		[10, 0, 0],
		[11, 360, 0],
		[12, -120, 0],
		[13, 0, 0],
		[14, 0, 0],
		[15, 0, 500],
	]);
});

test('by product, category and person the parts come to the whole', () => {
	const { shop } = twoDays();
	const row = ask(ledgerOf(shop), OVER);
	expect(row.products.map(({ sku, quantityMilli, takingsMinor }) => [sku, quantityMilli, takingsMinor])).toEqual([
		['A', 2000, 240],
		['B', 1000, 240],
	]);
	expect(row.categories).toEqual([{ name: 'Things', takingsMinor: 480, quantityMilli: 3000 }]);
	expect(row.people.map(({ person, sales, takingsMinor, refunds }) => [person, sales, takingsMinor, refunds.minor])).toEqual([
		['bob', 1, 360, 0],
		['ann', 1, 120, 120],
	]);
});

test('a day that is not over is compared with the day before up to the same moment', () => {
	const ledger = ledgerOf(twoDays().shop);
	const noon = ask(ledger, at('2026-11-10T12:30:00'));
	expect(noon.isOngoing).toBe(true);
	expect(noon.before?.sums).toMatchObject({ takingsMinor: 100, sales: 1 });
	const four = ask(ledger, at('2026-11-10T16:00:00'));
	expect(four.before?.sums).toMatchObject({ takingsMinor: 600, sales: 2 });
});

test('noon is compared with noon where clocks were put back or forward on one of the two days', () => {
	const floor = openFloor({ A: 50 });
	floor.hub.does([changedSetting({ name: 'timeZone', value: 'Europe/Berlin' })], { scope: 'store' });
	// A Sunday, the one on which clocks are put back, the Monday after; the same in spring. At half past eleven and half past twelve on the wall.
	for (const noon of ['2026-03-22T11:00', '2026-03-29T10:00', '2026-03-30T10:00', '2026-10-18T10:00', '2026-10-25T11:00', '2026-10-26T11:00'])
		for (const minutes of [-30, 30])
			floor.till1.does([sold([['A', 1, minutes > 0 ? 500 : 100]], floor.till1.receipt())], { atMs: at(`${noon}:00`) + minutes * 60_000 });
	floor.meet();
	const ledger = ledgerOf(floor.shop);
	const before = (noon: string, against: ReportAsk['against']): number | undefined =>
		ask(ledger, at(`${noon}:00`), { day: noon.slice(0, 10) as TradingDay, against }).before?.sums.takingsMinor;
	expect([before('2026-03-29T10:00', 'week'), before('2026-10-25T11:00', 'week')]).toEqual([100, 100]);
	expect([before('2026-03-30T10:00', 'before'), before('2026-10-26T11:00', 'before')]).toEqual([100, 100]);
});

test('a week adds up its days, leaves open what is to come, and has nothing before the shop opened', () => {
	const ledger = ledgerOf(twoDays().shop);
	const week = ask(ledger, at('2026-11-11T12:00:00'), { kind: 'week' });
	expect(week).toMatchObject({ from: '2026-11-09', to: '2026-11-15', isOngoing: true });
	expect(week.sums.takingsMinor).toBe(1080);
	expect(week).not.toHaveProperty('before');
	expect(week.times.map(({ takingsMinor }) => takingsMinor)).toEqual([600, 480, 0, undefined, undefined, undefined, undefined]);
	const next = ask(ledger, at('2026-11-17T10:00:00'), { kind: 'week', day: '2026-11-17' as TradingDay });
	// Tuesday at ten: all of Monday before, and Tuesday before up to ten.
	expect(next.before?.sums.takingsMinor).toBe(840);
	expect(next.times.slice(0, 3).map(({ beforeMinor }) => beforeMinor)).toEqual([600, 240, undefined]);
});

test('of one product only its lines count, of one person only what they rang up', () => {
	const ledger = ledgerOf(twoDays().shop);
	const ofA = ask(ledger, OVER, { sku: 'A' as Sku });
	expect(ofA).toMatchObject({ of: { what: 'product', name: 'Product A' }, slow: [] });
	expect(ofA.sums).toMatchObject({ takingsMinor: 240, sales: 2, quantityMilli: 2000, taxMinor: 40, refunds: { count: 1, minor: 120 } });
	expect(ofA).not.toHaveProperty('figures');
	expect(ofA.before?.sums).toMatchObject({ takingsMinor: 100, quantityMilli: 1000 });
	expect(ofA.times.find(({ hour }) => hour === 11)?.takingsMinor).toBe(120);
	const ofAnn = ask(ledger, OVER, { person: 'ann' as PersonId });
	expect(ofAnn.sums).toMatchObject({ takingsMinor: 120, sales: 1 });
	expect(ofAnn.people.map(({ person }) => person)).toEqual(['ann']);
	expect(ofAnn.figures?.takingsMinor).toBe(120);
});

test('a margin is what was taken without tax less what the goods cost when they were sold; without a cost there is none', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const { till1, hub } = floor;
	const bought = (sku: string, costE4: number): object => ({ ...received(sku, 5), v: 2, lines: [{ sku, quantityMilli: 5000, costE4 }] });
	hub.does([bought('A', 5000)], { atMs: at('2026-11-10T08:00:00') });
	floor.meet();
	const sale = till1.does(
		[
			sold(
				[
					['A', 2, 240],
					['B', 1, 100],
				],
				till1.receipt(),
			),
		],
		{ atMs: at('2026-11-10T09:00:00') },
	);
	hub.does([bought('A', 9000)], { atMs: at('2026-11-10T10:00:00') });
	floor.meet();
	const ledger = ledgerOf(floor.shop);
	// 2.40 with 20 % tax are 2.00; two at 0.50 leave 1.00: half of it. The dearer delivery came later.
	expect(ask(ledger, OVER).products.find(({ sku }) => sku === 'A')).toMatchObject({ marginMinor: 100, marginMille: 500 });
	expect(ask(ledger, OVER).products.find(({ sku }) => sku === 'B')).not.toHaveProperty('marginMinor');
	expect(ask(ledger, OVER).sums.margin).toEqual({ minor: 100, netMinor: 200 });
	// What comes back broken was paid for and is gone.
	ledger.add([till1.does([refunded(sale.hash, [[0, 'A', 1, 120, false]], till1.receipt())], { atMs: at('2026-11-10T11:00:00') })]);
	expect(ask(ledger, OVER).sums.margin).toEqual({ minor: 0, netMinor: 100 });
});

test('slow is what lay on the shelf all the time and sold least; what came meanwhile, or is not counted, is not', () => {
	const floor = twoDays();
	floor.hub.does([created('NEW'), created('SERVICE')], { scope: 'store', atMs: at('2026-11-10T08:00:00') });
	floor.hub.does([edited('C', { name: { value: 'Candles', replaces: [] } })], { scope: 'store' });
	floor.hub.does([received('NEW', 50)], { atMs: at('2026-11-10T08:01:00') });
	floor.meet();
	const row = ask(ledgerOf(floor.shop), OVER);
	expect(row.slow.map(({ sku, quantityMilli, onHandMilli }) => [sku, quantityMilli, onHandMilli])).toEqual([
		['C', 0, 7000],
		['B', 1000, 8000],
		['A', 2000, 7000],
	]);
	expect(row.slow[0]).not.toHaveProperty('lastSoldAtMs');
	expect(row.slow[2]?.lastSoldAtMs).toBe(at('2026-11-10T11:30:00'));
});

test('a receipt that was taken back is in no sum and in no part', () => {
	const floor = twoDays();
	const wrong = floor.till2.does([sold([['B', 5, 5000]], floor.till2.receipt())], { atMs: at('2026-11-10T13:00:00') });
	floor.meet();
	floor.hub.does([{ type: 'correction.made', v: 1, corrects: wrong.hash, reason: 'rung up twice' }], { atMs: at('2026-11-10T14:00:00') });
	const row = ask(ledgerOf(floor.shop), OVER);
	expect(row).toMatchObject({ daysWithoutDetail: 0, sums: { takingsMinor: 480 } });
	expect(row.products.find(({ sku }) => sku === 'B')?.takingsMinor).toBe(240);
});

test('the order in which entries arrive changes no figure', () => {
	const { shop } = twoDays();
	expect(ask(ledgerOf(shop, [...shop.entries].reverse()), OVER)).toEqual(ask(ledgerOf(shop), OVER));
});

test('a shop in which nothing was sold yet says so', () => {
	const row = ask(ledgerOf(openFloor().shop), OVER);
	expect(row).not.toHaveProperty('firstDay');
	expect(row).not.toHaveProperty('before');
	expect(row.sums).toEqual({ takingsMinor: 0, sales: 0, refunds: { count: 0, minor: 0 }, discountsMinor: 0, taxMinor: 0 });
});

test('the file has every part, and no product can become a formula', () => {
	const floor = twoDays();
	floor.hub.does([created('=X', { name: 'Sum' })], { scope: 'store' });
	floor.meet();
	floor.till1.does([sold([['=X', 1, 100]], floor.till1.receipt())], { atMs: at('2026-11-10T16:00:00') });
	floor.hub.does([changedSetting({ name: 'storeName', value: 'Shop' })], { scope: 'store' });
	const lines = reportCsv(ask(ledgerOf(floor.shop), OVER), GBP).split('\r\n');
	expect(lines[0]).toBe('from,to,report of,what,of,count,amount in GBP,margin in GBP');
	for (const line of [
		'2026-11-10,2026-11-10,all,takings,,3,5.80,',
		'2026-11-10,2026-11-10,all,takings,2026-11-09 to 2026-11-09,2,6.00,',
		'2026-11-10,2026-11-10,all,refunds,,1,-1.20,',
		'2026-11-10,2026-11-10,all,product,A Product A,2,2.40,',
		"2026-11-10,2026-11-10,all,product,'=X Sum,1,1.00,",
		'2026-11-10,2026-11-10,all,hour,09:00,1,2.40,',
	])
		expect(lines).toContain(line);
});

test('of days whose receipts are not here any more the sums are told, and that they are all there is', () => {
	const ledger = ledgerOf(twoDays().shop);
	const pruned: Ledger = { ...ledger, entries: () => ledger.entries().filter(({ header }) => header.tradingDay !== '2026-11-10') };
	const week = ask(pruned, OVER, { kind: 'week' });
	expect(week).toMatchObject({ daysWithoutDetail: 1, sums: { takingsMinor: 1080 }, slow: [] });
	expect(week.times.slice(0, 2).map(({ takingsMinor }) => takingsMinor)).toEqual([600, 480]);
	expect(week.products.reduce((sum, { takingsMinor }) => sum + takingsMinor, 0)).toBe(600);
	// Half a day cannot be cut out of a sum.
	expect(ask(pruned, at('2026-11-11T12:00:00'), { day: '2026-11-11' as TradingDay })).not.toHaveProperty('before');
});

test('a change is told in tenths of a percent, and of nothing there is none', () => {
	expect([changeMille(480, 600), changeMille(600, 480), changeMille(-100, 100), changeMille(5, 0)]).toEqual([-200, 250, -2000, undefined]);
});

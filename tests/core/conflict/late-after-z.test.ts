/** `late-after-z`: receipts that the report of their day had not seen. */
import type { Entry } from '#schemas/entry.ts';
import type { TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { corrected } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf, perform } from '../../support/till-day.ts';

const DAY = '2026-11-02' as TradingDay;

function reportedWithoutTill2() {
	const floor = openFloor({ A: 100 });
	const known = floor.sell(floor.till1, 'A');
	const late = [floor.sell(floor.till2, 'A', 2), floor.sell(floor.till2, 'A', 3)];
	floor.hub.hears(known);
	const report = reportOf(floor.hub, known);
	return { floor, known, late, report };

	function reportOf(device: TestDevice, ...heard: readonly Entry[]): Entry {
		const ledger = ledgerOf(
			floor.shop,
			floor.shop.entries.filter((entry) => !late.includes(entry) || heard.includes(entry)),
		);
		const [entry] = perform(ledger, device, { intent: 'report-day', day: DAY });
		if (entry === undefined) throw new Error('no report');
		return entry;
	}
}

test('a report says what it knew; what comes from a till that was away is one item of that till, in any order of arrival', () => {
	const { floor, late, report } = reportedWithoutTill2();
	expect(report.facts).toEqual([{ type: 'day.reported', v: 1, day: DAY, takingsMinor: 100, receipts: 1 }]);
	const [one, two] = late.map(({ hash }) => hash);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{ kind: 'late-after-z', id: { subject: `${DAY}:${floor.till2.id}` }, unsettled: [one, two], stake: { minor: 500 }, urgency: 'low' },
	]);
	expect(ledgerOf(floor.shop).state.books.days.get(DAY)).toMatchObject({
		takingsMinor: 600,
		additions: [one, two],
		reports: [{ takingsMinor: 100 }],
	});
});

test('a day that was reported with everything in it is nobody’s conflict, and so is one that nobody reported', () => {
	const floor = openFloor({ A: 100 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	floor.meet();
	perform(floor.ledger(), floor.hub, { intent: 'report-day', day: DAY });
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.ledger().state.books.days.get(DAY)?.additions).toEqual([]);
});

test('a later report that had seen them ends the matter', () => {
	const { floor } = reportedWithoutTill2();
	floor.meet();
	perform(floor.ledger(), floor.till1, { intent: 'report-day', day: DAY });
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('two reports made apart lack each other’s sales', () => {
	const floor = openFloor({ A: 100 });
	const sales = [floor.till1, floor.till2].map((till) => floor.sell(till, 'A'));
	for (const till of [floor.till1, floor.till2]) till.does([{ type: 'day.reported', v: 1, day: DAY, takingsMinor: 100, receipts: 1 }]);
	expect(
		conflictsInAnyOrder(floor.shop)
			.map(({ unsettled }) => unsettled)
			.flat()
			.sort(),
	).toEqual(sales.map(({ hash }) => hash).sort());
});

test('what the till sells after the report is an addition too', () => {
	const floor = openFloor({ A: 100 });
	floor.sell(floor.till1, 'A');
	perform(floor.ledger(), floor.till1, { intent: 'report-day', day: DAY });
	const sale = floor.sell(floor.till1, 'A');
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'late-after-z', unsettled: [sale.hash] }]);
});

test('a correction of what was reported is late; a receipt that was taken back before anybody reported it is not', () => {
	const floor = openFloor({ A: 100 });
	const [one, two] = [floor.sell(floor.till1, 'A'), floor.sell(floor.till1, 'A')];
	floor.till1.does([corrected(two.hash)]);
	perform(floor.ledger(), floor.till1, { intent: 'report-day', day: DAY });
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const correction = floor.till1.does([corrected(one.hash)]);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'late-after-z', unsettled: [correction.hash] }]);
	expect(floor.ledger().state.books.days.get(DAY)).toMatchObject({ takingsMinor: 0, takenBack: [one.hash, two.hash] });
});

test('“Acknowledge” closes it and changes nothing; a later one opens it again, with only that one', () => {
	const { floor, late } = reportedWithoutTill2();
	const ledger = floor.ledger();
	const before = JSON.stringify(ledger.state.books.days.get(DAY));
	answer(ledger, floor.hub, ledger.conflicts()[0], 'acknowledge');
	expect(ledger.conflicts()).toEqual([]);
	expect(JSON.stringify(ledger.state.books.days.get(DAY))).toBe(before);
	const another = floor.sell(floor.till2, 'A');
	ledger.add([another]);
	expect(ledger.conflicts()).toMatchObject([
		{ unsettled: [another.hash], members: [{ hash: late[0]?.hash }, { hash: late[1]?.hash }, { hash: another.hash }] },
	]);
});

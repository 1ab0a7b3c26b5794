/** `drawer-difference`: the cash that was counted is not the cash that should be there. */
import { expect, test } from 'vitest';
import { changedSetting, corrected, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, cashMoved, conflictsInAnyOrder, ledgerOf, shiftClosed, shiftOpened } from '../../support/till-day.ts';

/** A float of 50 pounds, a sale of one pound, and so much counted. */
function counted(countedMinor: number, floor: Floor = openFloor({ A: 10 })) {
	const { till1 } = floor;
	till1.does([shiftOpened(1, 5000)]);
	const sale = till1.does([{ ...sold([['A', 1, 100]], till1.receipt()), shift: 1 }]);
	const closed = till1.does([shiftClosed(1, countedMinor)]);
	return { floor, sale, closed };
}

test('a drawer that holds what it should is nobody’s conflict', () => {
	const { floor } = counted(5100);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('a drawer that lacks two pounds is one item, in any order of arrival, and says what was expected', () => {
	const { floor, closed } = counted(4900);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			kind: 'drawer-difference',
			id: { subject: `${floor.till1.id}:1` },
			unsettled: [closed.hash],
			stake: { minor: 200, unitsMilli: 0 },
			detail: { countedMinor: 4900, expectedMinor: 5100, differenceMinor: -200, toleranceMinor: 0 },
			choices: [{ label: 'Explain' }, { label: 'Recount' }],
		},
	]);
});

test('what the shop tolerates is no difference; a tolerance that the till did not know of when it counted judges nothing', () => {
	const tolerant = (before: boolean): readonly unknown[] => {
		const floor = openFloor({ A: 10 });
		const set = (): void => void floor.hub.does([changedSetting({ name: 'drawerToleranceMinor', value: 200 })], { scope: 'store' });
		if (before) set();
		floor.meet();
		counted(4900, floor);
		if (!before) set();
		return conflictsInAnyOrder(floor.shop).map(({ kind }) => kind);
	};
	expect([tolerant(true), tolerant(false)]).toEqual([[], ['drawer-difference']]);
});

test('a sale that was taken back brought no cash', () => {
	const { floor, sale } = counted(5000);
	expect(ledgerOf(floor.shop).conflicts()).toHaveLength(1);
	floor.till1.does([corrected(sale.hash)]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('nobody is asked while a sale of the shift is still on its way', () => {
	const { floor, sale } = counted(5100);
	const ledger = floor.ledger(sale);
	expect(ledger.conflicts().map(({ kind }) => kind)).toEqual(['chain-gap']);
	answer(ledger, floor.hub, ledger.conflicts()[0], 'declare-lost');
	expect(ledger.conflicts()).toMatchObject([{ kind: 'drawer-difference', detail: { differenceMinor: 100 } }]);
	ledger.add([sale]);
	expect(ledger.conflicts()).toEqual([]);
});

test('“Explain” asks for words, keeps them, and closes it', () => {
	const { floor } = counted(4900);
	const ledger = floor.ledger();
	expect(() => answer(ledger, floor.hub, ledger.conflicts()[0], 'explain', ' ')).toThrow('value-missing');
	const [entry] = answer(ledger, floor.hub, ledger.conflicts()[0], 'explain', 'paid the window cleaner');
	expect(entry?.facts).toMatchObject([{ type: 'conflict.resolved', choice: 'explain', value: 'paid the window cleaner' }]);
	expect(ledger.conflicts()).toEqual([]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('“Recount” on another device is the count that stands, and closes it', () => {
	const { floor } = counted(4900);
	const ledger = floor.ledger();
	expect(() => answer(ledger, floor.hub, ledger.conflicts()[0], 'recount', 'much')).toThrow('value-invalid');
	answer(ledger, floor.hub, ledger.conflicts()[0], 'recount', '51.00');
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.books.shifts.get(`${floor.till1.id}:1`)).toMatchObject({ closed: { countedMinor: 5100, differenceMinor: 0 } });
});

test('a count that comes after the answer opens it again, with only that one', () => {
	const { floor } = counted(4900);
	const ledger = floor.ledger();
	answer(ledger, floor.hub, ledger.conflicts()[0], 'explain', 'the window cleaner');
	const again = floor.till1.does([shiftClosed(1, 4000)]);
	ledger.add([again]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [again.hash] }]);
});

test('cash that was moved is in what is expected', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	for (const fact of [shiftOpened(1, 5000), cashMoved(1, 'in', 100), cashMoved(1, 'drop', 2000), cashMoved(1, 'out', 250), shiftClosed(1, 2850)])
		till1.does([fact]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

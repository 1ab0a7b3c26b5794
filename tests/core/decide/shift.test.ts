/** Shifts, cash, Zs and reports are decided, or refused in plain names. */
import { isRefusal, type Intent } from '#core/intent.ts';
import { zProblems } from '#core/shift/z.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { sold } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { decideAs, ledgerOf, perform } from '../../support/till-day.ts';

const DAY = '2026-11-02' as TradingDay;

test('a day at the till: float, a sale, cash moved, the count, the Z', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	const ledger = floor.ledger();
	const does = (intent: Intent): unknown => perform(ledger, till1, intent)[0]?.facts[0];
	expect(does({ intent: 'open-shift', floatMinor: 5000 })).toMatchObject({ type: 'shift.opened', shift: 1 });
	ledger.add([till1.does([{ ...sold([['A', 2, 240]], till1.receipt()), shift: 1 }])]);
	expect(does({ intent: 'move-cash', kind: 'drop', amountMinor: 3000, reason: 'to the safe' })).toMatchObject({ shift: 1, reason: 'to the safe' });
	expect(does({ intent: 'open-drawer', reason: ' ' })).toEqual({ type: 'drawer.opened', v: 1, shift: 1 });
	expect(does({ intent: 'close-shift', countedMinor: 2240, note: 'fine' })).toMatchObject({ countedMinor: 2240, expectedMinor: 2240, note: 'fine' });
	expect(does({ intent: 'close-z' })).toEqual({
		...{ type: 'z.closed', v: 1, z: 1, currency: { code: 'GBP', digits: 2 }, receipts: { from: 1, to: 1 } },
		...{ sales: { count: 1, minor: 240 }, refunds: { count: 0, minor: 0 }, roundingMinor: 0, discountsMinor: 0, noSales: 1 },
		taxes: [{ taxRate: 'standard', percentMilli: 20_000, grossMinor: 240, taxMinor: 40 }],
		tenders: [{ type: 'cash', minor: 240 }],
		perpetual: { salesMinor: 240, refundsMinor: 0 },
	});
	expect(does({ intent: 'report-day', day: DAY })).toMatchObject({ takingsMinor: 240, receipts: 1 });
	expect(does({ intent: 'open-shift', floatMinor: 0 })).toMatchObject({ shift: 2 });
	expect([ledger.conflicts(), ledger.quarantined(), zProblems(ledger)]).toEqual([[], [], []]);
});

test('a refund is of the shift that is open', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	const ledger = floor.ledger();
	const sale = floor.sell(till1, 'A', 2);
	ledger.add([sale]);
	const refund = (): unknown => {
		const lines = [{ saleLine: 0, quantityMilli: 1000, restock: true }];
		return perform(ledger, till1, { intent: 'refund', sale: sale.hash, lines, tender: 'cash' })[0]?.facts[0];
	};
	expect(refund()).not.toHaveProperty('shift');
	perform(ledger, till1, { intent: 'open-shift', floatMinor: 500 });
	expect(refund()).toMatchObject({ shift: 1, totalMinor: 100 });
	expect(ledger.state.books.shifts.get(`${till1.id}:1`)?.expectedMinor).toBe(400);
});

test('what cannot be done is refused by its name', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	const ledger = floor.ledger();
	const refused = (intent: Intent, on: Ledger = ledger): unknown => {
		const decision = decideAs(on, till1, intent);
		return isRefusal(decision) ? decision.refused : decision;
	};
	expect(refused({ intent: 'move-cash', kind: 'in', amountMinor: 1 })).toBe('no-shift-open');
	expect(refused({ intent: 'close-shift', countedMinor: 0 })).toBe('no-shift-open');
	expect(refused({ intent: 'close-z' })).toBe('nothing-to-close');
	expect(refused({ intent: 'report-day', day: DAY })).toBe('nothing-to-report');
	expect(refused({ intent: 'open-shift', floatMinor: -1 })).toBe('amount-out-of-range');
	perform(ledger, till1, { intent: 'open-shift', floatMinor: 0 });
	ledger.add([floor.sell(till1, 'A')]);
	expect(refused({ intent: 'open-shift', floatMinor: 0 })).toBe('shift-open');
	expect(refused({ intent: 'move-cash', kind: 'in', amountMinor: 0 })).toBe('amount-out-of-range');
	expect(refused({ intent: 'close-z' })).toBe('shift-open');
	expect(refused({ intent: 'close-shift', countedMinor: 0, tenderPending: true })).toBe('tender-pending');
	expect(refused({ intent: 'close-shift', countedMinor: 7, denominations: [{ valueMinor: 2, count: 3 }] })).toBe('value-invalid');
	perform(ledger, till1, { intent: 'close-shift', countedMinor: 0 });
	expect(refused({ intent: 'close-z', tenderPending: true })).toBe('tender-pending');
	perform(ledger, till1, { intent: 'close-z' });
	expect(refused({ intent: 'close-z' })).toBe('nothing-to-close');
});

test('a Z with other figures than its entries is found, figure by figure, and so is a number that was left out', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	floor.sell(till1, 'A');
	const decision = decideAs(floor.ledger(), till1, { intent: 'close-z' });
	if (isRefusal(decision)) throw new Error(decision.refused);
	const forged = till1.does([{ ...decision.branch[0], z: 2, sales: { count: 1, minor: 90 } }]);
	expect(zProblems(floor.ledger())).toEqual([
		{ device: till1.id, z: 2, entry: forged.hash, fault: { figure: 'z', said: 2, folded: 1 }, waits: false },
		{ device: till1.id, z: 2, entry: forged.hash, fault: { figure: 'sales-minor', said: 90, folded: 100 }, waits: false },
	]);
});

test('a Z whose sales are still on their way waits', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A');
	perform(ledgerOf(floor.shop), floor.till1, { intent: 'close-z' });
	expect(zProblems(floor.ledger(sale)).map(({ waits }) => waits)).toContain(true);
	expect(zProblems(floor.ledger(sale)).some(({ waits }) => !waits)).toBe(false);
	expect(zProblems(floor.ledger())).toEqual([]);
});

test('a till that was copied closes a Z on each side, and each is right by what its side knew', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	floor.sell(till1, 'A');
	perform(ledgerOf(floor.shop), till1, { intent: 'close-z' });
	const common = [...floor.shop.entries];
	const copy = till1.copy();
	for (const side of [till1, copy]) {
		const ledger = ledgerOf(floor.shop, common);
		ledger.add([side.does([sold([['A', 1, side === copy ? 70 : 30]], side.receipt())])]);
		const z = decideAs(ledger, side, { intent: 'close-z' });
		if (isRefusal(z)) throw new Error(z.refused);
		side.does(z.branch, { key: `z of ${side === copy ? 'the copy' : 'the till'}` });
	}
	const ledger = ledgerOf(floor.shop, [...floor.shop.entries].reverse());
	expect(ledger.conflicts().map(({ kind }) => kind)).toContain('chain-forked');
	expect(zProblems(ledger)).toEqual([]);
});

test('where the till’s older entries are away, numbers and totals go on from the last Z and shift that are here; without one nothing is numbered', () => {
	const floor = openFloor({ A: 100 });
	const { till1 } = floor;
	const whole = floor.ledger();
	const sells = (): void => void whole.add([floor.sell(till1, 'A')]);
	const before = floor.shop.entries.length;
	for (let day = 0; day < 2; day += 1) {
		perform(whole, till1, { intent: 'open-shift', floatMinor: 0 });
		sells();
		perform(whole, till1, { intent: 'close-shift', countedMinor: 0 });
		perform(whole, till1, { intent: 'close-z' });
	}
	sells();
	const own = floor.shop.entries.slice(before);
	const decided = (ledger: Ledger, intent: Intent): unknown => {
		const decision = decideAs(ledger, till1, intent);
		return isRefusal(decision) ? decision.refused : decision.branch[0];
	};
	const secondDay = floor.ledger(...own.slice(0, 4));
	expect(decided(secondDay, { intent: 'close-z' })).toEqual(decided(whole, { intent: 'close-z' }));
	expect(decided(secondDay, { intent: 'close-z' })).toMatchObject({ z: 3, perpetual: { salesMinor: 300 } });
	expect(decided(secondDay, { intent: 'open-shift', floatMinor: 0 })).toMatchObject({ shift: 3 });
	const noneHere = floor.ledger(...own.slice(0, 8));
	expect(decided(noneHere, { intent: 'close-z' })).toBe('history-away');
	expect(decided(noneHere, { intent: 'open-shift', floatMinor: 0 })).toBe('history-away');
	noneHere.add(own);
	expect(decided(noneHere, { intent: 'close-z' })).toMatchObject({ z: 3, perpetual: { salesMinor: 300 } });
});

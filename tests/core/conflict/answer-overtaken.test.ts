/** `answer-overtaken`: what was made good was not missing after all. */
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { received, refunded } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';

/** The delivery was booked at till 2, which nobody hears until somebody has "found" what was missing. */
function foundTooEarly(choice: string): { readonly floor: Floor; readonly answered: Entry; readonly delivery: Entry } {
	const floor = openFloor({ A: 1 });
	const delivery = floor.till2.does([received('A', 5)]);
	floor.sell(floor.till1, 'A', 3);
	floor.hub.hears(...floor.shop.entries.filter((entry) => entry !== delivery));
	const ledger = floor.ledger(delivery);
	const [answered] = answer(ledger, floor.hub, ledger.conflicts()[0], choice);
	if (answered === undefined) throw new Error('nobody answered');
	return { floor, answered, delivery };
}

test('the missing delivery arrives after "found more": the adjustment stands, and somebody is asked', () => {
	const { floor, answered, delivery } = foundTooEarly('found-more');
	expect(floor.ledger(delivery).conflicts()).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(5);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			id: { kind: 'answer-overtaken', subject: answered.hash },
			detail: { answer: answered.hash, choice: 'found-more' },
			choices: [
				{ id: 'keep', label: 'Keep' },
				{ id: 'undo-it', label: 'Undo it' },
			],
		},
	]);
});

test('undoing takes the adjustment back, keeping leaves it; either closes it', () => {
	for (const [choice, units] of [
		['keep', 5],
		['undo-it', 3],
	] as const) {
		const { floor } = foundTooEarly('found-more');
		floor.meet();
		const ledger = ledgerOf(floor.shop);
		answer(ledger, floor.till1, ledger.conflicts()[0], choice);
		expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(units);
	}
});

test('what was noted as owed is owed no more once that is undone', () => {
	const { floor } = foundTooEarly('customer-waits');
	expect(floor.ledger().state.owed).toHaveLength(1);
	floor.meet();
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.till1, ledger.conflicts()[0], 'undo-it');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.ledger().state.owed).toEqual([]);
});

test('while the conflict is there without it, an answer is not overtaken: a delivery too small, one that came later, a count', () => {
	const small = openFloor({ A: 1 });
	const late = small.till2.does([received('A', 1)]);
	small.sell(small.till1, 'A', 3);
	const before = small.ledger(late);
	answer(before, small.hub, before.conflicts()[0], 'found-more');
	expect(conflictsInAnyOrder(small.shop)).toEqual([]);
	const after = openFloor({ A: 1 });
	after.sell(after.till1, 'A', 3);
	after.till2.does([received('A', 9)]);
	const first = after.ledger();
	answer(first, after.till1, first.conflicts()[0], 'found-more');
	expect(conflictsInAnyOrder(after.shop)).toEqual([]);
});

test('a refund that was taken back is no less too many for that; once the other one does not count, it is', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A');
	floor.meet();
	const one = floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	floor.till2.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till2.receipt())]);
	floor.hub.hears(...floor.shop.entries);
	const ledger = floor.ledger();
	answer(ledger, floor.hub, ledger.conflicts()[0], 'compensate-one');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const mark = { device: floor.till1.id, scope: 'branch', seq: sale.header.seq, hash: sale.hash };
	floor.till2.hears(sale);
	floor.till2.does([{ type: 'device.revoked', v: 1, device: floor.till1.id, marks: [mark], reason: 'stolen' }], { scope: 'store' });
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{ kind: 'not-allowed', unsettled: [one.hash] },
		{ kind: 'answer-overtaken', choices: [{ id: 'keep' }, { id: 'undo-it' }] },
	]);
	const now = ledgerOf(floor.shop);
	floor.till2.hears(...floor.shop.entries);
	answer(
		now,
		floor.till2,
		now.conflicts().find(({ kind }) => kind === 'answer-overtaken'),
		'undo-it',
	);
	const [refund] = [...now.state.refunds.values()].filter(({ entry }) => entry.header.device === floor.till2.id);
	expect(refund?.correctedBy).toBeUndefined();
	expect(floor.onHand(floor.ledger(), 'A')).toBe(floor.onHand(now, 'A'));
	expect(floor.onHand(now, 'A')).toBe(10);
});

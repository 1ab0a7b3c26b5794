/** One order, two people at the back door who have not heard of each other: what both wrote down is in stock, and somebody is asked. */
import type { Entry } from '#schemas/entry.ts';
import type { Conflict } from '#core/conflict/conflict.ts';
import { expect, test } from 'vitest';
import { answer } from '../../support/till-day.ts';
import { openFloor, hashes, type Floor } from '../../support/shop-floor.ts';

const ORDER = 'order-000001';

const placed = (units: number) => ({
	...{ type: 'order.placed', v: 1, order: ORDER, supplier: 'supplier-1' },
	lines: [{ sku: 'A', quantityMilli: units * 1000, costE4: 5_000 }],
});
const came = (units: number) => ({ type: 'stock.received', v: 3, order: ORDER, lines: [{ sku: 'A', quantityMilli: units * 1000 }] });

function apart(first: number, second: number): { floor: Floor; receipts: readonly [Entry, Entry] } {
	const floor = openFloor({ A: 1 });
	floor.hub.does([placed(6)]);
	floor.meet();
	return { floor, receipts: [floor.till1.does([came(first)]), floor.till2.does([came(second)])] };
}

const found = (floor: Floor): readonly Conflict[] => floor.ledger().conflicts();

test('both received all of it apart: one item, both receipts, what is too much and what it cost', () => {
	const { floor, receipts } = apart(6, 6);
	expect(found(floor)).toMatchObject([
		{
			...{ kind: 'order-received-twice', id: { subject: ORDER, branch: floor.shop.branch }, stake: { unitsMilli: 6_000, minor: 300 } },
			detail: { differences: [{ sku: 'A', orderedMilli: 6_000, receivedMilli: 12_000 }] },
		},
	]);
	expect([...(found(floor)[0]?.unsettled ?? [])].sort()).toEqual([...hashes(receipts)].sort());
	expect(floor.onHand(floor.ledger(), 'A')).toBe(13);
});

test('two parts of one order received apart are no conflict, and neither is too much by whoever knew', () => {
	expect(found(apart(2, 4).floor)).toEqual([]);
	const floor = openFloor({ A: 1 });
	floor.hub.does([placed(6)]);
	floor.meet();
	floor.till2.hears(floor.till1.does([came(6)]));
	floor.till2.does([came(6)]);
	expect(found(floor)).toEqual([]);
});

test('taking one back takes it out of stock; both came leaves it there; a third one apart asks again', () => {
	for (const [choice, onHand] of [
		['take-back', 7],
		['both-came', 13],
	] as const) {
		const { floor } = apart(6, 6);
		floor.meet();
		const ledger = floor.ledger();
		const [conflict] = ledger.conflicts();
		answer(ledger, floor.till1, conflict!, choice);
		expect([found(floor), floor.onHand(floor.ledger(), 'A')]).toEqual([[], onHand]);
	}
	const { floor } = apart(6, 6);
	floor.till1.hears(...floor.shop.entries);
	const ledger = floor.ledger();
	answer(ledger, floor.till1, ledger.conflicts()[0]!, 'both-came');
	const third = floor.hub.does([came(1)]); // The hub has heard of nothing but the order.
	expect(found(floor)).toMatchObject([{ unsettled: [third.hash] }]);
});

/** `key-reused`: one key, two contents. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { expect, test } from 'vitest';
import { renamed, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

function sellUnderOneKey(floor: Floor, laterMs = 0): readonly string[] {
	const first = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { key: 'one-key-only' });
	floor.shop.nowMs += laterMs;
	const second = floor.till2.does([sold([['A', 2, 200]], floor.till2.receipt())], { key: 'one-key-only' });
	return [first.hash, second.hash];
}

test('both count, and a person says which one stays', () => {
	const floor = openFloor({ A: 10 });
	const [first, second] = sellUnderOneKey(floor);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(7);
	const [conflict] = ledger.conflicts();
	expect(conflict).toMatchObject({ kind: 'key-reused', id: { subject: 'one-key-only' }, unsettled: [first, second] });
	expect(conflict?.choices.map(({ id, label }) => [id, label])).toEqual([
		[`keep:${first?.slice(0, 16)}`, 'Keep this one'],
		[`keep:${second?.slice(0, 16)}`, 'Keep this one'],
	]);
});

test('keeping one takes the stock and money of the other back', () => {
	const floor = openFloor({ A: 10 });
	const [first, second] = sellUnderOneKey(floor);
	floor.meet();
	const ledger = floor.ledger();
	const conflict = ledger.conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	const decision = decide(
		ledger,
		{ intent: 'resolve', conflict: conflict.id, choice: `keep:${first?.slice(0, 16)}` },
		{ device: floor.till1.id, nextReceipt: floor.till1.receipt(), nowMs: 1_900_000_000_000 },
	);
	if (isRefusal(decision)) throw new Error(decision.refused);
	expect(decision.branch).toMatchObject([{ type: 'conflict.resolved' }, { type: 'correction.made', corrects: second }]);
	ledger.add([floor.till1.does(decision.branch)]);
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(9);
});

test('the same entry twice is a duplicate and no conflict', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { key: 'one-key-only' });
	const ledger = floor.ledger();
	expect(ledger.add([sale]).duplicates).toBe(1);
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(9);
});

test('a key is free again after 35 days', () => {
	const near = openFloor({ A: 10 });
	sellUnderOneKey(near, 34 * DAY_MS);
	expect(near.ledger().conflicts()).toHaveLength(1);
	const far = openFloor({ A: 10 });
	sellUnderOneKey(far, 36 * DAY_MS);
	expect(far.ledger().conflicts()).toEqual([]);
});

test('the two parts of one intent share their key by right', () => {
	const floor = openFloor({ A: 10 });
	const first = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { key: 'both-parts', part: { n: 1, of: 2 } });
	floor.till1.does([renamed('A', 'New', [])], { scope: 'store', key: 'both-parts', part: { n: 2, of: 2, first: first.hash } });
	const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
	ledger.add(floor.shop.entries);
	expect(ledger.conflicts().filter(({ kind }) => kind === 'key-reused')).toEqual([]);
});

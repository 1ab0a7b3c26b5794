/** Goods between two branches: off one shelf, in transit, on the other; what differs is shown until somebody answers. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;
const OTHER = '0f'.repeat(16) as BranchId;
const TRANSFER = 'transfer-1' as TransferId;

function ledgerAt(floor: Floor, branch: BranchId, entries = floor.shop.entries): Ledger {
	const ledger = createLedger({ store: floor.shop.store, branch });
	for (const entry of entries) ledger.add([entry]);
	return ledger;
}

const sent = (floor: Floor, units: number, from = floor.shop.branch, to = OTHER) => ({
	...{ type: 'transfer.sent', v: 1, transfer: TRANSFER, from, to },
	lines: [{ sku: A, quantityMilli: units * 1000 }],
});
const arrived = (units: number, at = OTHER) => ({
	...{ type: 'transfer.received', v: 1, transfer: TRANSFER, at },
	lines: units === 0 ? [] : [{ sku: A, quantityMilli: units * 1000 }],
});

function perform(floor: Floor, intent: Intent) {
	floor.till1.hears(...floor.shop.entries);
	const decided = decide(floor.ledger(), intent, {
		nextReceipt: { till: 1, number: 1 },
		device: floor.till1.id,
		nowMs: floor.shop.nowMs,
	} as Parameters<typeof decide>[2]);
	if (!isRefusal(decided)) {
		if (decided.branch.length > 0) floor.till1.does(decided.branch);
		if (decided.store.length > 0) floor.till1.does(decided.store, { scope: 'store' });
	}
	return decided;
}

test('what is sent leaves the shelf, is in transit, and is on the other branch’s shelf once received', () => {
	const floor = openFloor({ A: 10 });
	expect(perform(floor, { intent: 'send-transfer', transfer: TRANSFER, to: OTHER, lines: [{ sku: A, quantityMilli: 4_000 }] })).not.toHaveProperty(
		'refused',
	);
	expect([floor.onHand(floor.ledger(), 'A'), floor.onHand(ledgerAt(floor, OTHER), 'A')]).toEqual([6, 0]);
	expect(ledgerAt(floor, OTHER).state.books.transfers.get(TRANSFER)?.lines).toMatchObject([{ sentMilli: 4_000, inTransitMilli: 4_000 }]);
	floor.till2.hears(...floor.shop.entries);
	floor.till2.does([arrived(4)], { scope: 'store' });
	for (const entries of [floor.shop.entries, [...floor.shop.entries].reverse()]) {
		expect(floor.onHand(ledgerAt(floor, OTHER, entries), 'A')).toBe(4);
		expect(ledgerAt(floor, OTHER, entries).state.books.transfers.get(TRANSFER)?.lines).toMatchObject([{ receivedMilli: 4_000, inTransitMilli: 0 }]);
		expect(ledgerAt(floor, floor.shop.branch, entries).conflicts()).toEqual([]);
	}
});

test('a difference is the same conflict in both branches, in any order of arrival, and what was received counts', () => {
	const floor = openFloor({ A: 10 });
	const out = floor.till1.does([sent(floor, 5)], { scope: 'store' });
	floor.till2.hears(out);
	const came = floor.till2.does([arrived(3)], { scope: 'store' });
	for (const branch of [floor.shop.branch, OTHER])
		for (const entries of [floor.shop.entries, [...floor.shop.entries].reverse()]) {
			const [conflict, ...others] = ledgerAt(floor, branch, entries).conflicts();
			expect(others).toEqual([]);
			expect(conflict).toMatchObject({
				kind: 'transfer-mismatch',
				id: { subject: TRANSFER },
				unsettled: [out.hash, came.hash],
				stake: { unitsMilli: 2_000 },
			});
			expect(conflict?.id).not.toHaveProperty('branch');
			expect(conflict?.choices.map(({ label }) => label)).toEqual(['Accept loss', 'Adjust the sender', 'Correct the receipt']);
		}
	expect(floor.onHand(ledgerAt(floor, OTHER), 'A')).toBe(3);
});

test('the sender’s stock is adjusted by one tap at the sender; the receipt is corrected where it was made', () => {
	const floor = openFloor({ A: 10 });
	floor.till2.hears(floor.till1.does([sent(floor, 5)], { scope: 'store' }));
	floor.till2.does([arrived(3)], { scope: 'store' });
	const [conflict] = floor.ledger().conflicts();
	if (conflict === undefined) throw new Error('no conflict');
	expect(perform(floor, { intent: 'resolve', conflict: conflict.id, choice: 'correct-receipt' })).toMatchObject({ refused: 'at-other-branch' });
	perform(floor, { intent: 'resolve', conflict: conflict.id, choice: 'adjust-sender' });
	expect(floor.ledger().conflicts()).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(7);
});

test('received twice is shown; an answer holds until it is received once more, with only that one new', () => {
	const floor = openFloor({ A: 10 });
	const out = floor.till1.does([sent(floor, 5)], { scope: 'store' });
	floor.till2.hears(out);
	floor.till2.does([arrived(5)], { scope: 'store' });
	floor.hub.hears(out);
	floor.hub.does([arrived(5)], { scope: 'store' });
	const [conflict] = floor.ledger().conflicts();
	expect(conflict).toMatchObject({ kind: 'transfer-mismatch', detail: { times: 2, differences: [{ sentMilli: 5_000, receivedMilli: 10_000 }] } });
	if (conflict === undefined) throw new Error('no conflict');
	perform(floor, { intent: 'resolve', conflict: conflict.id, choice: 'accept-loss' });
	expect(floor.ledger().conflicts()).toEqual([]);
	const again = floor.till2.does([arrived(1)], { scope: 'store' });
	expect(floor.ledger().conflicts()).toMatchObject([{ kind: 'transfer-mismatch', unsettled: [again.hash] }]);
});

test('what is received before anybody here knows that it was sent is no conflict yet', () => {
	const floor = openFloor({ A: 10 });
	const out = floor.till1.does([sent(floor, 5)], { scope: 'store' });
	floor.till2.hears(out);
	floor.till2.does([arrived(3)], { scope: 'store' });
	const early = floor.ledger(out);
	expect(early.conflicts().filter(({ kind }) => kind === 'transfer-mismatch')).toEqual([]);
	expect(early.state.books.transfers.get(TRANSFER)).toMatchObject({ sent: undefined, lines: [{ receivedMilli: 3_000 }] });
});

test('nothing is sent to oneself, received elsewhere or twice by the same branch, or more than nothing of nothing', () => {
	const floor = openFloor({ A: 10 });
	const lines = [{ sku: A, quantityMilli: 1_000 }];
	expect(perform(floor, { intent: 'send-transfer', transfer: TRANSFER, to: floor.shop.branch, lines })).toMatchObject({ refused: 'value-invalid' });
	expect(perform(floor, { intent: 'send-transfer', transfer: TRANSFER, to: OTHER, lines: [] })).toMatchObject({ refused: 'nothing-changed' });
	expect(perform(floor, { intent: 'receive-transfer', transfer: TRANSFER, lines })).toMatchObject({ refused: 'no-such-transfer' });
	floor.till2.does([sent(floor, 5)], { scope: 'store' });
	expect(perform(floor, { intent: 'receive-transfer', transfer: TRANSFER, lines })).toMatchObject({ refused: 'at-other-branch' });
	const back = openFloor({ A: 10 });
	back.till2.does([sent(back, 5, OTHER, back.shop.branch)], { scope: 'store' });
	perform(back, { intent: 'receive-transfer', transfer: TRANSFER, lines: [{ sku: A, quantityMilli: 5_000 }] });
	expect(back.onHand(back.ledger(), 'A')).toBe(15);
	expect(perform(back, { intent: 'receive-transfer', transfer: TRANSFER, lines })).toMatchObject({ refused: 'nothing-changed' });
});

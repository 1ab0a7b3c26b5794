/** A refund that names a sale nobody has. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { claimed, corrected, refunded } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const NOWHERE = 'ab'.repeat(32) as EntryHash;
const ELSEWHERE = '0f'.repeat(16) as BranchId;

const found = (ledger: Ledger) => ledger.conflicts().filter(({ kind }) => kind === 'refund-without-sale');

function refundOfNothing(): { readonly floor: Floor; readonly refund: Entry } {
	const floor = openFloor({ A: 10 });
	return { floor, refund: floor.till1.does([refunded(NOWHERE, [[0, 'A', 1, 100]], floor.till1.receipt())]) };
}

function answer(floor: Floor, choice: string, value?: string): void {
	floor.meet();
	const [conflict] = found(floor.ledger());
	if (conflict === undefined) throw new Error('nothing to answer');
	const decided = decide(
		floor.ledger(),
		{ intent: 'resolve', conflict: conflict.id, choice, ...(value === undefined ? {} : { value }) },
		{ nextReceipt: { till: 2, number: 1 }, device: floor.till2.id, nowMs: floor.shop.nowMs },
	);
	if (isRefusal(decided)) throw new Error(decided.refused);
	floor.till2.does(decided.branch);
}

test('it is found, in any order of arrival, with the money that left', () => {
	const { floor, refund } = refundOfNothing();
	const [conflict] = found(floor.ledger());
	expect(conflict).toMatchObject({ id: { subject: NOWHERE }, urgency: 'high', stake: { unitsMilli: 1_000, minor: 100 }, unsettled: [refund.hash] });
	expect(conflict?.choices.map(({ label }) => label)).toEqual(['Goodwill', 'Link to a sale', 'Mark as fraud']);
	for (const order of [[...floor.shop.entries].reverse(), [refund, ...floor.shop.entries]]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of order) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	}
	expect(conflictRows(floor.ledger(), floor.till1.id)[0]).toMatchObject({ title: 'Refund without a sale', about: 'T1-000001' });
});

test('while something that its author had seen is missing nobody is asked, and its sale may be just that', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till2, 'A');
	floor.meet();
	const later = floor.sell(floor.till2, 'A');
	floor.till1.hears(later);
	floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	expect(found(floor.ledger(sale))).toEqual([]);
	expect(found(floor.ledger(later))).toEqual([]);
	const ledger = floor.ledger(sale);
	ledger.add([sale]);
	expect(found(ledger)).toEqual([]);
	expect(ledger.state.sales.get(sale.hash)?.refundedMilli).toEqual([1_000]);
});

test('a return without a receipt, and a refund that was taken back, are none', () => {
	const { floor, refund } = refundOfNothing();
	const { sale: _none, ...withoutReceipt } = refunded(NOWHERE, [[0, 'A', 1, 100]], floor.till2.receipt());
	floor.till2.does([{ ...withoutReceipt, v: 2 }]);
	floor.till1.does([corrected(refund.hash)]);
	expect(found(floor.ledger())).toEqual([]);
});

test.each(['goodwill', 'fraud'])('%s settles it; another refund of the same opens it again, with only that one new', (choice) => {
	const { floor } = refundOfNothing();
	answer(floor, choice);
	expect(found(floor.ledger())).toEqual([]);
	const again = floor.till1.does([refunded(NOWHERE, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	expect(found(floor.ledger())).toMatchObject([{ unsettled: [again.hash] }]);
});

test('linking it to a sale gives that sale’s lines back, in any order of arrival, so that they cannot be given back twice unseen', () => {
	const floor = openFloor({ A: 10, B: 5 });
	const sale = floor.sell(floor.till2, 'A');
	floor.meet();
	floor.till1.does([refunded(NOWHERE, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	const second = floor.hub.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.hub.receipt())]);
	answer(floor, 'link', ' t2-000001 ');
	const ledger = floor.ledger();
	expect(found(ledger)).toEqual([]);
	expect(ledger.state.sales.get(sale.hash)?.refundedMilli).toEqual([2_000]);
	expect(ledger.conflicts().map(({ kind }) => kind)).toEqual(['refunded-twice']);
	const reversed = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
	for (const entry of [...floor.shop.entries].reverse()) reversed.add([entry]);
	expect(reversed.conflicts()).toEqual(ledger.conflicts());
	expect(reversed.state.sales.get(sale.hash)).toEqual(ledger.state.sales.get(sale.hash));
	expect(floor.ledger(second).conflicts()).toEqual([]);
});

test('a number that is no receipt, or of no sale, is refused', () => {
	const { floor } = refundOfNothing();
	expect(() => answer(floor, 'link', 'the blue one')).toThrow('value-invalid');
	expect(() => answer(floor, 'link', 'T7-000001')).toThrow('no-such-sale');
	expect(() => answer(floor, 'link')).toThrow('value-missing');
});

test('another branch claims lines of a sale: its home counts them, and asks when its till is here that far and the sale is not', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 2);
	const other = floor.shop.device('Other hub', { role: 'hub', till: 90 });
	floor.hub.does([{ ...other.enrolment(), branch: ELSEWHERE }], { scope: 'store' });
	const claim = other.does([claimed(sale, floor.shop.branch, [0, 1, 100])], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.state.sales.get(sale.hash)).toMatchObject({ refundedMilli: [1_000], refunds: [claim.hash] });
	expect(floor.onHand(ledger, 'A')).toBe(8);
	expect(ledger.conflicts()).toEqual([]);

	// The sale is still on its till alone.
	expect(found(floor.ledger(sale))).toEqual([]);
	const lie = { ...claimed(sale, floor.shop.branch, [0, 1, 100]), sale: NOWHERE };
	other.does([lie], { scope: 'store' });
	expect(found(floor.ledger())).toMatchObject([{ id: { subject: NOWHERE } }]);
	expect(found(floor.ledger(sale))).toEqual([]);

	floor.meet();
	floor.till2.does([refunded(sale.hash, [[0, 'A', 2, 200]], floor.till2.receipt())]);
	const twice = floor
		.ledger()
		.conflicts()
		.find(({ kind }) => kind === 'refunded-twice');
	expect(twice).toMatchObject({ detail: { refundedMilli: 3_000 } });
	// What another branch did is not taken back here.
	expect(twice?.choices.find(({ id }) => id === 'compensate-one')?.asks?.options).not.toContain(claim.hash);
});

test('this branch refunds a sale of another: the claim says where to look, and nobody is asked here', () => {
	const floor = openFloor({ A: 10 });
	const [key, at] = ['k'.repeat(26), { device: floor.hub.id, seq: 1 }];
	const refund = floor.till1.does([refunded(NOWHERE, [[0, 'A', 1, 100]], floor.till1.receipt())], { key, part: { n: 1, of: 2 } });
	expect(found(floor.ledger())).toEqual([]);
	const lines = [{ saleLine: 0, quantityMilli: 1000, totalMinor: 100, taxMinor: 17 }];
	floor.till1.does([{ type: 'refund.claimed', v: 1, sale: NOWHERE, home: ELSEWHERE, at, lines }], { scope: 'store', key, part: { n: 2, of: 2 } });
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.refunds.get(refund.hash)?.counts).toBe(true);
});

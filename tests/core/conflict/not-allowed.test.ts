/** `not-allowed`: what is quarantined until a person lets it count. `damaged`: what never became an entry. */
import type { DamagedFound } from '#core/conflict/conflict.ts';
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { MANAGER_RIGHTS } from '#schemas/rights.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { created, received, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor } from '../../support/shop-floor.ts';

function resolve(ledger: Ledger, device: TestDevice, choice: string): ReturnType<typeof decide> {
	const conflict = ledger.conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	return decide(
		ledger,
		{ intent: 'resolve', conflict: conflict.id, choice },
		{ device: device.id, nextReceipt: device.receipt(), nowMs: 1_900_000_000_000 },
	);
}

test('a device without the right to receive goods does not add stock', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell', 'refund'])], { scope: 'store' });
	cashier.hears(...floor.shop.entries);
	const entry = cashier.does([received('A', 5)]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(10);
	expect(ledger.statusOf(entry.hash)).toBe('quarantined');
	expect(ledger.conflicts()).toMatchObject([
		{
			id: { kind: 'not-allowed', subject: `${cashier.id}:branch:no-right` },
			unsettled: [entry.hash],
			stake: { unitsMilli: 5000 },
			choices: [{ label: 'Accept' }, { label: 'Reject' }],
		},
	]);
});

test('accepting lets it count, rejecting closes it; either is the same on a peer that hears it in another order', () => {
	for (const [choice, units] of [
		['accept', 15],
		['reject', 10],
	] as const) {
		const floor = openFloor({ A: 10 });
		const cashier = floor.shop.device('Till 3', { till: 3 });
		floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
		cashier.does([received('A', 5)]);
		floor.meet();
		const ledger = floor.ledger();
		const decision = resolve(ledger, floor.till1, choice);
		if (isRefusal(decision)) throw new Error(decision.refused);
		const answer = floor.till1.does(decision.branch);
		ledger.add([answer]);
		expect(ledger.conflicts()).toEqual([]);
		expect(floor.onHand(ledger, 'A')).toBe(units);
		const other = floor.ledger(answer);
		other.add([answer]);
		expect(floor.onHand(other, 'A')).toBe(units);
	}
});

test('nobody accepts its own forbidden entries without the right to resolve', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	cashier.does([received('A', 5)]);
	expect(resolve(floor.ledger(), cashier, 'accept')).toMatchObject({ refused: 'not-allowed', right: 'resolve' });
	const conflict = floor.ledger().conflicts()[0];
	cashier.does([{ type: 'conflict.resolved', v: 1, conflict: conflict?.id, members: conflict?.unsettled, choice: 'accept' }]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
	expect(floor.ledger().quarantined()).toHaveLength(2);
});

test('a sale whose figures do not add up is out of stock and totals, and in the list of receipts with that mark', () => {
	const floor = openFloor({ A: 10 });
	const entry = floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(10);
	expect(ledger.state.sales.get(entry.hash)?.counts).toBe(false);
	expect(ledger.quarantined()).toMatchObject([{ reason: 'broken-fact' }]);
});

test('amounts beyond any shop are quarantined, not added up', () => {
	const floor = openFloor({ A: 10 });
	const wild = sold([['A', 1, 100]], floor.till1.receipt());
	floor.till1.does([
		{ ...wild, lines: [0, 1, 2].map(() => ({ ...wild.lines[0], totalMinor: Number.MAX_SAFE_INTEGER })), totalMinor: Number.MAX_SAFE_INTEGER },
	]);
	expect(floor.ledger().quarantined()).toMatchObject([{ reason: 'broken-fact' }]);
});

test('a store’s fact in a branch chain has no place there', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([created('NEW')]);
	const ledger = floor.ledger();
	expect(ledger.quarantined()).toMatchObject([{ reason: 'broken-fact', words: 'product.created has no place in the branch scope' }]);
	expect([...ledger.state.products.keys()]).toEqual(['A']);
});

test('an entry whose clock is not after what it had seen is quarantined, whichever of the two came first', () => {
	const floor = openFloor({ A: 10 });
	const seen = floor.sell(floor.till2, 'A');
	floor.till1.hears(seen);
	const entry = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { hlc: [seen.header.hlc[0] - 1, 0] });
	expect(floor.ledger().quarantined()).toMatchObject([{ reason: 'clock' }]);
	const ledger = floor.ledger(seen);
	expect(ledger.statusOf(entry.hash)).toBe('counts');
	ledger.add([seen]);
	expect(ledger.statusOf(entry.hash)).toBe('quarantined');
});

test('a fact of a newer version is kept, and totals say that they lack it', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([{ raw: { type: 'shift.opened', v: 1 }, unknown: true, type: 'shift.opened', v: 1 }]);
	const ledger = floor.ledger();
	expect(ledger.updateNeeded()).toBe(true);
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.marks().some(({ device, scope }) => device === floor.till1.id && scope === 'branch')).toBe(true);
});

test('damaged bytes are one item for a document and route, and no culprit is named', () => {
	const floor = openFloor();
	const ledger = floor.ledger();
	const found = (n: number): DamagedFound => ({
		document: 'segment 1',
		route: 'document',
		reason: 'its signature does not verify',
		hash: String(n).repeat(64) as EntryHash,
		atMs: n,
	});
	expect(ledger.setDamaged([found(1), found(2)])).toBe(true);
	const [conflict] = ledger.conflicts();
	expect(conflict).toMatchObject({ kind: 'damaged', members: [], unsettled: [found(1).hash, found(2).hash], choices: [{ label: 'Ask again' }] });
	const decision = resolve(ledger, floor.till1, 'ask-again');
	if (isRefusal(decision)) throw new Error(decision.refused);
	ledger.add([floor.till1.does(decision.branch)]);
	expect(ledger.conflicts()).toEqual([]);
	ledger.setDamaged([found(1), found(2), found(3)]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [found(3).hash] }]);
});

test('a carrier that is known can be cut off: the answer is the branch’s, the revocation the store’s', () => {
	const floor = openFloor();
	const ledger = floor.ledger();
	ledger.setDamaged([{ document: 'link', route: 'catch-up', reason: 'not a sealed entry', hash: '' as EntryHash, atMs: 1, carrier: floor.till2.id }]);
	expect(resolve(ledger, floor.till1, 'cut-off')).toMatchObject({
		branch: [{ type: 'conflict.resolved' }],
		store: [{ type: 'device.revoked', device: floor.till2.id }],
	});
	expect(MANAGER_RIGHTS).toContain('revoke');
});

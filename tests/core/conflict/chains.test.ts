/** `chain-gap` and `chain-forked`: what is missing, and what is there twice. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { expect, test } from 'vitest';
import { sold } from '../../support/facts.ts';
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

test('three sales on their way are named, and the later one counts meanwhile', () => {
	const floor = openFloor({ A: 10 });
	const sales = [1, 2, 3, 4].map(() => floor.sell(floor.till2, 'A'));
	const ledger = floor.ledger(...sales.slice(0, 3));
	expect(floor.onHand(ledger, 'A')).toBe(9);
	expect(ledger.conflicts()).toMatchObject([
		{
			id: { kind: 'chain-gap', subject: `${floor.till2.id}:branch`, branch: floor.shop.branch },
			unsettled: [sales[3]?.hash],
			detail: { missing: 3, gaps: [{ fromSeq: 1, toSeq: 3 }] },
			choices: [{ label: 'Ask again' }, { label: 'Declare lost' }],
		},
	]);
	expect(ledger.chains().find(({ device }) => device === floor.till2.id)).toMatchObject({ wholeSeq: 0, heldSeq: 4, held: 1 });
	ledger.add(sales.slice(0, 3));
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(6);
});

test('asking again is no entry', () => {
	const floor = openFloor({ A: 10 });
	const [first] = [floor.sell(floor.till2, 'A'), floor.sell(floor.till2, 'A')];
	expect(resolve(floor.ledger(...(first === undefined ? [] : [first])), floor.till1, 'ask-again')).toMatchObject({ refused: 'nothing-changed' });
});

test('what was declared lost is passed by the marks, and counts should it come after all', () => {
	const floor = openFloor({ A: 10 });
	const kept = floor.sell(floor.till2, 'A');
	const lost = [floor.sell(floor.till2, 'A'), floor.sell(floor.till2, 'A')];
	const after = floor.sell(floor.till2, 'A');
	const ledger = floor.ledger(...lost);
	const markOf = (): unknown => ledger.marks().find(({ device, scope }) => device === floor.till2.id && scope === 'branch');
	expect(markOf()).toMatchObject({ seq: 1, hash: kept.hash });
	const decision = resolve(ledger, floor.till1, 'declare-lost');
	if (isRefusal(decision)) throw new Error(decision.refused);
	expect(decision.branch).toMatchObject([
		{ type: 'conflict.resolved' },
		{ type: 'entries.declaredLost', chain: 'branch', fromSeq: 2, toSeq: 3, next: { seq: 4, hash: after.hash } },
	]);
	ledger.add([floor.till1.does(decision.branch)]);
	expect(ledger.conflicts()).toEqual([]);
	expect(markOf()).toMatchObject({ seq: 4, hash: after.hash });
	ledger.add(lost);
	expect(floor.onHand(ledger, 'A')).toBe(6);
	expect(markOf()).toMatchObject({ seq: 4 });
});

test('a gap in the store’s chains is answered in the store’s scope', () => {
	const floor = openFloor({ A: 10 });
	const first = floor.till1.does([{ type: 'product.retired', v: 1, sku: 'A' }], { scope: 'store' });
	floor.till1.does([{ type: 'product.retired', v: 1, sku: 'A' }], { scope: 'store' });
	const ledger = floor.ledger(first);
	expect(ledger.conflicts()[0]?.id).not.toHaveProperty('branch');
	expect(resolve(ledger, floor.till2, 'declare-lost')).toMatchObject({ branch: [], store: [{}, { type: 'entries.declaredLost', chain: 'store' }] });
});

test('a copied profile: both sides count, doubled receipts are listed, nothing is lost', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till1, 'A');
	const copy = floor.till1.copy();
	const here = floor.sell(floor.till1, 'A');
	const there = copy.does([sold([['A', 2, 200]], { till: 1, number: 2 })]);
	const further = copy.does([sold([['A', 2, 200]], { till: 1, number: 3 })]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(4);
	const [conflict] = ledger.conflicts();
	expect(conflict).toMatchObject({
		id: { kind: 'chain-forked', subject: `${floor.till1.id}:branch` },
		detail: { doubled: [{ till: 1, number: 2 }] },
	});
	expect(new Set(conflict?.unsettled)).toEqual(new Set([here.hash, there.hash]));
	expect(
		new Set(
			ledger
				.marks()
				.filter(({ device, scope }) => device === floor.till1.id && scope === 'branch')
				.map(({ hash }) => hash),
		),
	).toEqual(new Set([here.hash, further.hash]));
});

test('a profile that was copied before its first entry has two sides, too', () => {
	const floor = openFloor({ A: 10 });
	const copy = floor.till1.copy();
	const here = floor.sell(floor.till1, 'A');
	const there = copy.does([sold([['A', 2, 200]], { till: 1, number: 1 })]);
	const [conflict] = floor.ledger().conflicts();
	expect(new Set(conflict?.unsettled)).toEqual(new Set([here.hash, there.hash]));
	expect(new Set(conflict?.choices.map(({ id }) => id))).toEqual(new Set([here, there].map(({ hash }) => `keep:${hash.slice(0, 16)}`)));
});

test('neither side of a fork has seen the other, and both have seen what came before', () => {
	const floor = openFloor({ A: 10 });
	const before = floor.sell(floor.till1, 'A');
	const copy = floor.till1.copy();
	const here = [floor.sell(floor.till1, 'A'), floor.sell(floor.till1, 'A')].at(-1);
	const there = copy.does([sold([['A', 2, 200]], { till: 1, number: 2 })]);
	floor.till2.hears(here as NonNullable<typeof here>);
	const witness = floor.sell(floor.till2, 'A');
	const ledger = floor.ledger();
	if (here === undefined) throw new Error('nothing sold');
	expect([ledger.hasSeen(here.hash, there.hash), ledger.hasSeen(there.hash, here.hash)]).toEqual([false, false]);
	expect([ledger.hasSeen(here.hash, before.hash), ledger.hasSeen(there.hash, before.hash)]).toEqual([true, true]);
	expect([ledger.hasSeen(witness.hash, here.hash), ledger.hasSeen(witness.hash, there.hash), ledger.hasSeen(witness.hash, before.hash)]).toEqual([
		true,
		false,
		true,
	]);
});

test('a side whose fork is still missing is a fork already: its entry names another one before it', () => {
	const floor = openFloor({ A: 10 });
	const copy = floor.till1.copy();
	floor.sell(floor.till1, 'A');
	const there = copy.does([sold([['A', 2, 200]], { till: 1, number: 1 })]);
	copy.does([sold([['A', 2, 200]], { till: 1, number: 2 })]);
	expect(
		floor
			.ledger(there)
			.conflicts()
			.map(({ kind }) => kind),
	).toContain('chain-forked');
});

test('saying who keeps the till settles the fork', () => {
	const floor = openFloor({ A: 10 });
	const copy = floor.till1.copy();
	const here = floor.sell(floor.till1, 'A');
	copy.does([sold([['A', 2, 200]], { till: 1, number: 1 })]);
	const ledger = floor.ledger();
	const decision = resolve(ledger, floor.till2, `keep:${here.hash.slice(0, 16)}`);
	if (isRefusal(decision)) throw new Error(decision.refused);
	expect(decision.branch).toMatchObject([{ type: 'conflict.resolved', value: here.hash }]);
	ledger.add([floor.till2.does(decision.branch)]);
	expect(ledger.conflicts()).toEqual([]);
});

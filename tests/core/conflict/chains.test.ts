/** `chain-gap` and `chain-forked`: what is missing, and what is there twice. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { expect, test } from 'vitest';
import { sold } from '../../support/facts.ts';
import type { Entry } from '#schemas/entry.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { conflictsInAnyOrder } from '../../support/till-day.ts';
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
		detail: { doubled: [{ receipt: { till: 1, number: 2 }, entries: [here.hash, there.hash].sort() }] },
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

/** One sale before the copy was made, then each side sold so many. */
function forked(here = 2, there = 2) {
	const floor = openFloor({ A: 50 });
	const before = floor.sell(floor.till1, 'A');
	const copy = floor.till1.copy();
	let number = 1;
	const sellThere = (): Entry => copy.does([sold([['A', 2, 200]], { till: 1, number: (number += 1) })]);
	const kept = Array.from({ length: here }, () => floor.sell(floor.till1, 'A'));
	const dropped = Array.from({ length: there }, sellThere);
	return { floor, copy, before, kept, dropped, sellThere };
}

function answered(ledger: Ledger, device: TestDevice, keeps: Entry | undefined): Entry {
	const decision = resolve(ledger, device, `keep:${keeps?.hash.slice(0, 16) ?? ''}`);
	if (isRefusal(decision)) throw new Error(decision.refused);
	const answer = device.does(decision.branch);
	ledger.add([answer]);
	return answer;
}

test('saying who keeps the till settles the fork, and names where the other side ends', () => {
	const { floor, before, kept, dropped } = forked(3, 2);
	const ledger = floor.ledger();
	const standings = (...entries: readonly Entry[]): readonly unknown[] => entries.map(({ hash }) => ledger.sideStanding(hash));
	expect(standings(...kept, ...dropped)).toEqual(Array(5).fill(undefined));
	floor.till2.hears(...kept, ...dropped);
	const answer = answered(ledger, floor.till2, kept[0]);
	expect(answer.facts).toMatchObject([{ type: 'conflict.resolved', value: kept[0]?.hash }]);
	expect((answer.facts[0] as ConflictResolved).members).toEqual(expect.arrayContaining([kept[0], ...dropped].map((entry) => entry?.hash)));
	expect(ledger.conflicts()).toEqual([]);
	expect(standings(before, ...kept)).toEqual(Array(4).fill('kept'));
	expect(standings(...dropped)).toEqual(['dropped', 'dropped']);
	expect(floor.onHand(ledger, 'A')).toBe(50 - 4 - 2 * 2);
});

test('forks 3: what grows on the dropped side opens the fork again with only that new, and counts; the kept side goes on unasked', () => {
	const { floor, kept, dropped, sellThere } = forked();
	const ledger = floor.ledger();
	answered(ledger, floor.till2, kept[0]);
	ledger.add([floor.sell(floor.till1, 'A')]);
	expect(ledger.conflicts()).toEqual([]);
	const grown = [sellThere(), sellThere()];
	ledger.add(grown);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'chain-forked', unsettled: [grown[0]?.hash] }]);
	const [open] = ledger.conflicts();
	expect(open?.detail).toMatchObject({
		kind: 'chain-forked',
		doubled: [{ receipt: { number: 2 } }, { receipt: { number: 3 } }, { receipt: { number: 4 } }],
	});
	expect(open?.detail.kind === 'chain-forked' && open.detail.sides.map(({ first, standing, grown: by }) => [first, standing, by]).sort()).toEqual(
		[
			[kept[0]?.hash, 'kept', 0],
			[dropped[0]?.hash, 'dropped', 2],
		].sort(),
	);
	expect(floor.onHand(ledger, 'A')).toBe(50 - 4 - 4 * 2);
	answered(ledger, floor.till2, kept[0]);
	expect(ledger.conflicts()).toEqual([]);
	const more = sellThere();
	ledger.add([more]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [more.hash] }]);
});

test('forks 1: a third side of which nobody had heard is dropped, too, and is asked about', () => {
	const { floor, copy, kept, dropped } = forked(2, 0);
	const third = copy.copy();
	dropped.push(copy.does([sold([['A', 2, 200]], { till: 1, number: 2 })]));
	const ledger = floor.ledger();
	answered(ledger, floor.till2, kept[0]);
	const late = third.does([sold([['A', 3, 300]], { till: 1, number: 2 })]);
	ledger.add([late]);
	expect(ledger.sideStanding(late.hash)).toBe('dropped');
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [late.hash] }]);
});

test('forks 2: where the kept side forks again later, nobody is dropped before somebody has said so', () => {
	const { floor, kept } = forked();
	const ledger = floor.ledger();
	answered(ledger, floor.till2, kept[0]);
	const again = floor.till1.copy();
	const [one, other] = [floor.sell(floor.till1, 'A'), again.does([sold([['A', 3, 300]], { till: 1, number: 4 })])];
	ledger.add([one, other]);
	expect([one, other].map(({ hash }) => ledger.sideStanding(hash))).toEqual(['kept', 'kept']);
	const [open] = ledger.conflicts();
	// Which of the two goes on the line of the kept side is a matter of their hashes; the other one is the new member.
	const fresh = [one, other].find(({ hash }) => open?.unsettled.includes(hash));
	const onLine = [one, other].find((entry) => entry !== fresh);
	expect(open?.unsettled).toEqual([fresh?.hash]);
	answered(ledger, floor.till2, kept[0]);
	expect(ledger.sideStanding(onLine?.hash as EntryHash)).toBe('kept');
	expect(ledger.sideStanding(fresh?.hash as EntryHash)).toBe('dropped');
	expect(ledger.conflicts()).toEqual([]);
});

test('forks 4: without the kept side, whoever the answer names beside it is dropped, and of others nothing is known', () => {
	const { floor, before, kept, dropped } = forked();
	const ledger = floor.ledger();
	answered(ledger, floor.till2, kept[0]);
	const alone = floor.ledger(...kept);
	expect(alone.sideStanding(dropped[1]?.hash as EntryHash)).toBe('dropped');
	expect(alone.sideStanding(before.hash)).toBe('unknown');
});

test('whoever answers later, knowing of the answer before, may give the till to the other side; of two that did not know of each other the first holds', () => {
	const { floor, kept, dropped } = forked();
	const ledger = floor.ledger();
	floor.meet();
	const first = answered(ledger, floor.till2, kept[0]);
	const apart = floor.ledger(first);
	const second = answered(apart, floor.hub, dropped[0]);
	expect(apart.sideStanding(kept[1]?.hash as EntryHash)).toBe('dropped');
	ledger.add([second]);
	expect(ledger.conflicts().map(({ kind }) => kind)).toEqual(['resolved-twice']);
	expect([kept[1], dropped[1]].map((entry) => ledger.sideStanding(entry?.hash as EntryHash))).toEqual(['kept', 'dropped']);
	floor.meet();
	const chosen = floor.till2.does([
		...[
			{
				type: 'conflict.resolved',
				v: 1,
				conflict: ledger.conflicts()[0]?.id,
				members: [first.hash, second.hash],
				choice: `choose:${second.hash.slice(0, 16)}`,
			} as ConflictResolved,
		],
	]);
	ledger.add([chosen]);
	expect([kept[1], dropped[1]].map((entry) => ledger.sideStanding(entry?.hash as EntryHash))).toEqual(['dropped', 'kept']);
});

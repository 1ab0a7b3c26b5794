/** `resolved-twice`: two people answered one conflict apart, and differently. */
import type { Conflict } from '#core/conflict/conflict.ts';
import { expect, test } from 'vitest';
import { renamed, created, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';

const kinds = (found: readonly Conflict[]): readonly string[] => found.map(({ kind }) => kind);

/** Both tills sell the last one, and each learns of the other. */
function oversold(): Floor {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	floor.meet();
	return floor;
}

function answeredApart(floor: Floor, first: string, second: string) {
	const here = ledgerOf(floor.shop);
	const there = ledgerOf(floor.shop);
	const one = answer(here, floor.till1, here.conflicts()[0], first)[0];
	const two = answer(there, floor.till2, there.conflicts()[0], second)[0];
	if (one === undefined || two === undefined) throw new Error('nobody answered');
	return { one, two };
}

test('different answers are one item; the first in ledger order holds, and the other made up nothing', () => {
	const floor = oversold();
	const { one, two } = answeredApart(floor, 'customer-waits', 'found-more');
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			id: { kind: 'resolved-twice', subject: 'oversold:A' },
			unsettled: [one.hash, two.hash],
			detail: {
				answers: [
					{ choice: 'customer-waits', holds: true },
					{ choice: 'found-more', holds: false },
				],
			},
			choices: [{ id: `choose:${one.hash.slice(0, 16)}` }, { id: `choose:${two.hash.slice(0, 16)}` }],
		},
	]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(-1);
	expect(floor.ledger().state.owed).toHaveLength(1);
});

test('the same answer twice, or one by somebody who knew of the other, is nobody’s conflict', () => {
	const twice = oversold();
	answeredApart(twice, 'found-more', 'found-more');
	expect(conflictsInAnyOrder(twice.shop)).toEqual([]);
	const known = oversold();
	const ledger = ledgerOf(known.shop);
	answer(ledger, known.till1, ledger.conflicts()[0], 'customer-waits');
	known.meet();
	known.sell(known.till2, 'A');
	known.sell(known.till1, 'A');
	known.meet();
	const later = ledgerOf(known.shop);
	for (const conflict of later.conflicts()) answer(later, known.till2, conflict, 'found-more');
	expect(kinds(conflictsInAnyOrder(known.shop))).toEqual([]);
});

test('whoever chooses the second lets it count, and the first is void', () => {
	const floor = oversold();
	const { two } = answeredApart(floor, 'customer-waits', 'found-more');
	floor.hub.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.hub, ledger.conflicts()[0], `choose:${two.hash.slice(0, 16)}`);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(0);
	expect(floor.ledger().state.owed).toEqual([]);
});

test('choosing the first changes nothing but that it is closed; a third answer that had heard of none opens it with itself alone', () => {
	const floor = oversold();
	const apart = ledgerOf(floor.shop);
	const { one } = answeredApart(floor, 'customer-waits', 'found-more');
	floor.till1.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.till1, ledger.conflicts()[0], `choose:${one.hash.slice(0, 16)}`);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const third = answer(apart, floor.hub, apart.conflicts()[0], 'count-it', '0')[0];
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'resolved-twice', unsettled: [third?.hash] }]);
});

test('one accepts what another rejects: the first word holds, until somebody chooses', () => {
	const floor = openFloor({ A: 10 });
	const entry = floor.till2.does([{ ...sold([['A', 1, 100]], floor.till2.receipt()), totalMinor: 1 }]);
	floor.meet();
	const { two } = answeredApart(floor, 'accept', 'reject');
	expect(floor.ledger().statusOf(entry.hash)).toBe('counts');
	floor.hub.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.hub, ledger.conflicts()[0], `choose:${two.hash.slice(0, 16)}`);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.ledger().statusOf(entry.hash)).toBe('quarantined');
});

test('two names chosen apart: the first holds, and the store is asked once', () => {
	const floor = openFloor({ A: 10 });
	const base = floor.hub.does([created('B')], { scope: 'store' });
	floor.meet();
	floor.till1.does([renamed('B', 'Bee', [base.hash])], { scope: 'store' });
	floor.till2.does([renamed('B', 'Bay', [base.hash])], { scope: 'store' });
	floor.meet();
	const { two } = answeredApart(floor, 'mine', 'mine');
	const name = (): string | undefined => floor.ledger().state.products.get('B' as never)?.name.value;
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ id: { kind: 'resolved-twice', subject: 'product-edited:name:B' }, choices: [{}, {}] }]);
	expect(name()).toBe('Bee');
	floor.hub.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.hub, ledger.conflicts()[0], `choose:${two.hash.slice(0, 16)}`);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(name()).toBe('Bay');
});

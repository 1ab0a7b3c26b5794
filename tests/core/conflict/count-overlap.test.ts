/** Goods move while somebody who has not heard of it counts: the rule at the top of `core/conflict/count-overlap.ts`. */
import type { Conflict } from '#core/conflict/conflict.ts';
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { corrected, counted, edited, received } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';

const A = 'A' as Sku;

/** Till 2 sells two of A while the hub, which has not heard of it, counts eight. `sold` first or last by the clock. */
function apart(order: 'sold first' | 'counted first', counting = 8): { readonly floor: Floor; readonly sale: Entry; readonly count: Entry } {
	const floor = openFloor({ A: 10, B: 5 });
	if (order === 'sold first') {
		const sale = floor.sell(floor.till2, 'A', 2);
		return { floor, sale, count: floor.hub.does([counted('A', counting, floor.hub.asOf())]) };
	}
	const count = floor.hub.does([counted('A', counting, floor.hub.asOf())]);
	return { floor, sale: floor.sell(floor.till2, 'A', 2), count };
}

function only(conflicts: readonly Conflict[]): Conflict {
	expect(conflicts.map(({ kind }) => kind)).toEqual(['count-overlap']);
	return conflicts[0]!;
}

function settle(floor: Floor, till: TestDevice, choice: string): Ledger {
	floor.meet();
	const ledger = floor.ledger();
	answer(ledger, till, only(ledger.conflicts()), choice);
	floor.meet();
	return floor.ledger();
}

test('found in any order of arrival, with the sale and the count; by the clock of counting what moved before is in the count', () => {
	const { floor, sale, count } = apart('sold first');
	const conflict = only(conflictsInAnyOrder(floor.shop));
	expect(conflict.unsettled).toEqual([sale.hash, count.hash]);
	expect(conflict).toMatchObject({
		detail: { device: floor.till2.id, counter: floor.hub.id, overlaps: [{ sku: A, quantityMilli: -2_000, isInCount: true }] },
		stake: { unitsMilli: 2_000 },
	});
	expect(conflict.choices.map(({ label }) => label)).toEqual(['Before the count', 'After the count']);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
});

test('what moved after it by that clock comes off the count', () => {
	const { floor } = apart('counted first', 10);
	expect(only(conflictsInAnyOrder(floor.shop)).detail).toMatchObject({ overlaps: [{ isInCount: false }] });
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
});

test('goods that come are asked about as well as goods that go', () => {
	const floor = openFloor({ A: 10 });
	floor.hub.does([counted('A', 10, floor.hub.asOf())]);
	floor.till2.does([received('A', 4)]);
	expect(only(conflictsInAnyOrder(floor.shop)).detail).toMatchObject({ overlaps: [{ quantityMilli: 4_000, isInCount: false }] });
	expect(floor.onHand(settle(floor, floor.till1, 'before'), 'A')).toBe(10);
});

test.each([
	['sold first', 'before', 8],
	['sold first', 'after', 6],
	['counted first', 'before', 8],
	['counted first', 'after', 6],
] as const)('%s, answered "%s": it is over, and %i are left', (order, choice, left) => {
	const { floor } = apart(order);
	const ledger = settle(floor, floor.till1, choice);
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(left);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('nothing is asked where one had heard of the other: in the count, sold while counting, sold later', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till2, 'A');
	floor.meet();
	const asOf = floor.hub.asOf();
	floor.sell(floor.till2, 'A');
	floor.sell(floor.hub, 'A');
	floor.meet();
	const count = floor.hub.does([counted('A', 9, asOf)]);
	floor.till2.hears(count);
	floor.sell(floor.till2, 'A');
	floor.sell(floor.hub, 'A');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(5);
});

test('an afternoon off the network is one item, of whatever was sold and counted meanwhile; another till is another', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const { hub, till1, till2 } = floor;
	for (const sku of ['A', 'B', 'A']) floor.sell(till2, sku);
	hub.does([counted('A', 10, hub.asOf())]);
	hub.does([counted('B', 10, hub.asOf())]);
	for (const sku of ['A', 'B']) floor.sell(till2, sku);
	expect(only(conflictsInAnyOrder(floor.shop)).members).toHaveLength(7);
	floor.sell(till1, 'B');
	expect(conflictsInAnyOrder(floor.shop).map(({ detail }) => 'device' in detail && detail.device)).toEqual(
		expect.arrayContaining([till1.id, till2.id]),
	);
	expect(floor.ledger().conflicts()).toHaveLength(2);
});

test('a second absence is a second item', () => {
	const { floor } = apart('counted first');
	floor.meet();
	floor.hub.does([counted('A', 8, floor.hub.asOf())]);
	floor.sell(floor.till2, 'A');
	const second = only(conflictsInAnyOrder(floor.shop));
	floor.meet();
	const count = floor.hub.does([counted('B', 5, floor.hub.asOf())]);
	floor.sell(floor.till2, 'B');
	const both = conflictsInAnyOrder(floor.shop);
	expect(both.map(({ id }) => id.subject)).toContain(second.id.subject);
	expect(both).toHaveLength(2);
	expect(both.find(({ members }) => members.some(({ hash }) => hash === count.hash))?.members).toHaveLength(2);
});

test('a sale that comes later opens it again with only that one new, and what was answered stays', () => {
	const { floor, sale, count } = apart('counted first', 10);
	const late = floor.sell(floor.till2, 'A', 3);
	const ledger = floor.ledger(late);
	floor.till1.hears(...floor.shop.entries.filter((entry) => entry !== late));
	answer(ledger, floor.till1, only(ledger.conflicts()), 'before');
	expect(floor.onHand(ledger, 'A')).toBe(10);
	const conflict = only(conflictsInAnyOrder(floor.shop));
	expect([conflict.unsettled, conflict.members.map(({ hash }) => hash), conflict.stake.unitsMilli]).toEqual([
		[late.hash],
		[count.hash, sale.hash, late.hash],
		3_000,
	]);
	expect(floor.onHand(settle(floor, floor.hub, 'before'), 'A')).toBe(10);
});

test('a count by somebody who knew both ends the question; an answer that was given before is not one too many', () => {
	const { floor } = apart('counted first');
	expect(settle(floor, floor.till1, 'before').conflicts()).toEqual([]);
	floor.hub.does([counted('A', 3, floor.hub.asOf())]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(3);
	const other = apart('counted first').floor;
	other.meet();
	other.till1.does([counted('A', 3, other.till1.asOf())]);
	expect(conflictsInAnyOrder(other.shop)).toEqual([]);
});

test('a sale that was taken back moved nothing; where somebody had made it good, that is shown', () => {
	const { floor, sale } = apart('counted first');
	floor.meet();
	floor.till1.does([corrected(sale.hash)]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const other = apart('sold first');
	expect(settle(other.floor, other.floor.till1, 'after').conflicts()).toEqual([]);
	other.floor.till1.does([corrected(other.sale.hash)]);
	expect(conflictsInAnyOrder(other.floor.shop)).toMatchObject([{ kind: 'answer-overtaken' }]);
	answer(other.floor.ledger(), other.floor.till1, other.floor.ledger().conflicts()[0], 'undo-it');
	expect(other.floor.onHand(other.floor.ledger(), 'A')).toBe(8);
});

test('a count that was taken back asks nothing, and the one before it asks again', () => {
	const { floor, count, sale } = apart('counted first');
	floor.meet();
	const again = floor.till1.does([counted('A', 3, floor.till1.asOf())]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	floor.till1.does([corrected(again.hash)]);
	expect(only(conflictsInAnyOrder(floor.shop)).unsettled).toEqual([count.hash, sale.hash]);
	floor.till1.does([corrected(count.hash)]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('what was asked of a count below a checkpoint is asked again when the count that ended it is taken back: that needs history', () => {
	const { floor } = apart('counted first');
	floor.meet();
	const again = floor.till1.does([counted('A', 3, floor.till1.asOf())]);
	const deps = { store: floor.shop.store, branch: floor.shop.branch };
	const checkpoint = checkpointOf(floor.ledger(), deps, again.header.hlc[0]);
	expect(checkpoint?.stock.find(({ sku }) => sku === A)).toMatchObject({ stocked: true });
	const ledger = createLedger({ ...deps, checkpoint });
	ledger.add([again]);
	expect([ledger.needsHistory(), ledger.conflicts()]).toEqual([false, []]);
	ledger.add([floor.till1.does([corrected(again.hash)])]);
	expect(ledger.needsHistory()).toBe(true);
	only(floor.ledger().conflicts());
});

test('nobody is asked about a product of which no stock is kept, until it is', () => {
	const { floor } = apart('counted first');
	floor.meet();
	const ledger = floor.ledger();
	const tracked = (value: boolean): object =>
		edited('A', { tracked: { value, replaces: [...(ledgerOf(floor.shop).state.products.get(A)?.tracked.replaces ?? [])] } });
	const off = floor.hub.does([tracked(false)], { scope: 'store' });
	ledger.add([off]);
	expect(ledger.conflicts()).toEqual([]);
	ledger.add([floor.hub.does([tracked(true)], { scope: 'store' })]);
	only(ledger.conflicts());
});

test('two answers that did not know of each other: the first holds, and stock is changed once', () => {
	const { floor } = apart('counted first', 10);
	floor.meet();
	const before = floor.ledger();
	const late = floor.ledger();
	answer(before, floor.till1, only(before.conflicts()), 'before');
	answer(late, floor.till2, only(late.conflicts()), 'before');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
});

test('of more than fit into one answer the rest is asked about next, and stock comes out right', () => {
	const floor = openFloor({ A: 5_000 });
	const count = floor.hub.does([counted('A', 5_000, floor.hub.asOf())]);
	for (let sold = 0; sold < 900; sold += 1) floor.sell(floor.till2, 'A');
	floor.meet();
	expect(only(floor.ledger().conflicts()).unsettled).toHaveLength(701);
	expect(settle(floor, floor.till1, 'before').conflicts()[0]?.unsettled).toHaveLength(200);
	const ledger = settle(floor, floor.till1, 'before');
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(5_000);
	expect(count.header.device).toBe(floor.hub.id);
});

test('it is told in words: who sold, who counted, what holds, what each choice does', () => {
	const { floor } = apart('sold first');
	const [row] = conflictRows(floor.ledger(), floor.till1.id);
	expect(row).toMatchObject({
		title: 'Counted while it moved',
		about: 'Product A',
		provisional: 'By the clocks it had moved before: the count has it.',
	});
	expect(row?.story).toMatch(/^Till 2 moved 2 of Product A\. Hub at .* counted/);
	expect(row?.choices.map(({ effect }) => effect)).toEqual(['Stock stays as it is.', 'Stock changes by -2 of Product A.']);
});

/** Two people count one shelf apart: the rule at the top of `core/conflict/counts-disagree.ts`. */
import type { Conflict } from '#core/conflict/conflict.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { corrected, counted } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder } from '../../support/till-day.ts';

/** Till 1 counts seven, till 2 six a second later. */
function twice(first = 7, second = 6): { readonly floor: Floor; readonly counts: readonly [Entry, Entry] } {
	const floor = openFloor({ A: 10 });
	const { till1, till2 } = floor;
	return { floor, counts: [till1.does([counted('A', first, till1.asOf())]), till2.does([counted('A', second, till2.asOf())])] };
}

function only(conflicts: readonly Conflict[]): Conflict {
	expect(conflicts.map(({ kind }) => kind)).toEqual(['counts-disagree']);
	return conflicts[0]!;
}

const keep = ({ hash }: Entry): string => `keep:${hash.slice(0, 16)}`;

test('found in any order of arrival; the later stands until somebody answers', () => {
	const { floor, counts } = twice();
	const conflict = only(conflictsInAnyOrder(floor.shop));
	expect(conflict).toMatchObject({ id: { subject: 'A' }, unsettled: counts.map(({ hash }) => hash), stake: { unitsMilli: 1_000 } });
	expect(conflict.choices.map(({ label }) => label)).toEqual(['This count', 'This count', 'Count again']);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(6);
});

test.each([
	[0, 7],
	[1, 6],
] as const)('keeping the one makes it the stock, with what was sold since; it is over (%i)', (which, left) => {
	const { floor, counts } = twice();
	floor.meet();
	floor.sell(floor.till1, 'A', 2);
	floor.meet();
	answer(floor.ledger(), floor.till1, only(floor.ledger().conflicts()), keep(counts[which]));
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(left - 2);
});

test('counted again it is over, by an answer or by a count that knew of both', () => {
	for (const how of ['answer', 'count'] as const) {
		const { floor } = twice();
		floor.meet();
		if (how === 'count') floor.hub.does([counted('A', 5, floor.hub.asOf())]);
		else answer(floor.ledger(), floor.hub, only(floor.ledger().conflicts()), 'count-again', '5');
		expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(5);
	}
});

test('counts that agree are none, and so are figures that differ by what was sold in between', () => {
	expect(conflictsInAnyOrder(twice(7, 7).floor.shop)).toEqual([]);
	const floor = openFloor({ A: 10 });
	floor.till1.does([counted('A', 10, floor.till1.asOf())]);
	const sale = floor.sell(floor.till1, 'A', 2);
	floor.till2.hears(sale);
	// It heard of the sale, and so of the count before it on that till: that is no count apart.
	floor.till2.does([counted('A', 7, floor.till2.asOf())]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	const other = openFloor({ A: 10 });
	const early = other.till1.asOf();
	other.meet();
	const soldThen = other.sell(other.till2, 'A', 2);
	other.till1.hears(soldThen);
	other.till1.does([counted('A', 10, early)]);
	other.hub.hears(soldThen);
	other.hub.does([counted('A', 8, other.hub.asOf())]);
	expect(conflictsInAnyOrder(other.shop)).toEqual([]);
});

test('who counted again knowing the first is not asked about the first', () => {
	const { floor, counts } = twice();
	const again = floor.till1.does([counted('A', 9, floor.till1.asOf())]);
	expect(only(conflictsInAnyOrder(floor.shop)).unsettled).toEqual([counts[1].hash, again.hash]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(9);
});

test('a third count apart opens it again with only that one new, and any of them may be kept', () => {
	for (const which of [0, 1, 2] as const) {
		const { floor, counts } = twice();
		const third = floor.hub.does([counted('A', 4, floor.hub.asOf())]);
		const ledger = floor.ledger(third);
		floor.till1.hears(counts[1]);
		answer(ledger, floor.till1, only(ledger.conflicts()), keep(counts[0]));
		expect(floor.onHand(ledger, 'A')).toBe(7);
		const found = conflictsInAnyOrder(floor.shop).filter(({ kind }) => kind === 'counts-disagree');
		expect(only(found).unsettled).toEqual([third.hash]);
		floor.meet();
		answer(floor.ledger(), floor.till1, only(found), keep([...counts, third][which]!));
		expect(
			floor
				.ledger()
				.conflicts()
				.filter(({ kind }) => kind === 'counts-disagree'),
		).toEqual([]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe([7, 6, 4][which]);
	}
});

test('one that was taken back disagrees with nobody; what was made good for it is shown', () => {
	const { floor, counts } = twice();
	floor.meet();
	answer(floor.ledger(), floor.till1, only(floor.ledger().conflicts()), keep(counts[0]));
	expect(floor.onHand(floor.ledger(), 'A')).toBe(7);
	floor.meet();
	floor.till2.does([corrected(counts[1].hash)]);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'answer-overtaken' }]);
	answer(floor.ledger(), floor.till2, floor.ledger().conflicts()[0], 'undo-it');
	expect(floor.onHand(floor.ledger(), 'A')).toBe(7);
	const other = twice();
	other.floor.meet();
	other.floor.hub.does([corrected(other.counts[0].hash)]);
	expect(conflictsInAnyOrder(other.floor.shop)).toEqual([]);
});

test('it is told in words: who counted what, what each would leave, what each choice does', () => {
	const { floor } = twice();
	const [row] = conflictRows(floor.ledger(), floor.till1.id);
	expect(row).toMatchObject({ title: 'Counted differently', about: 'Product A', provisional: 'The later count stands. On hand: 6.' });
	expect(row?.story).toMatch(/^Till 1 at .* counted 7 and Till 2 at .* counted 6\. With what moved since, that would leave 7 and 6\.$/);
	expect(row?.choices.map(({ effect }) => effect)).toEqual([
		'Stock changes by +1 of Product A.',
		'Stock stays as it is.',
		'Count the shelf; the count becomes the stock.',
	]);
	expect(row?.choices[0]?.label).toMatch(/^This count: Till 1 at /);
});

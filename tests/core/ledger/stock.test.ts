/** Stock is what the movements fold to: the numbered invariants of `core/ledger/stock.ts` (1 and 5: `any-order.test.ts`; 2: `conflict/shortage.test.ts`). */
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { adjusted, corrected, counted, received, refunded, sold } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;

test('receipts, sales, returns and adjustments move stock; lines of one sale are one movement', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.till1.does([
		sold(
			[
				['A', 2, 200],
				['A', 1, 100],
			],
			floor.till1.receipt(),
		),
	]);
	floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100, true]], floor.till1.receipt())]);
	floor.till1.does([refunded(sale.hash, [[1, 'A', 1, 100, false]], floor.till1.receipt())]);
	floor.hub.hears(...floor.shop.entries);
	floor.hub.does([adjusted('A', -2)]);
	const movements = floor
		.ledger()
		.state.stock.get(A)
		?.movements.map(({ kind, quantityMilli, afterMilli }) => [kind, quantityMilli / 1000, afterMilli / 1000]);
	expect(movements).toEqual([
		['received', 10, 10],
		['sold', -3, 7],
		['returned', 1, 8],
		['adjusted', -2, 6],
	]);
});

test('3: what the count had seen at the moment of counting is in it', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till1, 'A');
	floor.meet();
	floor.hub.does([counted('A', 5, floor.hub.asOf())]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(5);
});

test('3: of a till that was copied both sides are in the count, where both were heard', () => {
	for (const turned of [false, true]) {
		const floor = openFloor({ A: 10 });
		const copy = floor.till1.copy();
		const sales = [floor.sell(floor.till1, 'A'), copy.does([sold([['A', 2, 200]], copy.receipt())], { key: 'sold-by-the-copy' })];
		const { hlc, marks } = floor.hub.asOf();
		floor.hub.hears(...sales);
		const sides = sales.map(({ header, hash }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash }));
		const others = marks.filter(({ device, scope }) => device !== floor.till1.id || scope !== 'branch');
		floor.hub.does([counted('A', 7, { hlc, marks: [...others, ...(turned ? sides.reverse() : sides)] })]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(7);
	}
});

test('3: what was sold between counting and sealing is subtracted', () => {
	const floor = openFloor({ A: 10 });
	const asOf = floor.till1.asOf();
	floor.sell(floor.till1, 'A', 2);
	floor.till1.does([counted('A', 5, asOf)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(3);
});

test('3: what another till sold and the count had heard of by its sealing, but not at the moment of counting, is subtracted', () => {
	const floor = openFloor({ A: 10 });
	const asOf = floor.till1.asOf();
	const sale = floor.sell(floor.till2, 'A', 2);
	floor.till1.hears(sale);
	floor.till1.does([counted('A', 5, asOf)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(3);
});

test('3: a sale that nobody had told the counter of is judged by the clock of counting', () => {
	const before = openFloor({ A: 10 });
	before.sell(before.till2, 'A', 2);
	before.shop.nowMs += 60_000;
	before.hub.does([counted('A', 5, before.hub.asOf())]);
	expect(before.onHand(before.ledger(), 'A')).toBe(5);

	const after = openFloor({ A: 10 });
	const asOf = after.hub.asOf();
	after.shop.nowMs += 60_000;
	after.sell(after.till2, 'A', 2);
	after.shop.nowMs += 60_000;
	after.hub.does([counted('A', 5, asOf)]);
	expect(after.onHand(after.ledger(), 'A')).toBe(3);
});

test('of two counts apart the later in ledger order stands', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([counted('A', 7, floor.till1.asOf())]);
	floor.till2.does([counted('A', 6, floor.till2.asOf())]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(6);
});

test('4: a correction gives back what its entry took, and the movement says so', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	floor.till1.does([corrected(sale.hash)]);
	const stock = floor.ledger().state.stock.get(A);
	expect(stock?.onHandMilli).toBe(10_000);
	expect(stock?.movements.at(-1)).toMatchObject({ kind: 'corrected', quantityMilli: 3000, corrects: sale.hash });
	expect(floor.ledger().state.sales.get(sale.hash)?.correctedBy).toBeDefined();
});

test('4: two people who correct one entry apart correct it once', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	floor.meet();
	floor.till1.does([corrected(sale.hash)]);
	floor.till2.does([corrected(sale.hash)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
});

test('4: a correction of what a count has absorbed leaves the shelf as it was counted', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	floor.till1.does([counted('A', 9, floor.till1.asOf())]);
	floor.till1.does([corrected(sale.hash)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(9);
});

test('4: a count that is taken back leaves what everything else says', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till1, 'A', 1);
	const count = floor.till1.does([counted('A', 2, floor.till1.asOf())]);
	floor.sell(floor.till1, 'A', 1);
	floor.till1.does([corrected(count.hash)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
});

test('a correction that comes before what it corrects waits for it', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	floor.meet();
	floor.till2.does([corrected(sale.hash)]);
	const ledger = floor.ledger(sale);
	expect(floor.onHand(ledger, 'A')).toBe(10);
	ledger.add([sale]);
	expect(floor.onHand(ledger, 'A')).toBe(10);
	expect(ledger.state.stock.get(A)?.movements).toHaveLength(3);
});

test('an entry of another branch’s device is not this branch’s stock', () => {
	const floor = openFloor({ A: 10 });
	const stranger = floor.shop.device('Elsewhere', { till: 7 });
	const enrolment = { ...stranger.enrolment(), branch: 'f'.repeat(32) };
	floor.hub.does([enrolment], { scope: 'store' });
	const entry = stranger.does([received('A', 5)]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(10);
	expect(ledger.statusOf(entry.hash)).toBe('elsewhere');
	expect(ledger.conflicts()).toEqual([]);
});

test('fifty thousand lines fold to the unit, late ones too', () => {
	const floor = openFloor(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`S${i}`, 100_000])));
	const entries = Array.from({ length: 2500 }, (_, i) =>
		(i % 2 === 0 ? floor.till1 : floor.till2).does([
			sold(
				Array.from({ length: 20 }, (_line, k) => [`S${(i + k * k) % 100}`, 1, 100] as const),
				{ till: 1, number: i + 1 },
			),
		]),
	);
	const ledger = floor.ledger(...entries);
	for (const [i] of entries.entries()) {
		const late = entries[i % 10 === 0 ? i + 9 : i % 10 === 9 ? i - 9 : i];
		if (late !== undefined) ledger.add([late]);
	}
	expect(ledger.state.sales.size).toBe(2500);
	expect([...ledger.state.stock.values()].reduce((sum, { onHandMilli }) => sum + onHandMilli / 1000, 0)).toBe(100 * 100_000 - 50_000);
});

/** A stock take, line by line, while the shop goes on selling: the numbered invariants of `core/ledger/books/counts.ts`, and what people may do about one. */
import { isRefusal, type Intent } from '#core/intent.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { countRows } from '#projections/counts.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { corrected } from '../../../support/facts.ts';
import type { TestDevice } from '../../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../../support/shop-floor.ts';
import { decideAs, perform } from '../../../support/till-day.ts';

const [A, B, C] = ['A', 'B', 'C'] as [Sku, Sku, Sku];
const COUNT = 'stock take one' as CountId;

const opened: Intent = { intent: 'open-count', count: COUNT, name: ' November ', skus: [A, B] };

function line(till: TestDevice, sku: Sku, units: number, asOf = till.asOf()): Intent {
	return { intent: 'count', lines: [{ sku, quantityMilli: units * 1000, asOf }], count: COUNT };
}

function refusal(floor: Floor, till: TestDevice, intent: Intent): unknown {
	const decided = decideAs(floor.ledger(), till, intent);
	return isRefusal(decided) ? decided.refused : undefined;
}

test('1: it is opened, counted line by line while tills sell, and closed; each line says what was expected when it was counted', () => {
	const floor = openFloor({ A: 10, B: 5, C: 3 });
	const { till1, till2, shop } = floor;
	perform(floor.ledger(), till1, opened);
	floor.meet();
	const asOf = till1.asOf();
	floor.sell(till1, 'A', 2);
	perform(floor.ledger(), till1, line(till1, A, 9, asOf));
	floor.meet();
	floor.sell(till2, 'B', 1);
	floor.meet();
	perform(floor.ledger(), till2, line(till2, B, 4));
	const ledger = floor.ledger();
	expect([floor.onHand(ledger, 'A'), floor.onHand(ledger, 'B'), floor.onHand(ledger, 'C')]).toEqual([7, 4, 3]);
	expect(ledger.state.books.counts.get(COUNT)).toMatchObject({ opened: { name: 'November', device: till1.id }, skus: [A, B], closed: undefined });
	const [row] = countRows(ledger);
	expect(row).toMatchObject({ name: 'November', isOpen: true, left: [] });
	expect(
		row?.lines.map(({ sku, countedMilli, expectedMilli, differenceMilli, deviceName }) => [
			sku,
			countedMilli,
			expectedMilli,
			differenceMilli,
			deviceName,
		]),
	).toEqual([
		[A, 9_000, 10_000, -1_000, 'Till 1'],
		[B, 4_000, 4_000, 0, 'Till 2'],
	]);
	expect(row?.lines[0]?.asOfMs).toBe(asOf.hlc[0]);
	floor.meet();
	perform(floor.ledger(), till2, { intent: 'close-count', count: COUNT });
	expect(countRows(floor.ledger())).toMatchObject([{ isOpen: false }]);
	const backwards = createLedger({ store: shop.store, branch: shop.branch });
	for (const entry of [...shop.entries].reverse()) backwards.add([entry]);
	expect(countRows(backwards)).toEqual(countRows(floor.ledger()));
});

test('1: counted again, the last line stands, and the first says that it does not', () => {
	const floor = openFloor({ A: 10, B: 5 });
	perform(floor.ledger(), floor.till1, opened);
	perform(floor.ledger(), floor.till1, line(floor.till1, A, 1));
	perform(floor.ledger(), floor.till1, line(floor.till1, A, 9));
	const [row] = countRows(floor.ledger());
	expect(row?.lines.map(({ countedMilli, expectedMilli, isReplaced }) => [countedMilli, expectedMilli, isReplaced])).toEqual([
		[1_000, 10_000, true],
		[9_000, 1_000, false],
	]);
	expect(row?.left).toEqual([B]);
});

test('2: a line from a till that had not heard of the close is a line, and one that comes before the opening waits for no name', () => {
	const floor = openFloor({ A: 10, B: 5 });
	const [open] = perform(floor.ledger(), floor.till1, opened);
	floor.meet();
	perform(floor.ledger(), floor.till1, { intent: 'close-count', count: COUNT });
	floor.till2.does([{ type: 'stock.counted', v: 2, count: COUNT, lines: [{ sku: A, quantityMilli: 8_000, asOf: floor.till2.asOf() }] }]);
	const state = floor.ledger().state.books.counts.get(COUNT);
	expect(state).toMatchObject({ closed: { device: floor.till1.id }, lines: [{ sku: A, quantityMilli: 8_000 }] });
	if (open === undefined) throw new Error('not opened');
	expect(floor.ledger(open).state.books.counts.get(COUNT)).toMatchObject({ opened: undefined, lines: [{ sku: A }] });
	expect(countRows(floor.ledger(open))).toMatchObject([{ name: '', openedAtMs: undefined }]);
});

test('3: a line that was taken back is none', () => {
	const floor = openFloor({ A: 10, B: 5 });
	perform(floor.ledger(), floor.till1, opened);
	const [counting] = perform(floor.ledger(), floor.till1, line(floor.till1, A, 1));
	if (counting === undefined) throw new Error('not counted');
	floor.till1.does([corrected(counting.hash)]);
	expect(floor.ledger().state.books.counts.get(COUNT)?.lines).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
});

test('what is no stock take is refused: without a name, of nothing, of what nobody sells, twice, never opened, closed, of something else', () => {
	const floor = openFloor({ A: 10, B: 5, C: 3 });
	const { till1 } = floor;
	expect(refusal(floor, till1, { ...opened, name: ' ' })).toBe('value-missing');
	expect(refusal(floor, till1, { ...opened, name: 'x'.repeat(81) })).toBe('value-invalid');
	expect(refusal(floor, till1, { ...opened, skus: [] })).toBe('nothing-changed');
	expect(refusal(floor, till1, { ...opened, skus: ['unheard of' as Sku] })).toBe('no-such-product');
	expect(refusal(floor, till1, line(till1, A, 1))).toBe('no-such-count');
	expect(refusal(floor, till1, { intent: 'close-count', count: COUNT })).toBe('no-such-count');
	perform(floor.ledger(), till1, opened);
	expect(refusal(floor, till1, opened)).toBe('count-taken');
	expect(refusal(floor, till1, line(till1, C, 1))).toBe('not-in-count');
	expect(refusal(floor, till1, line(till1, A, -1))).toBe('quantity-not-positive');
	expect(refusal(floor, till1, line(till1, A, 1))).toBeUndefined();
	perform(floor.ledger(), till1, { intent: 'close-count', count: COUNT });
	expect(refusal(floor, till1, line(till1, A, 1))).toBe('count-closed');
	expect(refusal(floor, till1, { intent: 'close-count', count: COUNT })).toBe('count-closed');
});

test('a stock take of everything takes any product', () => {
	const floor = openFloor({ A: 10, C: 3 });
	perform(floor.ledger(), floor.till1, { intent: 'open-count', count: COUNT, name: 'All' });
	expect(refusal(floor, floor.till1, line(floor.till1, C, 1))).toBeUndefined();
	expect(countRows(floor.ledger())).toMatchObject([{ left: undefined, lines: [] }]);
});

/** A supplier is written down, goods are ordered, and what comes is held against what was expected. */
import { isRefusal, type Intent } from '#core/intent.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { Sku } from '#schemas/ids.ts';
import { averageCostE4 } from '#core/cost.ts';
import { expect, test } from 'vitest';
import { openFloor } from '../../support/shop-floor.ts';
import { decideAs, perform } from '../../support/till-day.ts';

const [A, B] = ['A', 'B'] as Sku[] as [Sku, Sku];
const DAIRY = 'supplier-dairy' as SupplierId;
const ORDER = 'order-000001' as OrderId;

const NAMED: Intent = { intent: 'change-supplier', supplier: DAIRY, fields: { name: { value: ' Green Dairy ', replaces: [] } } };
const ORDERED: Intent = {
	...{ intent: 'place-order', order: ORDER, supplier: DAIRY },
	lines: [
		{ sku: A, quantityMilli: 12_000, costE4: 6_000 },
		{ sku: B, quantityMilli: 6_000, costE4: 9_000 },
	],
};

function withOrder() {
	const floor = openFloor({ A: 2, B: 0.5 });
	const ledger = floor.ledger();
	perform(ledger, floor.till1, NAMED);
	perform(ledger, floor.till1, ORDERED);
	const receive = (lines: readonly (readonly [sku: Sku, units: number, costE4?: number])[], closes = false) =>
		perform(ledger, floor.till1, {
			...{ intent: 'receive', order: ORDER, reference: 'DN 77', closes },
			lines: lines.map(([sku, units, costE4]) => ({ sku, quantityMilli: units * 1000, ...(costE4 === undefined ? {} : { costE4 }) })),
		});
	return { floor, ledger, receive };
}

test('a delivery says what was expected and what it cost; what is left is expected of the next one, and the last one closes the order', () => {
	const { floor, ledger, receive } = withOrder();
	const [first] = receive([
		[A, 10],
		[B, 0],
	]);
	expect(first?.facts).toEqual([
		{
			...{ type: 'stock.received', v: 3, order: ORDER, supplier: 'Green Dairy', reference: 'DN 77' },
			lines: [{ sku: A, quantityMilli: 10_000, expectedMilli: 12_000, costE4: 6_000 }],
		},
	]);
	expect(floor.onHand(ledger, 'A')).toBe(12);
	expect(ledger.state.books.orders.get(ORDER)).toMatchObject({ closed: undefined, lines: [{ receivedMilli: 10_000 }, { receivedMilli: 0 }] });
	const [second] = receive([
		[A, 2],
		[B, 6],
	]);
	expect(second?.facts).toMatchObject([{ lines: [{ expectedMilli: 2_000 }, { expectedMilli: 6_000 }] }, { type: 'order.closed' }]);
	expect(ledger.state.books.orders.get(ORDER)?.closed).toMatchObject({ reason: '' });
	expect(decideAs(ledger, floor.till1, { intent: 'receive', order: ORDER, lines: [{ sku: A, quantityMilli: 1_000 }] })).toEqual({
		refused: 'order-closed',
	});
});

test('a short delivery closes the order only when somebody says that the rest will not come', () => {
	const { ledger, receive } = withOrder();
	receive([[A, 4]], true);
	expect(ledger.state.books.orders.get(ORDER)?.closed).toMatchObject({ reason: 'rest-not-coming' });
});

test('what nobody ordered is received all the same, and is a line of its own', () => {
	const floor = openFloor({ A: 2, B: 1 });
	const ledger = floor.ledger();
	perform(ledger, floor.till1, NAMED);
	perform(ledger, floor.till1, { intent: 'place-order', order: ORDER, supplier: DAIRY, lines: [{ sku: A, quantityMilli: 1_000 }] });
	const [came] = perform(ledger, floor.till1, { intent: 'receive', order: ORDER, lines: [{ sku: B, quantityMilli: 3_000 }] });
	expect(came?.facts).toMatchObject([{ lines: [{ sku: B, expectedMilli: 0 }] }]);
	expect(ledger.state.books.orders.get(ORDER)?.lines).toMatchObject([
		{ sku: A, orderedMilli: 1_000, receivedMilli: 0 },
		{ sku: B, orderedMilli: 0, receivedMilli: 3_000 },
	]);
});

test('an order on its way asks for something else; what has come of it stays', () => {
	const { floor, ledger, receive } = withOrder();
	receive([[A, 10]]);
	perform(ledger, floor.till1, { intent: 'change-order', order: ORDER, lines: [{ sku: A, quantityMilli: 10_000 }] });
	expect(ledger.state.books.orders.get(ORDER)?.lines).toMatchObject([{ sku: A, orderedMilli: 10_000, receivedMilli: 10_000 }]);
	expect(ledger.state.books.orders.get(ORDER)?.lines).toHaveLength(1);
	expect(decideAs(ledger, floor.till1, { intent: 'change-order', order: ORDER, lines: [{ sku: A, quantityMilli: 10_000 }] })).toMatchObject({
		refused: 'nothing-changed',
	});
	perform(ledger, floor.till1, { intent: 'close-order', order: ORDER });
	expect(decideAs(ledger, floor.till1, { intent: 'close-order', order: ORDER })).toMatchObject({ refused: 'order-closed' });
});

test('what the shelf is worth follows from the newest deliveries, first in first out; a delivery taken back cost nothing', () => {
	const { floor, ledger, receive } = withOrder();
	const cost = (onHandMilli: number): number | undefined => averageCostE4(ledger.state.books.costs.get(A), onHandMilli);
	expect(cost(2_000)).toBeUndefined();
	receive([[A, 4, 5_000]]);
	const [dear] = receive([[A, 4, 7_000]]);
	expect([cost(4_000), cost(6_000), cost(8_000), cost(16_000), cost(0), cost(-3_000)]).toEqual([7_000, 6_333, 6_000, 5_500, 7_000, 7_000]);
	ledger.add([floor.till1.does([{ type: 'correction.made', v: 1, corrects: dear!.hash, reason: 'not ours' }])]);
	expect(cost(4_000)).toBe(5_000);
});

test('who is no supplier gets no order, an order is placed once, and nobody orders what the shop does not have', () => {
	const { floor, ledger } = withOrder();
	const refused = (intent: Intent): string => {
		const decided = decideAs(ledger, floor.till1, intent);
		return isRefusal(decided) ? decided.refused : 'done';
	};
	const order = 'order-000002' as OrderId;
	const lines = [{ sku: A, quantityMilli: 1_000 }];
	expect(refused({ intent: 'place-order', order: ORDER, supplier: DAIRY, lines })).toBe('order-taken');
	expect(refused({ intent: 'place-order', order, supplier: 'supplier-none' as SupplierId, lines })).toBe('no-such-supplier');
	expect(refused({ intent: 'place-order', order, supplier: DAIRY, lines: [{ sku: 'Z' as Sku, quantityMilli: 1 }] })).toBe('no-such-product');
	expect(refused({ intent: 'receive', order, lines })).toBe('no-such-order');
	perform(ledger, floor.till1, { intent: 'change-supplier', supplier: DAIRY, fields: { retired: { value: true, replaces: [] } } });
	expect(refused({ intent: 'place-order', order, supplier: DAIRY, lines })).toBe('no-such-supplier');
});

test('two who change different fields of a supplier apart both have it; of one field the later stands and the other is shown beside it', () => {
	const floor = openFloor();
	const first = floor.ledger();
	const [made] = perform(first, floor.till1, NAMED);
	floor.till2.hears(made!);
	const apart = floor.ledger();
	const change = (value: string, email: boolean): Intent => ({
		...{ intent: 'change-supplier', supplier: DAIRY },
		fields: email ? { email: { value, replaces: [] } } : { name: { value, replaces: [made!.hash] } },
	});
	perform(first, floor.till1, change('Greener Dairy', false));
	perform(apart, floor.till2, change('Green Dairies', false));
	perform(apart, floor.till2, change('orders@green.example', true));
	const { fields } = floor.ledger().state.books.suppliers.get(DAIRY)!;
	expect(fields.email?.value).toBe('orders@green.example');
	expect(fields.name?.frontier.map(({ value }) => value).sort()).toEqual(['Green Dairies', 'Greener Dairy']);
	expect(floor.ledger().conflicts()).toEqual([]);
	const all = floor.ledger();
	perform(all, floor.till1, {
		...{ intent: 'change-supplier', supplier: DAIRY },
		fields: { name: { value: fields.name!.value, replaces: fields.name!.replaces } },
	});
	expect(all.state.books.suppliers.get(DAIRY)?.fields.name?.frontier).toHaveLength(1);
});

test('what a supplier has is written once: the same list again changes nothing, and null takes a product out', () => {
	const floor = openFloor({ A: 1, B: 1 });
	const ledger = floor.ledger();
	perform(ledger, floor.till1, NAMED);
	const lines = [
		{ sku: A, terms: { code: 'GD-1', caseMilli: 12_000, costE4: 6_000 } },
		{ sku: B, terms: { caseMilli: 1_000 } },
	];
	perform(ledger, floor.till1, { intent: 'change-supplies', supplier: DAIRY, lines });
	expect(decideAs(ledger, floor.till1, { intent: 'change-supplies', supplier: DAIRY, lines })).toEqual({ refused: 'nothing-changed' });
	const [changed] = perform(ledger, floor.till1, { intent: 'change-supplies', supplier: DAIRY, lines: [{ sku: A, terms: null }, lines[1]!] });
	expect(changed?.facts).toMatchObject([{ lines: [{ sku: A, terms: null }] }]);
	expect(ledger.state.books.suppliers.get(DAIRY)?.supplies).toMatchObject([
		{ sku: A, value: null },
		{ sku: B, value: { caseMilli: 1_000 } },
	]);
});

test('levels are set and taken away; a target below the minimum is none', () => {
	const floor = openFloor();
	const ledger = floor.ledger();
	const set = (levels: { minimumMilli: number; targetMilli: number } | null): Intent => ({ intent: 'set-levels', lines: [{ sku: A, levels }] });
	expect(decideAs(ledger, floor.till1, set({ minimumMilli: 5, targetMilli: 4 }))).toMatchObject({ refused: 'value-invalid' });
	perform(ledger, floor.till1, set({ minimumMilli: 5_000, targetMilli: 20_000 }));
	expect(ledger.state.books.levels.get(A)).toEqual({ minimumMilli: 5_000, targetMilli: 20_000 });
	perform(ledger, floor.till1, set(null));
	expect(ledger.state.books.levels.get(A)).toBeUndefined();
});

test('an order on its way is changed: lines come and go, a cost alone is a change, and who changed it last says what holds', () => {
	const { floor, ledger } = withOrder();
	const change = (lines: Extract<Intent, { intent: 'change-order' }>['lines']): Intent => ({
		...{ intent: 'change-order', order: ORDER, lines },
	});
	expect(decideAs(ledger, floor.till1, change((ORDERED as Extract<Intent, { intent: 'place-order' }>).lines))).toEqual({
		refused: 'nothing-changed',
	});
	const dearer = [{ sku: A, quantityMilli: 12_000, costE4: 6_500 }];
	const [first] = perform(ledger, floor.till1, change([...dearer, { sku: B, quantityMilli: 6_000, costE4: 9_000 }]));
	const [second] = perform(ledger, floor.till1, change(dearer));
	expect(ledger.state.books.orders.get(ORDER)).toMatchObject({
		changes: [{ entry: first?.hash }, { entry: second?.hash }],
		lines: [{ sku: A, orderedMilli: 12_000, costE4: 6_500 }],
	});
	perform(ledger, floor.till1, { intent: 'close-order', order: ORDER, reason: 'cancelled' });
	expect(decideAs(ledger, floor.till1, change(dearer))).toEqual({ refused: 'order-closed' });
});

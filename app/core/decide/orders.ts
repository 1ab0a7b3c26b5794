/** Goods are ordered, an order is changed while it is on its way, and closed. Receiving it is `stock.ts`'s. */
import type { Intent, Refusal } from '#core/intent.ts';
import type { OrderState } from '#core/ledger/books/orders.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import { lineProblem, type Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

/** As `order.placed` takes them. */
const MOST_LINES = 1_000;

export function placeOrder(ledger: Ledger, { order, supplier, lines, note }: Of<'place-order'>): Facts | Refusal {
	if (ledger.state.books.orders.get(order) !== undefined) return { refused: 'order-taken' };
	const known = ledger.state.books.suppliers.get(supplier);
	if (known === undefined || known.fields.retired?.value === true) return { refused: 'no-such-supplier' };
	const problem = lineProblem(ledger, lines, MOST_LINES, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	return { branch: [{ type: 'order.placed', v: 1, order, supplier, lines: [...lines], ...noteOf(note) }] };
}

/** What has come of it stays: an order changed to less than that is complete. */
export function changeOrder(ledger: Ledger, { order, lines, note }: Of<'change-order'>): Facts | Refusal {
	const state = openOrder(ledger, order);
	if ('refused' in state) return state;
	const problem = lineProblem(ledger, lines, MOST_LINES, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	const isSame =
		(note?.trim() ?? '') === state.note &&
		JSON.stringify(lines.map(({ sku, quantityMilli, costE4 }) => [sku, quantityMilli, costE4 ?? 'none'])) ===
			JSON.stringify(state.lines.flatMap(({ sku, orderedMilli, costE4 }) => (orderedMilli === 0 ? [] : [[sku, orderedMilli, costE4 ?? 'none']])));
	if (isSame) return { refused: 'nothing-changed' };
	return { branch: [{ type: 'order.changed', v: 1, order, lines: [...lines], ...noteOf(note) }] };
}

export function closeOrder(ledger: Ledger, { order, reason }: Of<'close-order'>): Facts | Refusal {
	const state = openOrder(ledger, order);
	if ('refused' in state) return state;
	const words = reason?.trim() ?? '';
	return { branch: [{ type: 'order.closed', v: 1, order, ...(words === '' ? {} : { reason: words }) }] };
}

function openOrder(ledger: Ledger, order: OrderId): OrderState | Refusal {
	const state = ledger.state.books.orders.get(order);
	if (state?.placed === undefined) return { refused: 'no-such-order' };
	return state.closed === undefined ? state : { refused: 'order-closed' };
}

function noteOf(note: string | undefined): { readonly note?: string } {
	const words = note?.trim() ?? '';
	return words === '' ? {} : { note: words };
}

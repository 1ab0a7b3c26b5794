/**
 * An order: placed with a supplier, perhaps changed, received in one delivery or several, closed.
 *
 * 1. What was received counts, whatever was ordered; two who received the same goods apart are asked (`core/conflict/order-received-twice.ts`).
 * 2. The lines are those of the last change in ledger order. What was received beyond them, or of something else, is a line that nobody ordered.
 * 3. A receipt that was taken back has not come; one that comes after the close is received all the same.
 */
import { findOrderReceivedTwice } from '#core/conflict/order-received-twice.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { DeviceId, EntryHash, PersonId, Sku } from '#schemas/ids.ts';
import type { Book, Change } from './book.ts';

interface Authored {
	readonly entry: EntryHash;
	readonly atMs: number;
	readonly by: PersonId;
	readonly device: DeviceId;
}

export interface OrderLineState {
	readonly sku: Sku;
	readonly orderedMilli: number;
	readonly receivedMilli: number;
	readonly code: string;
	/** Without tax, as it was ordered. */
	readonly costE4: number | undefined;
}

export interface OrderState {
	readonly order: OrderId;
	/** Undefined: goods of it came, and what placed it is not here. */
	readonly placed: (Authored & { readonly supplier: SupplierId }) | undefined;
	/** After it was placed, in ledger order: the last one is what holds. */
	readonly changes: readonly Authored[];
	readonly note: string;
	/** In the order in which they were ordered; what nobody ordered last. */
	readonly lines: readonly OrderLineState[];
	/** In ledger order. */
	readonly receipts: readonly (Authored & {
		readonly reference: string;
		readonly lines: readonly { readonly sku: Sku; readonly quantityMilli: number }[];
	})[];
	/** The first close is the one. */
	readonly closed: (Authored & { readonly reason: string }) | undefined;
}

export const orders: Book<OrderId, OrderState> = {
	reads: ['order.placed', 'order.changed', 'order.closed', 'stock.received'],
	subjectsOf(fact) {
		if (fact.type === 'stock.received') return fact.order === undefined ? [] : [fact.order];
		return fact.type === 'order.placed' || fact.type === 'order.changed' || fact.type === 'order.closed' ? [fact.order] : [];
	},
	fold(order, changes, { correctedBy }) {
		let placed: OrderState['placed'];
		let closed: OrderState['closed'];
		let note = '';
		const told: Authored[] = [];
		const receipts: OrderState['receipts'][number][] = [];
		const ordered = new Map<Sku, { quantityMilli: number; code: string; costE4: number | undefined }>();
		const received = new Map<Sku, number>();
		for (const { record, fact } of changes) {
			if (correctedBy(record) !== undefined) continue;
			const who = authorOf(record);
			if (fact.type === 'order.placed' || fact.type === 'order.changed') {
				if (fact.type === 'order.placed') placed ??= { ...who, supplier: fact.supplier };
				else told.push(who);
				note = fact.note ?? '';
				ordered.clear();
				for (const { sku, quantityMilli, code, costE4 } of fact.lines)
					ordered.set(sku, { quantityMilli: (ordered.get(sku)?.quantityMilli ?? 0) + quantityMilli, code: code ?? '', costE4 });
			} else if (fact.type === 'order.closed') closed ??= { ...who, reason: fact.reason ?? '' };
			else if (fact.type === 'stock.received') {
				receipts.push({ ...who, reference: fact.reference ?? '', lines: fact.lines });
				for (const { sku, quantityMilli } of fact.lines) received.set(sku, (received.get(sku) ?? 0) + quantityMilli);
			}
		}
		if (placed === undefined && closed === undefined && receipts.length === 0 && ordered.size === 0) return undefined;
		const lines = [...new Set([...ordered.keys(), ...received.keys()])].map((sku): OrderLineState => {
			const line = ordered.get(sku);
			return {
				...{ sku, orderedMilli: line?.quantityMilli ?? 0, receivedMilli: received.get(sku) ?? 0 },
				...{ code: line?.code ?? '', costE4: line?.costE4 },
			};
		});
		return { order, placed, changes: told, note, lines, receipts, closed };
	},
	alarms: ['stock.received'],
	alarmedFrom: 2,
	conflicts: findOrderReceivedTwice,
	asksWhoSaw: true,
	asksSettings: ['currency'],
	isOver: ({ closed }) => closed !== undefined,
};

function authorOf({ hash, header }: Change['record']): Authored {
	return { entry: hash, atMs: header.at, by: header.by, device: header.device };
}

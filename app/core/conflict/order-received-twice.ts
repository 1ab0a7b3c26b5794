/**
 * Order received twice: two people received the same order without knowing of each other, and together it is more than was ordered. All of it is in stock
 * until answered.
 *
 * One item an order; members are the receipts that were apart and share a product of which too much came. Whoever knew of the first receipt and received more
 * meant it: the supplier sent too much, and nobody is asked. `Both came`: so did it here. `Take one back`: one delivery was written down twice.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { OrderState } from '#core/ledger/books/orders.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

export function findOrderReceivedTwice(
	order: OrderId,
	{ placed, lines, receipts }: OrderState,
	changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	if (placed === undefined || receipts.length < 2) return [];
	const tooMuch = lines.filter(({ orderedMilli, receivedMilli }) => receivedMilli > orderedMilli);
	const over = new Set(tooMuch.map(({ sku }) => sku));
	if (over.size === 0) return [];
	const skusOf = new Map(receipts.map(({ entry, lines: came }) => [entry, new Set(came.map(({ sku }) => sku).filter((sku) => over.has(sku)))]));
	const records = [...new Set(changes.map(({ record }) => record))].filter(({ hash }) => skusOf.has(hash));
	const members = new Set<EntryRecord>();
	const shared = new Set<string>();
	for (const [place, one] of records.entries())
		for (const other of records.slice(place + 1)) {
			const both = [...(skusOf.get(one.hash) ?? [])].filter((sku) => skusOf.get(other.hash)?.has(sku) === true);
			if (both.length === 0 || context.saw(one, other) || context.saw(other, one)) continue;
			members.add(one).add(other);
			for (const sku of both) shared.add(sku);
		}
	if (members.size === 0) return [];
	const differences = tooMuch
		.filter(({ sku }) => shared.has(sku))
		.map(({ sku, orderedMilli, receivedMilli }) => ({ sku, orderedMilli, receivedMilli }));
	const cost = new Map(lines.map(({ sku, costE4 }) => [sku, costE4 ?? 0]));
	const conflict = openConflict(
		{
			subject: order,
			ofStore: false,
			urgency: 'high',
			members: [...members],
			detail: { kind: 'order-received-twice', order, supplier: placed.supplier, differences },
			stake: () => ({
				unitsMilli: differences.reduce((sum, one) => sum + one.receivedMilli - one.orderedMilli, 0),
				minor: minorOf(
					differences.reduce((sum, one) => sum + ((one.receivedMilli - one.orderedMilli) / 1000) * (cost.get(one.sku) ?? 0), 0),
					context,
				),
			}),
			choices: (open) => {
				const options = [...members].filter(({ hash }) => open.has(hash)).map(({ hash }) => hash);
				const last = options.at(-1);
				return [
					{ id: 'both-came', label: 'Both came', effect: { does: 'nothing' } },
					...(last === undefined
						? []
						: [
								{
									id: 'take-back',
									label: 'Take one back',
									effect: { does: 'compensate', entries: [last] },
									asks: { type: 'entry', options, optional: true },
								} as const,
							]),
				];
			},
		},
		context,
	);
	return conflict === undefined ? [] : [conflict];
}

function minorOf(e4: number, { state }: BookConflictContext): number {
	return Math.round(e4 / 10 ** (4 - (state.settings.value('currency')?.digits ?? 2)));
}

/**
 * Stale price: a sale line used a price entry that another, earlier in ledger order, had replaced. What the customer saw is what was paid; the shop is told.
 *
 * One item a price change and till, however many were sold. The change is the first one that had replaced the price; what should have been paid is by the
 * last one before the sale. A change whose moment had not come by the sale's own clock had replaced nothing, and a line that would have cost the same is none.
 * Members are the change and the sales.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import { sumMinor } from '#core/money.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Conflict, ConflictContext, ConflictDetail } from './conflict.ts';
import { openConflict } from './open.ts';

export type StaleLine = Extract<ConflictDetail, { kind: 'stale-price' }>['lines'][number];

/** What one till sold at prices that one entry had replaced; counting, and not taken back. */
export interface StalePrices {
	readonly change: EntryRecord;
	readonly device: DeviceId;
	readonly sales: readonly { readonly record: EntryRecord; readonly lines: readonly StaleLine[] }[];
}

export function findStalePrice({ change, device, sales }: StalePrices, context: ConflictContext): Conflict | undefined {
	if (sales.length === 0) return undefined;
	const linesOf = (open: ReadonlySet<EntryHash>): readonly StaleLine[] => sales.flatMap(({ record, lines }) => (open.has(record.hash) ? lines : []));
	const tooMuch = (lines: readonly StaleLine[]): readonly StaleLine[] => lines.filter(({ paidMinor, dueMinor }) => paidMinor > dueMinor);
	return openConflict(
		{
			subject: `${change.hash}:${device}`,
			ofStore: false,
			urgency: 'low',
			members: [change, ...sales.map(({ record }) => record)],
			detail: { kind: 'stale-price', change: change.hash, device, lines: sales.flatMap(({ lines }) => lines) },
			stake: (open) => ({
				unitsMilli: sumMinor(linesOf(open).map(({ quantityMilli }) => quantityMilli)),
				minor: sumMinor(linesOf(open).map(({ paidMinor, dueMinor }) => Math.abs(paidMinor - dueMinor))),
			}),
			choices: (open) => {
				const owed = tooMuch(linesOf(open)).map(({ sale, sku, quantityMilli, paidMinor, dueMinor }) => ({
					...{ sale, sku, quantityMilli, amountMinor: paidMinor - dueMinor },
				}));
				return [
					{ id: 'accept', label: 'Accept', effect: { does: 'nothing' } },
					// Nobody asks a customer for more than the shelf had said.
					...(owed.length === 0 ? [] : [{ id: 'refund-difference', label: 'Refund the difference', effect: { does: 'owe', owed } } as const]),
				];
			},
		},
		context,
	);
}

/**
 * Refund without sale: a refund, an exchange, or a claim of another branch names a sale that no chain has, although nothing is missing: all that the refund's
 * author had seen is here, or the sale's till is here up to the place that the claim names. It stands until answered.
 *
 * One item a sale that was named; members are its refunds. Linking says which sale it is of: that sale's lines are then given back, and `refunded-twice`
 * watches them. A return without a receipt names no sale, and is no conflict: somebody answered for it then.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf, unitsOf } from './worth.ts';

export function findRefundWithoutSale(sale: EntryHash, refunds: readonly EntryRecord[], context: ConflictContext): Conflict | undefined {
	if (refunds.length === 0) return undefined;
	const sumOf = (open: ReadonlySet<EntryHash>, worth: (entry: EntryRecord['entry']) => number): number =>
		refunds.reduce((sum, { hash, entry }) => (open.has(hash) ? sum + worth(entry) : sum), 0);
	return openConflict(
		{
			subject: sale,
			ofStore: false,
			urgency: 'high',
			members: refunds,
			detail: { kind: 'refund-without-sale', sale },
			stake: (open) => ({ unitsMilli: sumOf(open, unitsOf), minor: sumOf(open, moneyOf) }),
			choices: () => [
				{ id: 'goodwill', label: 'Goodwill', effect: { does: 'nothing' } },
				{ id: 'link', label: 'Link to a sale', effect: { does: 'link-refund' }, asks: { type: 'text' } },
				{ id: 'fraud', label: 'Mark as fraud', effect: { does: 'nothing' } },
			],
		},
		context,
	);
}

/** What a ledger from a checkpoint and one from zero must say alike: everything but what lies below the cut and is over. */
import { compareEntries } from '#core/entry/order.ts';
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { snapshotOf } from '../../support/ledger-snapshot.ts';

export function comparable(ledger: Ledger, checkpoint: Checkpoint): unknown {
	const { state } = ledger;
	const { marks, seen, hlc, products, devices, relays, settings, owed, updateNeeded } = snapshotOf(ledger) as Record<string, unknown>;
	const isAfter = ({ hash }: { readonly hash: EntryHash }): boolean => {
		const entry = ledger.entry(hash);
		return entry !== undefined && compareEntries(entry, checkpoint.last) > 0;
	};
	return {
		...{ marks, seen, hlc, products, devices, relays, settings, owed, updateNeeded },
		onHand: [...state.stock].map(([sku, { onHandMilli }]) => [sku, onHandMilli]).sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
		movements: [...state.stock]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.flatMap(([, { movements }]) => movements.filter(({ entry }) => isAfter(entry)).map(({ entry, ...rest }) => ({ ...rest, entry: entry.hash }))),
		sales: [...state.sales.values()].filter(({ entry }) => isAfter(entry)).sort((a, b) => compareEntries(a.entry, b.entry)),
		refunds: [...state.refunds.values()].filter(({ entry }) => isAfter(entry)).sort((a, b) => compareEntries(a.entry, b.entry)),
		conflicts: ledger
			.conflicts()
			.map(({ members, ...conflict }) => ({ ...conflict, members: members.map(({ entry, ...member }) => ({ ...member, entry: entry.hash })) })),
		quarantined: ledger.quarantined().filter(({ entry }) => isAfter(entry)),
	};
}

/** What entries of this branch did to store credit by their other part, which every branch reads (`header.part`). */
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';

/** Minor units by customer, in order of the ids: above zero it was given, below it was used. None that came to nothing. */
export function creditMovedBy(
	ledger: Pick<Ledger, 'secondParts' | 'statusOf'>,
	entries: readonly EntryHash[],
): readonly (readonly [CustomerId, number])[] {
	const moved = new Map<CustomerId, number>();
	for (const { hash, facts } of entries.flatMap((entry) => ledger.secondParts(entry))) {
		if (ledger.statusOf(hash) !== 'counts') continue;
		for (const fact of facts) {
			if ('unknown' in fact || 'invalid' in fact || (fact.type !== 'credit.given' && fact.type !== 'credit.used')) continue;
			moved.set(fact.customer, (moved.get(fact.customer) ?? 0) + (fact.type === 'credit.given' ? fact.amountMinor : -fact.amountMinor));
		}
	}
	return [...moved].filter(([, minor]) => minor !== 0).sort(([a], [b]) => compareText(a, b));
}

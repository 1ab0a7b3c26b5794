/** What entries of this branch did to store credit by their other part, which every branch reads (`header.part`). */
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';

/** Minor units by customer, in order of the ids: above zero it was given, below it was used. None that came to nothing. */
export function creditMovedBy(
	ledger: Pick<Ledger, 'entries' | 'entry' | 'statusOf'>,
	entries: readonly EntryHash[],
): readonly (readonly [CustomerId, number])[] {
	const firsts = new Set(entries.filter((hash) => ledger.entry(hash)?.header.part !== undefined));
	// Few have another part: it is looked for among all entries only where there is one.
	if (firsts.size === 0) return [];
	const moved = new Map<CustomerId, number>();
	for (const { hash, header, facts } of ledger.entries()) {
		const first = header.part?.first;
		if (first === undefined || !firsts.has(first) || ledger.statusOf(hash) !== 'counts') continue;
		for (const fact of facts) {
			if ('unknown' in fact || 'invalid' in fact || (fact.type !== 'credit.given' && fact.type !== 'credit.used')) continue;
			moved.set(fact.customer, (moved.get(fact.customer) ?? 0) + (fact.type === 'credit.given' ? fact.amountMinor : -fact.amountMinor));
		}
	}
	return [...moved].filter(([, minor]) => minor !== 0).sort(([a], [b]) => compareText(a, b));
}

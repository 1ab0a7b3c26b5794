/**
 * Chain forked: two entries at one place of a chain. A copied profile, a restored backup. Both sides count; receipt numbers that exist twice are
 * listed. Nothing is sealed again, nothing is lost.
 *
 * An entry whose `prev` is not the entry that is held at that place is the same finding: the other side's entry is not here yet. One item a chain;
 * members are the first entries of each side. The answer says which device keeps the till; the other is enrolled anew.
 */
import type { Chain, Chains, EntryRecord } from '#core/ledger/chains.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { knownFacts } from './worth.ts';

export function findChainForked(chain: Chain, context: ConflictContext, chains: Chains): Conflict | undefined {
	if (!chain.forks) return undefined;
	const { device, scope } = chain;
	const sides = chains.sides(chain);
	return openConflict(
		{
			subject: `${device}:${scope}`,
			ofStore: scope === 'store',
			urgency: 'high',
			members: sides.map(({ first }) => first),
			detail: {
				kind: 'chain-forked',
				device,
				scope,
				sides: sides.map(({ first, last }) => ({
					first: first.hash,
					last: last.hash,
					fromSeq: first.header.seq,
					toSeq: last.header.seq,
					lastAtMs: last.header.at,
				})),
				doubled: doubledReceipts(chain),
			},
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: (open) =>
				sides
					.filter(({ first }) => open.has(first.hash))
					.map(({ first }): Choice => ({
						id: `keep:${first.hash.slice(0, 16)}`,
						label: 'This one keeps the till',
						effect: { does: 'keep-till', entry: first.hash },
					})),
		},
		context,
	);
}

function doubledReceipts(chain: Chain): readonly Receipt[] {
	const seen = new Map<string, EntryRecord>();
	const doubled = new Map<string, Receipt>();
	const records = [...chain.places.entries()].filter(([seq]) => seq >= chain.firstForkSeq).flatMap(([, place]) => place);
	for (const record of records) {
		for (const fact of knownFacts(record.entry)) {
			if (!('receipt' in fact)) continue;
			const { till, number, suffix } = fact.receipt;
			const name = `${till}-${number}${suffix ?? ''}`;
			if (seen.has(name)) doubled.set(name, fact.receipt);
			else seen.set(name, record);
		}
	}
	return [...doubled.values()].sort((a, b) => a.till - b.till || a.number - b.number);
}

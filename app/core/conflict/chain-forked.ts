/**
 * Chain forked: two entries at one place of a chain. A copied profile, a restored backup. Both sides count; receipt numbers that exist twice are
 * listed with the entries that bear them. Nothing is sealed again, nothing is lost.
 *
 * An entry whose `prev` is not the entry that is held at that place is the same finding: the other side's entry is not here yet. One item a chain;
 * members are the first entries of each side. The answer says which side keeps the till; the other is enrolled anew.
 *
 * 1. The answer names the first and the last entry of each side that it drops, as whoever answers holds them: the dropped device may never come back
 *    to say where its side ended.
 * 2. An entry beyond what an answer names, on a side that was dropped, opens the item again: the first such entry of each side is its only new member.
 * 3. What the kept side goes on to write is no member.
 * 4. Every side can be chosen again, whoever was chosen before: the last word that had heard of the others holds.
 */
import { conflictKey } from '#core/ledger/answers.ts';
import type { Chain, Chains, EntryRecord } from '#core/ledger/chains.ts';
import { firstUnanswered, sideStanding } from '#core/ledger/forks.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Choice, Conflict, ConflictContext, DoubledReceipt } from './conflict.ts';
import { openConflict } from './open.ts';
import { knownFacts } from './worth.ts';

export function findChainForked(chain: Chain, context: ConflictContext, chains: Chains): Conflict | undefined {
	if (!chain.forks) return undefined;
	const { device, scope } = chain;
	const subject = `${device}:${scope}`;
	const ofStore = scope === 'store';
	const key = conflictKey({ kind: 'chain-forked', subject, ...(ofStore ? {} : { branch: context.branch }) });
	const kept = context.keptSide(key);
	const answered = [...(context.settled(key)?.keys() ?? [])];
	const sides = chains.sides(chain).map((side) => {
		const grownFrom = kept && firstUnanswered(side.records, kept, answered, chains);
		return {
			...side,
			...{ standing: kept && sideStanding(side.last, kept, chains), grownFrom },
			grown: grownFrom === undefined ? 0 : side.records.length - side.records.indexOf(grownFrom),
		};
	});
	return openConflict(
		{
			subject,
			ofStore,
			urgency: 'high',
			members: sides.flatMap(({ first, grownFrom }) => (grownFrom === undefined ? [first] : [first, grownFrom])),
			detail: {
				kind: 'chain-forked',
				device,
				scope,
				sides: sides.map(({ first, last, standing, grown }) => ({
					first: first.hash,
					last: last.hash,
					fromSeq: first.header.seq,
					toSeq: last.header.seq,
					lastAtMs: last.header.at,
					standing,
					grown,
				})),
				doubled: doubledReceipts(chain),
			},
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () =>
				sides.map(({ first }): Choice => {
					const dropped = sides.filter((other) => other.first !== first);
					return {
						id: `keep:${first.hash.slice(0, 16)}`,
						label: 'This one keeps the till',
						effect: { does: 'keep-till', entry: first.hash, drops: dropped.flatMap((side) => [side.first.hash, side.last.hash]) },
					};
				}),
		},
		context,
	);
}

function doubledReceipts(chain: Chain): readonly DoubledReceipt[] {
	const byNumber = new Map<string, { readonly receipt: DoubledReceipt['receipt']; readonly entries: EntryRecord[] }>();
	const records = [...chain.places.entries()]
		.filter(([seq]) => seq >= chain.firstForkSeq)
		.sort(([a], [b]) => a - b)
		.flatMap(([, place]) => place);
	for (const record of records) {
		for (const fact of knownFacts(record.entry)) {
			if (!('receipt' in fact)) continue;
			const number = printReceipt(fact.receipt);
			const known = byNumber.get(number);
			if (known === undefined) byNumber.set(number, { receipt: fact.receipt, entries: [record] });
			else known.entries.push(record);
		}
	}
	return [...byNumber.values()]
		.filter(({ entries }) => entries.length > 1)
		.sort((a, b) => a.receipt.till - b.receipt.till || a.receipt.number - b.receipt.number)
		.map(({ receipt, entries }) => ({ receipt, entries: entries.map(({ hash }) => hash) }));
}

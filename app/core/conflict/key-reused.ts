/**
 * Key reused: one idempotency key (and part) with different content, within 35 days of each other by `hlc`. Both count until answered.
 *
 * The same entry again is a duplicate and no conflict: it has the same hash and never gets here. Members are the entries of the key that have
 * another one within 35 days. Keeping one compensates the others: their effects on stock and money are taken back.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { IntentKey } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf, unitsOf } from './worth.ts';

const WINDOW_MS = 35 * 24 * 60 * 60 * 1000;

export function findKeyReused(key: IntentKey, records: readonly EntryRecord[], context: ConflictContext): readonly Conflict[] {
	const groups = new Map<string, EntryRecord[]>();
	for (const record of [...records].sort(compareEntries)) {
		if (!record.counts) continue;
		const { part, scope } = record.header;
		// Part 1 and part 2 of one intent share its key by right. A key is also compared within a scope only: other branches read the store's chains alone.
		const group = `${scope}:${part?.n ?? 0}`;
		const list = groups.get(group);
		if (list === undefined) groups.set(group, [record]);
		else list.push(record);
	}
	return [...groups].flatMap(([group, list]) => {
		const members = list.filter((record) =>
			list.some((other) => other !== record && Math.abs(other.header.hlc[0] - record.header.hlc[0]) <= WINDOW_MS),
		);
		const first = members[0];
		if (first === undefined) return [];
		const ofStore = first.header.scope === 'store';
		const conflict = openConflict(
			{
				subject: first.header.part === undefined ? key : `${key}#${group.slice(-1)}`,
				ofStore,
				urgency: 'high',
				members,
				detail: { kind: 'key-reused', intentKey: key, part: first.header.part?.n },
				stake: () => ({
					unitsMilli: members.slice(1).reduce((sum, { entry }) => sum + unitsOf(entry), 0),
					minor: members.slice(1).reduce((sum, { entry }) => sum + moneyOf(entry), 0),
				}),
				choices: (open) =>
					members
						.filter((record) => open.has(record.hash))
						.map((record): Choice => ({
							id: `keep:${record.hash.slice(0, 16)}`,
							label: 'Keep this one',
							// What the store's chains say of products stands by itself, see `product-edited`; there is no stock or money in them to take back.
							effect: ofStore
								? { does: 'nothing' }
								: {
										does: 'compensate',
										entries: members.filter((other) => other !== record && context.correctedBy(other) === undefined).map(({ hash }) => hash),
									},
						})),
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

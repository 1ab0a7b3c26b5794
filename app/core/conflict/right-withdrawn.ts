/**
 * Right withdrawn: the author's right had been taken away, by a revocation or by being enrolled again with less, and neither of the two had heard of the other
 * when it was sealed. It counts, for the goods are gone; people are shown it. What lies beyond a revocation's marks is `not-allowed` instead, and does not
 * count; what the author sealed although it knew, too.
 *
 * One item an author, in the author's branch. Members are the entries that it had no right to any more; of more than 500 the newest.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf, unitsOf } from './worth.ts';

const MOST_MEMBERS = 500;

export function findRightWithdrawn(
	device: DeviceId,
	records: ReadonlyMap<EntryRecord, readonly EntryRecord[]>,
	context: ConflictContext,
): Conflict | undefined {
	const members = [...records.keys()]
		.filter((record) => record.counts && context.isOfBranch(record))
		.sort(compareEntries)
		.slice(-MOST_MEMBERS);
	return openConflict(
		{
			subject: device,
			ofStore: false,
			urgency: 'high',
			members,
			detail: {
				kind: 'right-withdrawn',
				device,
				by: [...new Set(members.flatMap((record) => records.get(record) ?? []))].sort(compareEntries).map(({ hash }) => hash),
			},
			stake: (open) => {
				const unsettled = members.filter(({ hash }) => open.has(hash));
				return {
					unitsMilli: unsettled.reduce((sum, { entry }) => sum + unitsOf(entry), 0),
					minor: unsettled.reduce((sum, { entry }) => sum + moneyOf(entry), 0),
				};
			},
			choices: (open): readonly Choice[] => {
				// A store's entry moved no stock and no money: there is nothing to take back.
				const entries = members
					.filter((record) => open.has(record.hash) && record.header.scope === 'branch' && context.correctedBy(record) === undefined)
					.map(({ hash }) => hash);
				return [
					{ id: 'accept', label: 'Accept', effect: { does: 'let-stand' } },
					...(entries.length === 0 ? [] : [{ id: 'compensate', label: 'Compensate', effect: { does: 'compensate', entries } } as const]),
				];
			},
		},
		context,
	);
}

/**
 * Roster disputed: devices revoked each other, in a ring of any length, and each lies beyond the other's marks. All of them are suspended, and whoever they
 * revoked besides; none can be judge in its own matter. An owner who is not among them (a hub) says who stays.
 *
 * One item a ring, in the store's scope. Members are the revocations. The subject names the devices by the first 16 characters of their ids, at most thirteen of them.
 * Once answered the roster is made without what was written against those who stay (`core/roster`), and there is no ring any more.
 */
import { KEEP_ALL, keepChoice, ROSTER_DISPUTED, type Dispute } from '#core/roster/roster.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

/** A subject has at most 240 characters: 13 × 17 = 221. */
const MOST_NAMED = 13;

export function findRosterDisputed(disputes: readonly Dispute[], context: ConflictContext): readonly Conflict[] {
	return disputes.flatMap(({ devices, revocations }) => {
		const conflict = openConflict(
			{
				subject: devices
					.slice(0, MOST_NAMED)
					.map((device) => device.slice(0, 16))
					.join(':'),
				ofStore: true,
				urgency: 'high',
				members: revocations.map(({ record }) => record),
				detail: {
					kind: ROSTER_DISPUTED,
					devices,
					revocations: revocations.map(({ record, fact }) => ({
						entry: record.hash,
						by: record.header.device,
						against: fact.device,
						reason: fact.reason,
					})),
				},
				stake: () => ({ unitsMilli: 0, minor: 0 }),
				choices: () => [
					...devices.map((device): Choice => ({
						id: keepChoice(device),
						label: 'Keep this one',
						effect: { does: 'keep-devices', devices: [device] },
					})),
					{ id: KEEP_ALL, label: 'Keep all', effect: { does: 'keep-devices', devices } },
				],
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

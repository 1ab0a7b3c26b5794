/**
 * Clock adrift: an entry that had seen another carries a wall clock more than five minutes before it. One of the two clocks is wrong; which, people know.
 * What happened stays in its order, for that comes from who had seen whom; the times on receipts and reports are what each till's clock said.
 *
 * One item a pair of devices (or a device, whose clock was set back), in the branch of whoever sealed the later entry, so that no other branch is asked
 * about it. Members are the entries that carry the earlier time. Of more than 500 the newest are the item: a clock that nobody sets right tells nothing new.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { Drift } from '#core/ledger/drifts.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

const MOST_DRIFTS = 500;

export function findClockAdrift(pair: string, drifts: readonly Drift[], context: ConflictContext): Conflict | undefined {
	const counting = drifts
		.filter(({ record }) => record.counts && context.isOfBranch(record))
		.sort((a, b) => compareEntries(a.record, b.record))
		.slice(-MOST_DRIFTS);
	const devices = pair.split(':') as DeviceId[];
	return openConflict(
		{
			subject: pair,
			ofStore: false,
			urgency: 'low',
			members: counting.map(({ record }) => record),
			detail: {
				kind: 'clock-adrift',
				devices,
				drifts: counting.map(({ record, saw }) => ({
					entry: record.hash,
					atMs: record.header.at,
					saw: saw.hash,
					sawBy: saw.device,
					sawAtMs: saw.atMs,
				})),
			},
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () => [
				...devices.map((device): Choice => ({
					id: `wrong:${device.slice(0, 16)}`,
					label: 'This clock was wrong',
					effect: { does: 'blame-clock', device },
				})),
				{ id: 'fix-it', label: 'Fix it', effect: { does: 'fix-clock' } },
			],
		},
		context,
	);
}

/**
 * Till number shared: two devices of a branch have one till number, given by managers who did not know of each other. From its next receipt on the later in
 * ledger order puts a letter after the number (`core/roster/till-numbers.ts`); what both printed before is listed nowhere but here.
 *
 * One item a number and branch; members are the entries that gave it. `Rename` gives the later ones numbers that no device ever had. It ends with the sharing.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { TillNumberState } from '#core/ledger/books/till-numbers.ts';
import { compareText } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { BranchId, DeviceId } from '#schemas/ids.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

export function findTillNumberShared(
	_number: string,
	{ till, given }: TillNumberState,
	_changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	const { devices } = context.state;
	const byBranch = new Map<BranchId, { device: DeviceId; record: EntryRecord }[]>();
	for (const { device, entry } of given) {
		const state = devices.get(device);
		const record = context.record(entry);
		if (state?.till !== till || state.role !== 'till' || record === undefined) continue;
		const list = byBranch.get(state.branch);
		if (list === undefined) byBranch.set(state.branch, [{ device, record }]);
		else list.push({ device, record });
	}
	return [...byBranch]
		.sort(([a], [b]) => compareText(a, b))
		.flatMap(([branch, holders]) => {
			if (holders.length < 2) return [];
			const later = holders.filter(({ device }) => devices.get(device)?.suffix !== undefined).map(({ device }) => device);
			const conflict = openConflict(
				{
					subject: `${branch}:${till}`,
					ofStore: true,
					urgency: 'high',
					members: holders.map(({ record }) => record),
					detail: { kind: 'till-number-shared', till, devices: holders.map(({ device }) => ({ device, suffix: devices.get(device)?.suffix })) },
					stake: () => ({ unitsMilli: 0, minor: 0 }),
					choices: () => [{ id: 'rename', label: 'Rename', effect: { does: 'renumber', devices: later } }],
				},
				context,
			);
			return conflict === undefined ? [] : [conflict];
		});
}

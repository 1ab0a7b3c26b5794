/**
 * Drawer difference: the cash that was counted differs from what was expected by more than the shop tolerates (`drawerToleranceMinor`, as whoever counted
 * knew it; nothing is tolerated where nobody set it). It stands as counted until answered.
 *
 * Nobody is asked while something of the shift is still on its way: what was expected is not known yet.
 *
 * One item a shift; its member is the count that stands. `Explain` remembers the words. `Recount` writes a further count, which is then the one that stands.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { ShiftState } from '#core/ledger/books/shifts.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

export function findDrawerDifference(
	id: string,
	{ device, shift, opened, closed, expectedMinor }: ShiftState,
	changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	const record = changes.find(({ record: { hash } }) => hash === closed?.entry)?.record;
	if (closed === undefined || closed.differenceMinor === 0 || record === undefined || opened === undefined) return [];
	if (!record.chain.forks && record.header.seq > record.chain.wholeSeq) return [];
	const toleranceMinor = context.settingSeenBy(record, 'drawerToleranceMinor') ?? 0;
	if (Math.abs(closed.differenceMinor) <= toleranceMinor) return [];
	const conflict = openConflict(
		{
			subject: id,
			ofStore: false,
			urgency: 'high',
			members: [record],
			detail: {
				...{ kind: 'drawer-difference', device, shift, countedMinor: closed.countedMinor },
				...{ expectedMinor, differenceMinor: closed.differenceMinor, toleranceMinor },
			},
			stake: () => ({ unitsMilli: 0, minor: Math.abs(closed.differenceMinor) }),
			choices: () => [
				{ id: 'explain', label: 'Explain', effect: { does: 'explain' }, asks: { type: 'text' } },
				{ id: 'recount', label: 'Recount', effect: { does: 'recount-drawer', device, shift, expectedMinor }, asks: { type: 'money' } },
			],
		},
		context,
	);
	return conflict === undefined ? [] : [conflict];
}

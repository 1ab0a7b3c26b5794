/** What a golden ledger holds a version to: state to the last figure, and of conflicts their kind, subject, members and stake. Words and choices may grow. */
import type { Ledger } from '#core/ledger/ledger.ts';
import { snapshotOf } from '../support/ledger-snapshot.ts';

/** `kinds`: those that were known when the file was written. Later versions find more, and that is no difference. */
export function expectedOf(ledger: Ledger, kinds: readonly string[]): unknown {
	const snapshot = snapshotOf(ledger) as Record<string, unknown>;
	const conflicts = ledger
		.conflicts()
		.filter(({ kind }) => kinds.includes(kind))
		.map(({ id, unsettled, members, stake }) => ({ id, unsettled, members: members.map(({ hash, settledBy }) => (settledBy === undefined ? [hash] : [hash, settledBy])), stake }))
		.sort((a, b) => (JSON.stringify(a.id) < JSON.stringify(b.id) ? -1 : 1));
	const quarantined = ledger.quarantined().map(({ entry, reason }) => [entry.hash, reason]);
	return JSON.parse(JSON.stringify({ ...snapshot, conflicts, quarantined })) as unknown;
}

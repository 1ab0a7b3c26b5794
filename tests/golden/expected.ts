/** What a golden ledger holds a version to: state to the last figure, and of conflicts their kind, subject, members and stake. Words and choices may grow. */
import { verify } from 'node:crypto';
import { decodeSuccession, type SignedSuccession } from '#core/entry/successions.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { keyOfRaw } from '../support/ledger-builder.ts';
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

/** What a relay's succession says, where both keys have signed it. */
export function successionIn(shown: string): SignedSuccession | undefined {
	const read = decodeSuccession(shown);
	if (read === undefined) return undefined;
	const { succession, body, byKeyBefore, byNewKey } = read;
	const isSigned = verify(null, body, keyOfRaw(succession.before), byKeyBefore) && verify(null, body, keyOfRaw(succession.key), byNewKey);
	return isSigned ? read : undefined;
}

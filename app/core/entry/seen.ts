/**
 * Vectors of what was seen: per chain one mark, cut to 8 bytes of device and hash. An entry writes only what changed since the entry before on its chain.
 *
 * 1. `applySeen(before, seenDelta(before, now))` is `now`, for a `now` that grew from `before`: chains never leave a vector.
 * 2. The delta is in order of the chain's key, so that one vector has one encoding.
 */
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { Mark, SeenChange } from '#schemas/mark.ts';
import { chainKey } from './codec.ts';
import { compareText } from './order.ts';

/** Key: `chainKey`. */
export type SeenVector = ReadonlyMap<string, SeenChange>;

export function seenDelta(before: SeenVector, now: SeenVector): SeenChange[] {
	const changes: SeenChange[] = [];
	for (const [key, mark] of now) {
		const old = before.get(key);
		if (old === undefined || old[2] !== mark[2] || old[3] !== mark[3]) changes.push(mark);
	}
	return changes.sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]));
}

export function applySeen(vector: SeenVector, changes: readonly SeenChange[]): SeenVector {
	if (changes.length === 0) return vector;
	const next = new Map(vector);
	for (const change of changes) next.set(seenKey(change), change);
	return next;
}

export function seenKey(change: SeenChange): string {
	return `${change[0]}:${change[1]}`;
}

export function seenOfMark(mark: Mark): SeenChange {
	return [mark.device.slice(0, 16), mark.scope === 'branch' ? 'b' : 's', mark.seq, mark.hash.slice(0, 16)];
}

/**
 * Whether a vector covers an entry, for a chain that is known not to fork: everything before the mark, and the marked entry itself if it is that one.
 * The ledger knows about forks and answers for them (`core/ledger/chains.ts`).
 */
export function covers(
	vector: SeenVector,
	entry: { readonly hash: EntryHash; readonly device: DeviceId; readonly scope: Scope; readonly seq: number },
): boolean {
	const mark = vector.get(chainKey(entry.device, entry.scope));
	if (mark === undefined) return false;
	return entry.seq < mark[2] || (entry.seq === mark[2] && entry.hash.startsWith(mark[3]));
}

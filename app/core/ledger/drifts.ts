/**
 * Wall clocks that cannot both be right: an entry that had seen another carries a time well before it.
 *
 * 1. Compared are an entry and what its own header names: the entry before it on its chain, and those that its `seen` says are new. Whatever else it had seen was
 *    named by an entry before it.
 * 2. Order comes from who had seen whom; a wrong clock changes what a receipt says and which trading day it is on, and nothing else.
 */
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { EntryRecord } from './chains.ts';

/** Tills in a shop are seldom a minute apart; whoever is five apart was set by hand, or not at all. */
export const DRIFT_MS = 5 * 60_000;

/** What lies just below a checkpoint has a clock, too, but no record. */
export interface Earlier {
	readonly hash: EntryHash;
	readonly device: DeviceId;
	readonly atMs: number;
}

export interface Drift {
	readonly record: EntryRecord;
	readonly saw: Earlier;
}

export interface Drifts {
	/** Everything that this entry carries a time well before; answers the pairs of devices of which something else is known now. */
	set(record: EntryRecord, saw: readonly Earlier[]): readonly string[];
	/** One for each entry of the pair: the worst. */
	of(pair: string): readonly Drift[];
	pairs(): Iterable<string>;
}

export function createDrifts(): Drifts {
	const byPair = new Map<string, Map<EntryRecord, Drift>>();
	const pairsOf = new Map<EntryRecord, readonly string[]>();
	return {
		set(record, saw) {
			const before = pairsOf.get(record);
			if (saw.length === 0 && before === undefined) return NONE;
			for (const pair of before ?? []) byPair.get(pair)?.delete(record);
			const pairs = [...new Set(saw.map(({ device }) => pairOf(record.header.device, device)))];
			for (const pair of pairs) {
				const ofPair = saw.filter(({ device }) => pairOf(record.header.device, device) === pair);
				const worst = ofPair.reduce((one, other) => (other.atMs > one.atMs || (other.atMs === one.atMs && other.hash < one.hash) ? other : one));
				let drifts = byPair.get(pair);
				if (drifts === undefined) byPair.set(pair, (drifts = new Map()));
				drifts.set(record, { record, saw: worst });
			}
			pairsOf.set(record, pairs);
			return [...(before ?? []), ...pairs];
		},
		of: (pair) => [...(byPair.get(pair)?.values() ?? [])],
		pairs: () => byPair.keys(),
	};
}

/** The same for both; of a device whose clock was set back, the device alone. */
function pairOf(a: DeviceId, b: DeviceId): string {
	return a === b ? a : a < b ? `${a}:${b}` : `${b}:${a}`;
}

const NONE: readonly string[] = [];

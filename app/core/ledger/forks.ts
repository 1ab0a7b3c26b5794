/**
 * Which side of a fork keeps the till.
 *
 * 1. An answer keeps the side of one entry: what lies on the way to it, and what goes on from it. Every other side is dropped, one of which whoever
 *    answered knew nothing, too: there is one till.
 * 2. Of sides that part beyond that entry those are dropped that the answer names.
 * 3. A dropped side is answered for up to the farthest of its entries that an answer names. What lies beyond is nobody's answer yet.
 * 4. While the kept entry is not here, a side that the answer names beside it is dropped; of any other nothing is known.
 */
import type { EntryHash } from '#schemas/ids.ts';
import type { Chains, EntryRecord } from './chains.ts';

/** What the answer that stands says of a chain's fork. */
export interface KeptSide {
	readonly answer: EntryHash;
	/** The first entry of the side that keeps the till. */
	readonly entry: EntryHash;
	/** What the answer names: first entries of sides, and the ends of those that it drops. */
	readonly members: readonly EntryHash[];
}

export type SideStanding = 'kept' | 'dropped' | 'unknown';

/** Of the side that ends in this entry. */
export function sideStanding(end: EntryRecord, kept: KeptSide, chains: Pick<Chains, 'record' | 'isUpTo'>): SideStanding {
	const entry = chains.record(kept.entry);
	const named = kept.members.flatMap((hash) => (hash === kept.entry ? [] : (chains.record(hash) ?? [])));
	if (entry === undefined) return named.some((one) => chains.isUpTo(one, end)) ? 'dropped' : 'unknown';
	if (entry.line.unplaced || end.line.unplaced) return 'unknown';
	if (chains.isUpTo(end, entry)) return 'kept';
	if (!chains.isUpTo(entry, end)) return 'dropped';
	return named.some((one) => chains.isUpTo(entry, one) && chains.isUpTo(one, end)) ? 'dropped' : 'kept';
}

/** The first entry of a dropped side, in order, that no answer is for. */
export function firstUnanswered(
	side: readonly EntryRecord[],
	kept: KeptSide,
	answered: Iterable<EntryHash>,
	chains: Pick<Chains, 'record' | 'isUpTo'>,
): EntryRecord | undefined {
	const ends = [...answered].flatMap((hash) => chains.record(hash) ?? []);
	return side.find((record) => !ends.some((end) => chains.isUpTo(record, end)) && sideStanding(record, kept, chains) === 'dropped');
}

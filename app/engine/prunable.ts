/**
 * How far old entries may leave a till: what a checkpoint stands for and somebody else keeps.
 *
 * 1. Whole segments only, and those that are closed: a document that is still open would bring its entries back at every start.
 * 2. Covered now, by the newest watermark of the tier that keeps everything: the relay, or a hub where there is no relay. A server that was rolled back keeps
 *    a till from pruning what it lost, and one that was last heard of more than a day ago is no keeper. A mark covers only the chain that it lies on.
 * 3. Five weeks old, by the till's clock and by the keeper's. Where the two are more than a day apart one of them is wrong, and nothing leaves: a clock that
 *    is years ahead makes nothing old. An entry's own time is its hybrid clock, which is past all that it had seen.
 * 4. Never the store's chains (products, prices, the roster): a till that is alone after an update, which makes checkpoints anew, must still sell. Never a
 *    chain that forks.
 * 5. The same for the till's own chain, in its vault: but never its last entry, which the next one names, and nothing while a shift is open for that long.
 */
import { ENTRIES_A_SEGMENT } from '#schemas/documents/segment.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';

export type PlaceOfChain = Pick<Mark, 'device' | 'scope' | 'seq'>;

export interface PruneFacts {
	readonly tier: Watermark['tier'];
	readonly nowMs: number;
	/** Forks, or has something open that old. */
	readonly stays: (device: DeviceId) => boolean;
	/** The last place of a chain that may leave, whoever keeps it. */
	readonly mostSeq: (device: DeviceId) => number;
	/** What lies here at a place, with its time in ms; undefined: nothing. */
	readonly entryAt: (place: PlaceOfChain) => Promise<{ readonly hash: EntryHash; readonly atMs: number } | undefined>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Five weeks of entries stay: what people ask about, and what a till that was away may still bring. */
export const KEPT_MS = 35 * DAY_MS;
const CLOCKS_AGREE_MS = DAY_MS;

export async function prunableEnds(
	checkpointEnds: readonly PlaceOfChain[],
	watermarks: readonly Pick<Watermark, 'tier' | 'marks' | 'hlc'>[],
	facts: PruneFacts,
): Promise<readonly PlaceOfChain[]> {
	const keepers = watermarks.filter(({ tier, hlc: [saidMs] }) => tier === facts.tier && Math.abs(saidMs - facts.nowMs) <= CLOCKS_AGREE_MS);
	const ends: PlaceOfChain[] = [];
	for (const { device, scope, seq } of checkpointEnds) {
		if (scope !== 'branch' || facts.stays(device)) continue;
		const covered = await coveredSeq(device, keepers, facts);
		let last = wholeSegments(Math.min(seq, covered, facts.mostSeq(device)));
		while (last > 0 && !(await isOld({ device, scope, seq: last }, keepers, facts))) last -= ENTRIES_A_SEGMENT;
		if (last > 0) ends.push({ device, scope, seq: last });
	}
	return ends;
}

async function coveredSeq(device: DeviceId, keepers: readonly Pick<Watermark, 'marks'>[], { entryAt }: PruneFacts): Promise<number> {
	let seq = 0;
	for (const mark of keepers.flatMap(({ marks }) => marks))
		if (mark.device === device && mark.scope === 'branch' && mark.seq > seq && (await entryAt(mark))?.hash === mark.hash) seq = mark.seq;
	return seq;
}

function wholeSegments(seq: number): number {
	return Math.floor(seq / ENTRIES_A_SEGMENT) * ENTRIES_A_SEGMENT;
}

/** Here still, and old. What has left lies below what is here: there is nothing to look for. */
async function isOld(place: PlaceOfChain, keepers: readonly Pick<Watermark, 'hlc'>[], { entryAt, nowMs }: PruneFacts): Promise<boolean> {
	const saidMs = Math.min(nowMs, ...keepers.map(({ hlc }) => hlc[0]));
	const entry = await entryAt(place);
	return entry !== undefined && entry.atMs < saidMs - KEPT_MS;
}

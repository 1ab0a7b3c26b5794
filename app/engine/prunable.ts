/**
 * How far old entries may leave a till: what a checkpoint stands for and somebody else keeps.
 *
 * 1. Whole segments only, and those that are closed: a document that is still open would bring its entries back at every start.
 * 2. Covered now, by the newest watermark of the tier that keeps everything: the relay, or a hub where there is no relay. A server that was rolled back keeps
 *    a till from pruning what it lost.
 * 3. Never the store's chains (products, prices, the roster): a till that is alone after an update, which makes checkpoints anew, must still sell. Never the
 *    till's own, which lie in its vault. Never a chain that forks.
 */
import { ENTRIES_A_SEGMENT } from '#schemas/documents/segment.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';

export type PlaceOfChain = Pick<Mark, 'device' | 'scope' | 'seq'>;

export interface PruneFacts {
	readonly tier: Watermark['tier'];
	readonly own: DeviceId | undefined;
	readonly isForked: (device: DeviceId) => boolean;
}

export function prunableEnds(
	checkpointEnds: readonly PlaceOfChain[],
	watermarks: readonly Pick<Watermark, 'tier' | 'marks'>[],
	facts: PruneFacts,
): readonly PlaceOfChain[] {
	const marks = watermarks.filter(({ tier }) => tier === facts.tier).flatMap((keeper) => keeper.marks);
	return checkpointEnds.flatMap(({ device, scope, seq }) => {
		if (scope !== 'branch' || device === facts.own || facts.isForked(device)) return [];
		const covered = Math.max(0, ...marks.filter((mark) => mark.device === device && mark.scope === scope).map((mark) => mark.seq));
		const last = Math.floor(Math.min(seq, covered) / ENTRIES_A_SEGMENT) * ENTRIES_A_SEGMENT;
		return last === 0 ? [] : [{ device, scope, seq: last }];
	});
}

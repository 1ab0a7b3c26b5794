/** Closed segments with the digest that they wait for: `core/segment` says what they are. */
import { readClosedSegment, writeClosedSegment, type Hashing } from '#core/segment/closed-segment.ts';
import type { Digest } from '#ports';
import type { ClosedSegment, ClosedSegmentName } from '#schemas/documents/closed-segment.ts';

/** The file, or why there is none. `sealed` in order of seq costs least; any order comes back as it was. */
export function closeSegment(
	digest: Digest,
	name: ClosedSegmentName,
	sealed: readonly Uint8Array[],
): Promise<{ readonly bytes: Uint8Array } | { readonly refused: string }> {
	return hashed(digest, writeClosedSegment(name, sealed));
}

/** The entries, unverified, or what is wrong with the bytes. `mostBytes`: what the entries may have together. */
export function openClosedSegment(digest: Digest, bytes: Uint8Array, mostBytes?: number): Promise<ClosedSegment | { readonly refused: string }> {
	return hashed(digest, readClosedSegment(bytes, mostBytes));
}

async function hashed<Answer>(digest: Digest, work: Hashing<Answer>): Promise<Answer> {
	for (let step = work.next(); ; step = work.next(await digest.sha256(step.value))) if (step.done === true) return step.value;
}

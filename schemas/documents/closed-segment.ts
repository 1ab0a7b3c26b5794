/**
 * A closed segment: up to 1,000 sealed entries of one device and scope as one file, in the fewest bytes from which every sealed entry comes back byte for
 * byte.
 *
 * On disk and on the wire:
 *
 *     1 byte    version
 *     8 bytes   the first of SHA-256 over all that follows
 *     payload   decisions of a range coder (`core/segment`): which segment, how many entries, how many bytes they have, then each entry
 *
 * The check finds accidents before anything is decoded. It proves nothing about the author: entries carry their own proof.
 */
import { MAX_SEALED_BYTES } from '../entry.ts';
import type { DeviceId, Scope, StoreId } from '../ids.ts';
import { ENTRIES_A_SEGMENT } from './segment.ts';

/** Raised when one bit of `core/segment` decides otherwise: a golden file holds it. */
export const CLOSED_SEGMENT_VERSION = 1;
export const CLOSED_SEGMENT_CHECK_BYTES = 8;

/** What a reader is ready to build unless it is told otherwise: 64 KiB an entry. */
export const USUAL_SEGMENT_BYTES = 64 * 1024 * ENTRIES_A_SEGMENT;
/** What a segment can have at all. */
export const MAX_SEGMENT_BYTES = MAX_SEALED_BYTES * ENTRIES_A_SEGMENT;

/** Whose entries these are. The branch follows from the device. */
export interface ClosedSegmentName {
	readonly store: StoreId;
	readonly scope: Scope;
	readonly device: DeviceId;
	readonly n: number;
}

export interface ClosedSegment {
	readonly name: ClosedSegmentName;
	/** In the order in which they were given. */
	readonly sealed: readonly Uint8Array[];
}

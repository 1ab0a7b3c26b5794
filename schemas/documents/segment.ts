/**
 * A segment: up to 1,000 sealed entries of one device and scope, an Automerge document holding a list of byte strings.
 *
 * Its id is the first 16 bytes of SHA-256 over the deterministic CBOR array [store, scope, branch ('' for store scope), device, n], so anyone who
 * knows a device's marks knows which segments exist. Segment n (from 1) holds seq 1000(n−1)+1 … 1000n. It begins with one constant change that
 * makes the empty list, so that two peers that make it alone make the same document. The first item its device writes is its certificate chain;
 * list order means nothing after that, copies are ignored, and entries carry their own proof.
 */
import type { BranchId, DeviceId, Scope, StoreId } from '../ids.ts';

export const ENTRIES_A_SEGMENT = 1000;

export interface SegmentName {
	readonly store: StoreId;
	readonly scope: Scope;
	/** The device's branch; in the id only for branch scope. */
	readonly branch: BranchId;
	readonly device: DeviceId;
	readonly n: number;
}

/** What Automerge holds. */
export interface SegmentDocument {
	items: Uint8Array[];
}

export function segmentOfSeq(seq: number): number {
	return Math.ceil(seq / ENTRIES_A_SEGMENT);
}

/** Hash this (SHA-256) and take 16 bytes. */
export function segmentPreimage(name: SegmentName): readonly (string | number)[] {
	return [name.store, name.scope, name.scope === 'branch' ? name.branch : '', name.device, name.n];
}

/** What a finding calls it. */
export function segmentLabel({ device, scope, n }: SegmentName): string {
	return `segment ${n} of ${device.slice(0, 8)}, ${scope}`;
}

/** Which byte strings a list holds, without asking Automerge: a lookup costs a hash of 32 bits and one comparison. */
import { sameBytes } from '#schemas/cbor.ts';

export interface HeldItems {
	has(item: Uint8Array): boolean;
	/** False when it was held already: a copy. */
	add(item: Uint8Array): boolean;
	/** Different items held. */
	count(): number;
}

export function createHeldItems(items: readonly Uint8Array[] = []): HeldItems {
	const byHash = new Map<number, Uint8Array[]>();
	let count = 0;
	const held: HeldItems = {
		has: (item) => byHash.get(fnv1a(item))?.some((other) => sameBytes(other, item)) ?? false,
		add(item) {
			const hash = fnv1a(item);
			const same = byHash.get(hash);
			if (same?.some((other) => sameBytes(other, item)) === true) return false;
			if (same === undefined) byHash.set(hash, [item]);
			else same.push(item);
			count += 1;
			return true;
		},
		count: () => count,
	};
	for (const item of items) held.add(item);
	return held;
}

/** FNV-1a, 32 bits (draft-eastlake-fnv). A collision costs one comparison, so nothing depends on its strength. */
function fnv1a(bytes: Uint8Array): number {
	let hash = 0x811c9dc5;
	for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash >>> 0;
}

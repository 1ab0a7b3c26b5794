/**
 * Automerge's chunks in a browser: the official adapter, with the order of writing kept.
 *
 * Invariants:
 * 1. A range comes back in the order of writing. The official adapter answers in the order of keys, which are hashes; its own acceptance suite
 *    asks for the order of writing, and changes load fastest after those they stand on.
 *
 * Durability is IndexedDB's `relaxed`: the vault is the truth, and a document that lost its last second gets it back from there. What is damaged,
 * fails or hangs is the business of `checked-storage.ts`.
 */
import { IndexedDBStorageAdapter } from '@automerge/automerge-repo-storage-indexeddb';
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import type { Clock } from '#ports';

/** The place of a chunk among all others, before its bytes: a float of 64 bits. */
const PLACE_BYTES = 8;

export function createIndexedDbStorage({ database, clock }: { readonly database: string; readonly clock: Clock }): StorageAdapterInterface {
	const official = new IndexedDBStorageAdapter(database);
	// A thousand writes a millisecond before two sessions could share a place; 1.8e12 ms × 1000 is exact until the year 2255.
	let place = clock.nowMs() * 1000;
	return {
		async load(key) {
			const stored = await official.load(key);
			return stored === undefined ? undefined : opened(stored).data;
		},
		async save(key, data) {
			await official.save(key, placed((place += 1), data));
		},
		async loadRange(prefix) {
			const stored = await official.loadRange(prefix);
			const chunks = stored.map(({ key, data }) => ({ key, ...opened(data ?? new Uint8Array()) }));
			chunks.sort((a, b) => a.place - b.place);
			return chunks.map(({ key, data }) => ({ key, data }));
		},
		remove: (key) => official.remove(key),
		removeRange: (prefix) => official.removeRange(prefix),
	};
}

function placed(place: number, data: Uint8Array): Uint8Array {
	const stored = new Uint8Array(PLACE_BYTES + data.length);
	new DataView(stored.buffer).setFloat64(0, place);
	stored.set(data, PLACE_BYTES);
	return stored;
}

/** Bytes too short to hold a place are damaged; they come out empty, which no check takes for a chunk. */
function opened(stored: Uint8Array): { place: number; data: Uint8Array } {
	if (stored.length < PLACE_BYTES) return { place: 0, data: new Uint8Array() };
	const place = new DataView(stored.buffer, stored.byteOffset).getFloat64(0);
	return { place: Number.isFinite(place) ? place : 0, data: stored.slice(PLACE_BYTES) };
}

/**
 * A storage adapter for automerge-repo that can be believed, over one that stores.
 *
 * Invariants:
 * 1. Every chunk of a document is checked on reading: an incremental one against its key, which is the SHA-256 of its content; a snapshot by loading
 *    it. One that fails is set aside (under the key `damaged`), reported, and the others load. Without this automerge-repo drops all incremental
 *    changes of a document for one flipped bit, says nothing, and makes it permanent at the next compaction.
 * 2. `save` never rejects and never hangs: automerge-repo does not await it, and a rejection would end the process. What could not be written is kept
 *    and tried again; `settle` tells whether a document is on disk.
 */
import { Automerge, type Chunk, type StorageAdapterInterface, type StorageKey } from '@automerge/automerge-repo/slim';
import type { Digest, Timers } from '#ports';
import { hexOf } from '#schemas/cbor.ts';

export interface CheckedStorage extends StorageAdapterInterface {
	hasDocument(documentId: string): Promise<boolean>;
	/** Writes again what could not be written for the document; rejects when it still cannot. */
	settle(documentId: string): Promise<void>;
	onDamage(listener: (documentId: string, reason: string) => void): void;
	close(): void;
}

export interface CheckedStorageDeps {
	readonly inner: StorageAdapterInterface;
	readonly digest: Digest;
	readonly timers: Timers;
	readonly saveTimeoutMs?: number;
}

const SAVE_TIMEOUT_MS = 10_000;
const RETRY_MS = 5_000;

export function createCheckedStorage({ inner, digest, timers, saveTimeoutMs = SAVE_TIMEOUT_MS }: CheckedStorageDeps): CheckedStorage {
	const unwritten = new Map<string, { key: StorageKey; data: Uint8Array }>();
	const listeners: ((documentId: string, reason: string) => void)[] = [];
	const stop = timers.every(RETRY_MS, async () => {
		for (const [documentId] of [...unwritten.values()].map(({ key }) => key)) await settle(documentId ?? '').catch(() => undefined);
	});

	async function save(key: StorageKey, data: Uint8Array): Promise<void> {
		try {
			await inTime(inner.save(key, data));
			unwritten.delete(textOf(key));
		} catch {
			unwritten.set(textOf(key), { key, data });
		}
	}

	async function settle(documentId: string): Promise<void> {
		for (const { key, data } of [...unwritten.values()]) {
			if (key[0] !== documentId) continue;
			await inTime(inner.save(key, data));
			unwritten.delete(textOf(key));
		}
	}

	/** The adapter of automerge-repo for IndexedDB never answers when the quota aborts its transaction. */
	function inTime(writing: Promise<void>): Promise<void> {
		return new Promise((resolve, reject) => {
			const cancel = timers.after(saveTimeoutMs, () => { reject(new Error(`the document store did not answer in ${saveTimeoutMs} ms`)); });
			writing.then(resolve, reject).finally(cancel);
		});
	}

	async function loadRange(prefix: StorageKey): Promise<Chunk[]> {
		const chunks = await inner.loadRange(prefix);
		const [documentId, type] = prefix;
		if (documentId === undefined || (type !== 'incremental' && type !== 'snapshot')) return chunks;
		const good: Chunk[] = [];
		for (const chunk of chunks) {
			const reason = chunk.data === undefined ? undefined : await problemOf(type, chunk.key, chunk.data);
			if (reason === undefined) good.push(chunk);
			else await setAside(documentId, chunk, reason);
		}
		return good;
	}

	async function problemOf(type: 'incremental' | 'snapshot', key: StorageKey, data: Uint8Array): Promise<string | undefined> {
		if (type === 'incremental') return hexOf(await digest.sha256(data)) === key[2] ? undefined : 'a stored change does not have the content that its name says';
		try {
			Automerge.load(data);
			return undefined;
		} catch (error) {
			return `a stored snapshot does not load: ${String(error)}`;
		}
	}

	async function setAside(documentId: string, { key, data }: Chunk, reason: string): Promise<void> {
		if (data !== undefined) await save(['damaged', ...key], data);
		await inner.remove(key);
		for (const listener of listeners) listener(documentId, reason);
	}

	return {
		load: (key) => inner.load(key),
		save,
		async remove(key) {
			unwritten.delete(textOf(key));
			await inner.remove(key).catch(() => undefined); // A chunk too many is read again and merges to the same document.
		},
		loadRange,
		removeRange: (prefix) => inner.removeRange(prefix),
		async hasDocument(documentId) {
			for (const type of ['snapshot', 'incremental']) if ((await loadRange([documentId, type])).length > 0) return true;
			return false;
		},
		settle,
		onDamage: (listener) => { listeners.push(listener); },
		close: stop,
	};
}

function textOf(key: StorageKey): string {
	return key.join('/');
}

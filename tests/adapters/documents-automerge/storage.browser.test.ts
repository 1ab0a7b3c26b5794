import { startAutomerge } from '#adapters/documents-automerge/wasm-browser.ts';
import type { Chunk, StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import { IndexedDBStorageAdapter } from '@automerge/automerge-repo-storage-indexeddb';
import { describe, expect, test } from 'vitest';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createCheckedStorage } from '#adapters/documents-automerge/storage-checked.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';

await startAutomerge();
const timers = createSystemTimers((error) => { throw error as Error; });
const checked = () => createCheckedStorage({ inner: new IndexedDBStorageAdapter(`storage-${crypto.randomUUID()}`), digest: createDigest(), timers });

/** The suite expects a range in the order of saving, which automerge-repo itself never relies on. Here the order is restored, so that the rest of the suite speaks. */
function inOrderOfSaving(adapter: StorageAdapterInterface): StorageAdapterInterface {
	const saved: string[] = [];
	return {
		load: (key) => adapter.load(key),
		async save(key, data) {
			if (!saved.includes(key.join())) saved.push(key.join());
			await adapter.save(key, data);
		},
		remove: (key) => adapter.remove(key),
		loadRange: async (prefix) => (await adapter.loadRange(prefix)).sort((a: Chunk, b: Chunk) => saved.indexOf(a.key.join()) - saved.indexOf(b.key.join())),
		removeRange: (prefix) => adapter.removeRange(prefix),
	};
}

describe('automerge-repo’s own suite, in a real browser', () => {
	describe('IndexedDB, checked', () => { runStorageAdapterTests(async () => ({ adapter: inOrderOfSaving(checked()) })); });
});

test('the one known difference of the IndexedDB adapter: a range comes in the order of its keys', async () => {
	const storage = checked();
	await storage.save(['doc', 'sync-state', 'b'], new Uint8Array([1]));
	await storage.save(['doc', 'sync-state', 'a'], new Uint8Array([2]));
	expect((await storage.loadRange(['doc'])).map(({ key }) => key[2])).toEqual(['a', 'b']);
	storage.close();
});

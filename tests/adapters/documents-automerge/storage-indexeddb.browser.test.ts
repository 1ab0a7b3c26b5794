import '@automerge/automerge-repo/slim';
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import { IndexedDBStorageAdapter } from '@automerge/automerge-repo-storage-indexeddb';
import type { DocumentId } from '@automerge/automerge-repo/slim';
import { describe, expect, test } from 'vitest';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { checkStorage } from '#adapters/documents-automerge/checked-storage.ts';
import { createDocuments } from '#adapters/documents-automerge/documents-automerge.ts';
import { createIndexedDbStorage } from '#adapters/documents-automerge/storage-indexeddb.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-browser.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { contractBranch, contractSegment, contractStore, documentsContract, item, listen, type DocumentsPeer } from '../../contracts/documents.ts';
import { createNetworkPair } from '../../support/network-pair.ts';

await startAutomerge();
const digest = createDigest();
const timers = createSystemTimers((error) => {
	throw error as Error;
});
let count = 0;
const newDatabase = () => `documents-${crypto.randomUUID()}`;
const stored = (database = newDatabase()) => createIndexedDbStorage({ database, clock: systemClock });

describe('automerge-repo’s own suite, over our order', () => {
	runStorageAdapterTests(async () => ({ adapter: stored() }), 'IndexedDB in the order of writing');
});
describe('automerge-repo’s own suite, over our order and our checks', () => {
	runStorageAdapterTests(async () => ({ adapter: checkStorage(stored(), { digest, timers, onDamage: () => undefined }) }), 'checked');
});

test('the official adapter alone answers a range in the order of keys: the one of its eleven acceptance tests that it fails', async () => {
	const official = new IndexedDBStorageAdapter(newDatabase());
	const ours = stored();
	for (const storage of [official, ours]) {
		await storage.save(['AAAAA', 'sync-state', 'xxxxx'], new Uint8Array([1]));
		await storage.save(['AAAAA', 'snapshot', 'yyyyy'], new Uint8Array([2]));
	}
	const kinds = async (storage: typeof ours) => (await storage.loadRange(['AAAAA'])).map(({ key }) => key[1]);
	expect(await kinds(official)).toEqual(['snapshot', 'sync-state']);
	expect(await kinds(ours)).toEqual(['sync-state', 'snapshot']);
});

async function open(
	database: string,
	network: Parameters<typeof createDocuments>[0]['network'] = [],
): Promise<DocumentsPeer & { readonly damage: string[] }> {
	const documents = await createDocuments({
		store: contractStore,
		branch: contractBranch,
		repoPeer: `tab-${(count += 1)}`,
		storage: stored(database),
		network,
		digest,
		timers,
		storagePatienceMs: 2_000,
	});
	const damage: string[] = [];
	documents.onDamage((document, reason) => {
		damage.push(`${document}: ${reason}`);
	});
	return {
		documents,
		damage,
		again: () => open(database),
		disk: () => Promise.resolve({ storage: stored(database), close: () => undefined }),
		close: () => documents.close(),
	};
}

documentsContract('Automerge over IndexedDB, in a real browser', {
	async pair() {
		const network = createNetworkPair();
		const left = await open(newDatabase(), [network.left]);
		const right = await open(newDatabase(), [network.right]);
		return { left, right, link: network.link, unlink: network.unlink };
	},
});

/** The value as the official adapter keeps it. */
async function rawChunks(database: string, change: (key: string[], binary: Uint8Array) => Uint8Array | undefined): Promise<number> {
	const opened = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(database);
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as Error);
		};
	});
	const transaction = opened.transaction('documents', 'readwrite');
	let changed = 0;
	await new Promise<void>((resolve, reject) => {
		const request = transaction.objectStore('documents').openCursor();
		request.onsuccess = () => {
			const cursor = request.result;
			if (cursor === null) return;
			const value = cursor.value as { key: string[]; binary: Uint8Array };
			const next = change(value.key, value.binary);
			if (next !== undefined) {
				cursor.update({ ...value, binary: next });
				changed += 1;
			}
			cursor.continue();
		};
		transaction.oncomplete = () => {
			resolve();
		};
		transaction.onabort = () => {
			reject(transaction.error as Error);
		};
	});
	opened.close();
	return changed;
}

test.each([
	['a flipped bit', (binary: Uint8Array) => binary.map((byte, at) => (at === 70 ? byte ^ 1 : byte))],
	['a cut-off end', (binary: Uint8Array) => binary.slice(0, binary.length - 5)],
	['a few bytes left', (binary: Uint8Array) => binary.slice(0, 3)],
] as const)('%s in IndexedDB is told, the document opens, and the vault’s copy makes it whole', async (_, hurt) => {
	const database = newDatabase();
	const first = await open(database);
	await first.documents.append(contractSegment, [item('a'), item('b')]);
	await first.close();
	expect(await rawChunks(database, (key, binary) => (key[1] === 'snapshot' || key[1] === 'incremental' ? hurt(binary) : undefined))).toBe(1);

	const second = await open(database);
	await second.documents.openSegment(contractSegment);
	expect(second.damage).toHaveLength(1);
	await second.documents.append(contractSegment, [item('a'), item('b'), item('c')]);
	await second.close();

	const third = await open(database);
	const held = listen(third.documents);
	await third.documents.openSegment(contractSegment);
	expect(held()).toEqual(['a', 'b', 'c']);
	expect(third.damage).toEqual([]);
	await third.close();
});

test('a transaction that the browser aborts at its end, as for quota: append says so in bounded time, and is done when there is room again', async () => {
	const database = newDatabase();
	const { documents, close, again } = await open(database);
	await documents.append(contractSegment, [item('before')]);
	// As Chromium does when the quota is used up: the put succeeds, then the commit does not, and only `abort` tells. The official adapter never answers.
	const put = IDBObjectStore.prototype.put;
	IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...values: Parameters<typeof put>) {
		const request = put.apply(this, values);
		request.addEventListener('success', () => {
			this.transaction.abort();
		});
		return request;
	};
	const startedMs = performance.now();
	try {
		await expect(documents.append(contractSegment, [item('no room')])).rejects.toMatchObject({ name: 'StorageError' });
		expect(performance.now() - startedMs).toBeLessThan(10_000);
		expect(performance.now() - startedMs).toBeGreaterThan(1_900); // It was the bound that ended it, not an answer.
	} finally {
		IDBObjectStore.prototype.put = put;
	}
	await documents.append(contractSegment, [item('no room')]);
	const reopened = await again();
	const held = listen(reopened.documents);
	await reopened.documents.openSegment(contractSegment);
	expect(held()).toEqual(['before', 'no room']);
	await reopened.close();
	await close();
});

test('a damaged chunk is kept for whoever wants to look at it', async () => {
	const raw = stored();
	const told: string[] = [];
	const storage = checkStorage(raw, {
		digest,
		timers,
		onDamage: (_, reason) => {
			told.push(reason);
		},
	});
	await storage.save(['doc', 'incremental', 'not-its-hash'], new Uint8Array([1, 2, 3]));
	expect(await storage.loadRange(['doc' as DocumentId, 'incremental'])).toEqual([]);
	expect(told).toEqual(['a change on disk is not what was written; it was set aside, the rest was loaded']);
	expect(await raw.load(['set-aside', 'doc', 'incremental', 'not-its-hash'])).toEqual(new Uint8Array([1, 2, 3]));
});

import '@automerge/automerge-repo';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import { describe, expect, test } from 'vitest';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createCheckedStorage } from '#adapters/documents-automerge/storage-checked.ts';
import { openSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-storage-'));
const timers = createSystemTimers((error) => { throw error as Error; });
let count = 0;
const fresh = () => openSqliteStorage(join(folder, `${(count += 1)}.sqlite`));

describe('automerge-repo’s own suite', () => {
	describe('SQLite', () => { runStorageAdapterTests(async () => ({ adapter: fresh() })); });
	describe('SQLite, checked', () => { runStorageAdapterTests(async () => ({ adapter: createCheckedStorage({ inner: fresh(), digest: createDigest(), timers }) })); });
});

test('a disk that never answers neither hangs nor rejects a save, and settle says that it is not on disk', async () => {
	const inner = fresh();
	let answers = false;
	const slow = { ...inner, save: (key: string[], data: Uint8Array) => (answers ? inner.save(key, data) : new Promise<void>(() => undefined)) };
	const storage = createCheckedStorage({ inner: slow, digest: createDigest(), timers, saveTimeoutMs: 20 });
	await storage.save(['doc', 'incremental', 'aa'], new Uint8Array([1]));
	await expect(storage.settle('doc')).rejects.toThrow('did not answer');
	answers = true;
	await storage.settle('doc');
	expect(await inner.load(['doc', 'incremental', 'aa'])).toEqual(new Uint8Array([1]));
	storage.close();
});

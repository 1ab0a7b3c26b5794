/** What waits for the disk: an entry is not taken as kept before its file says so, for a relay signs for it then. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '#server/data-folder.ts';
import { openSqliteBranch, openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';
import { plainEntry } from '../../contracts/vault.ts';
import { eventually } from '../../support/eventually.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-storage-'));

const KEEPERS = {
	hub: async () => openSqliteBranch(newFolder()),
	relay: async () => openSqliteRecord(openDataFolder(newFolder(), 'relay')).open(branchName('5e', 'b1')),
} as const;

afterEach(() => {
	vi.restoreAllMocks();
});

/** All files of this process share their way to the disk. */
async function disk(): Promise<FileHandle> {
	const handle = await open(join(newFolder(), 'any'), 'w');
	await handle.close();
	return Object.getPrototypeOf(handle) as FileHandle;
}

test.each(['hub', 'relay'] as const)('an entry of a %s is kept when it is on the disk, and not before', async (keeper) => {
	const { entryStore, close } = await KEEPERS[keeper]();
	const { promise: there, resolve: arrive } = Promise.withResolvers<undefined>();
	const waits = vi.spyOn(await disk(), 'datasync').mockImplementation(() => there);
	const entry = plainEntry('branch', 1, 'key-number-1');
	let isKept = false;
	const adding = entryStore.add([entry]).then((fresh) => {
		isKept = true;
		return fresh;
	});
	await eventually(() => waits.mock.calls.length > 0, 'the disk is waited for');
	expect(isKept).toBe(false);
	arrive(undefined);
	expect([...(await adding)]).toEqual([entry.hash]);
	await close();
});

test.each(['hub', 'relay'] as const)('an entry that a %s’s disk does not take is refused, and so is the next one', async (keeper) => {
	const { entryStore } = await KEEPERS[keeper]();
	vi.spyOn(await disk(), 'datasync').mockRejectedValueOnce(new Error('EIO: i/o error, fdatasync'));
	for (const seq of [1, 2]) await expect(entryStore.add([plainEntry('branch', seq, `key-number-${seq}`)])).rejects.toMatchObject({ kind: 'failed' });
});

test('2: a branch that rests has no file open, and the next call opens them; what was closed stays closed', async () => {
	const folder = newFolder();
	const storage = await openSqliteRecord(openDataFolder(folder, 'relay')).open(branchName('5e', 'b1'));
	const entry = plainEntry('branch', 1, 'key-number-1');
	await storage.entryStore.add([entry]);
	await storage.chunks.save(['a'], new Uint8Array([1]));
	// SQLite takes its log away with the last connection.
	const logs = (): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('-wal'));
	expect(logs().filter((name) => name.includes('branches'))).toHaveLength(2);
	await storage.rest?.();
	expect(logs().filter((name) => name.includes('branches'))).toEqual([]);
	expect((await storage.entryStore.page(undefined, 10)).sealed).toEqual([entry.sealed]);
	expect(await storage.chunks.load(['a'])).toEqual(new Uint8Array([1]));
	const next = plainEntry('branch', 2, 'key-number-2');
	expect([...(await storage.entryStore.add([next]))]).toEqual([next.hash]);
	await storage.close();
	await expect(storage.entryStore.add([next])).rejects.toMatchObject({ kind: 'closed' });
	await expect(storage.chunks.load(['a'])).rejects.toMatchObject({ kind: 'closed' });
});

/** What waits for the disk: an entry is not taken as kept before its file says so, for a relay signs for it then. */
import { mkdtempSync } from 'node:fs';
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

/** What waits for the disk: an entry is not taken as kept before its file says so, for a relay signs for it then. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

test('4: what a command writes while its relay writes, too, is all there', async () => {
	const folder = newFolder();
	const record = openSqliteRecord(openDataFolder(folder, 'relay'));
	const program = `
		import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
		import { writeJsonFile } from '#server/data-folder.ts';
		import { existsSync, readFileSync } from 'node:fs';
		const path = ${JSON.stringify(folder)};
		const read = (name) => (existsSync(path + '/' + name) ? JSON.parse(readFileSync(path + '/' + name, 'utf8')) : undefined);
		const record = openSqliteRecord({ path, read, write: (name, value) => writeJsonFile(path, name, value) });
		console.log('begins');
		for (let n = 0; n < 100; n += 1) await record.setValue('command ' + n, n);`;
	const command = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], {
		...{ cwd: fileURLToPath(new URL('../../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
	});
	const ended = new Promise((resolve) => command.on('close', resolve));
	await new Promise((resolve) => command.stdout?.once('data', resolve));
	for (let n = 0; n < 100; n += 1) {
		await record.setValue(`relay ${n}`, n);
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(await ended).toBe(0);
	for (let n = 0; n < 100; n += 1) expect([await record.getValue(`relay ${n}`), await record.getValue(`command ${n}`)]).toEqual([n, n]);
	await record.close();
});

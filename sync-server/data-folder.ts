/**
 * The data folder of a server: one process at a time, and a file that says whose it is.
 *
 * 1. The lock is one of SQLite's, so the system lets go of it when the process dies, however it dies: there is no stale lock.
 * 2. A folder that we make is open to its owner alone: customers and keys lie in it. One that was there keeps the mode that its owner gave it.
 * 3. A folder that another role or a newer version wrote is refused, never written to.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface DataFolder {
	readonly path: string;
	/** JSON-like content of a small file, or undefined; throws `FolderTaken` when it is broken. */
	read(name: string): unknown;
	/** Whole or not at all, on disk when it returns. */
	write(name: string, value: unknown): void;
	release(): void;
}

export class FolderTaken extends Error {}

/** Throws `FolderTaken` with the sentence to show. */
export function openDataFolder(path: string, role: 'hub' | 'relay'): DataFolder {
	try {
		mkdirSync(path, { recursive: true, mode: 0o700 });
	} catch (error) {
		throw new FolderTaken(`The data folder ${path} cannot be made: ${(error as Error).message}. Name another one with --data DIR.`);
	}
	const lock = takeLock(path);
	const folder: DataFolder = {
		path,
		read(name) {
			const file = join(path, name);
			if (!existsSync(file)) return undefined;
			try {
				return JSON.parse(readFileSync(file, 'utf8')) as unknown;
			} catch (error) {
				throw new FolderTaken(
					`${file} cannot be read: ${(error as Error).message}. Put it back from a backup, or name another folder with --data DIR.`,
				);
			}
		},
		write(name, value) {
			writeJsonFile(path, name, value);
		},
		release: () => {
			letGo(lock);
		},
	};
	try {
		const before = folder.read('holdfast.json') as { role?: unknown; version?: unknown } | null | undefined;
		if (before !== undefined && (before?.role !== role || before.version !== FOLDER_VERSION))
			throw new FolderTaken(
				`The data folder ${path} belongs to a ${String(before?.role)} (version ${String(before?.version)}). Name another one with --data DIR.`,
			);
		if (before === undefined) folder.write('holdfast.json', { role, version: FOLDER_VERSION });
		return folder;
	} catch (error) {
		letGo(lock);
		throw error;
	}
}

/** Whole or not at all, on disk when it returns. */
export function writeJsonFile(path: string, name: string, value: unknown): void {
	const temporary = join(path, `${name}.new`);
	const handle = openSync(temporary, 'w', 0o600);
	try {
		// Until all of it is written, which a single write does not promise.
		writeFileSync(handle, `${JSON.stringify(value, undefined, '\t')}\n`);
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
	renameSync(temporary, join(path, name));
	// The new name is on disk when its folder is.
	const parent = openSync(path, 'r');
	fsyncSync(parent);
	closeSync(parent);
}

const FOLDER_VERSION = 1;

/** Garbage collection closes a database that nobody holds, and with it the lock: a program that forgets its folder keeps it all the same. */
const held = new Set<DatabaseSync>();

function letGo(lock: DatabaseSync): void {
	if (held.delete(lock)) lock.close();
}

function takeLock(path: string): DatabaseSync {
	let lock: DatabaseSync | undefined;
	try {
		lock = new DatabaseSync(join(path, 'lock'));
		lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
		held.add(lock);
		return lock;
	} catch (error) {
		lock?.close();
		const { message } = error as Error;
		if (/locked|busy/i.test(message))
			throw new FolderTaken(`Another Holdfast is using the data folder ${path}. Stop it first, or name another folder with --data DIR.`);
		throw new FolderTaken(`The data folder ${path} cannot be written: ${message}. Name another one with --data DIR.`);
	}
}

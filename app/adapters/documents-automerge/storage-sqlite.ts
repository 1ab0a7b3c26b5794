/**
 * Automerge's chunks in one SQLite file (hub, relay, headless till).
 *
 * Invariants:
 * 1. A resolved write is on the disk: WAL with `synchronous=FULL`. Where that is not asked for it outlives the process, and the power takes the last ones, never one in the middle.
 * 2. Writes of one turn of the event loop are one transaction, all or nothing, in their order; a read sees every write asked for before it.
 * 3. A range comes back in the order of writing, so changes are loaded after those they stand on.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';

export interface SqliteStorage extends StorageAdapterInterface {
	/** Writes what waits and closes the file. */
	close(): void;
}

interface Write {
	readonly run: () => void;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

export interface SqliteStoragePlan {
	readonly file: string;
	/** False: of a relay, whose entries lie elsewhere and whose documents come again from whoever is linked. */
	readonly waitsForDisk?: boolean;
}

export function createSqliteStorage({ file, waitsForDisk = true }: SqliteStoragePlan): SqliteStorage {
	const database = new DatabaseSync(file);
	database.exec(`
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = ${waitsForDisk ? 'FULL' : 'NORMAL'};
		PRAGMA busy_timeout = 2000;
		CREATE TABLE IF NOT EXISTS chunks (key TEXT NOT NULL UNIQUE, data BLOB NOT NULL) STRICT;
	`);
	const get = database.prepare('SELECT data FROM chunks WHERE key = ?');
	const put = database.prepare('INSERT INTO chunks (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data');
	const drop = database.prepare('DELETE FROM chunks WHERE key = ?');
	// '0' is the character after '/': the range holds exactly the keys that continue the prefix with a further part.
	const range = database.prepare("SELECT key, data FROM chunks WHERE key = :key OR (key >= :key || '/' AND key < :key || '0') ORDER BY rowid");
	const dropRange = database.prepare("DELETE FROM chunks WHERE key = :key OR (key >= :key || '/' AND key < :key || '0')");

	let waiting: Write[] = [];
	let closed = false;

	function write(run: () => void): Promise<void> {
		return new Promise((resolve, reject) => {
			if (closed) throw new Error('the storage is closed');
			if (waiting.length === 0) setImmediate(writeWaiting);
			waiting.push({ run, resolve, reject });
		});
	}

	function writeWaiting(): void {
		const batch = waiting;
		waiting = [];
		if (batch.length === 0) return;
		try {
			database.exec('BEGIN IMMEDIATE');
			try {
				for (const { run } of batch) run();
				database.exec('COMMIT');
			} catch (error) {
				if (database.isTransaction) database.exec('ROLLBACK');
				throw error;
			}
		} catch (error) {
			for (const { reject } of batch) reject(error);
			return;
		}
		for (const { resolve } of batch) resolve();
	}

	return {
		async load(key) {
			writeWaiting();
			return bytesOf(get.get(textOf(key))?.['data']);
		},
		async loadRange(prefix) {
			writeWaiting();
			const rows = range.all({ key: textOf(prefix) });
			return rows.map((row): Chunk => ({ key: partsOf(String(row['key'])), data: bytesOf(row['data']) }));
		},
		save: (key, data) =>
			write(() => {
				put.run(textOf(key), data);
			}),
		remove: (key) =>
			write(() => {
				drop.run(textOf(key));
			}),
		removeRange: (prefix) =>
			write(() => {
				dropRange.run({ key: textOf(prefix) });
			}),
		close() {
			if (closed) return;
			writeWaiting();
			closed = true;
			database.close();
		},
	};
}

function textOf(key: StorageKey): string {
	return key.map(encodeURIComponent).join('/');
}

function partsOf(text: string): StorageKey {
	return text.split('/').map(decodeURIComponent);
}

function bytesOf(value: unknown): Uint8Array | undefined {
	return value instanceof Uint8Array ? new Uint8Array(value) : undefined;
}

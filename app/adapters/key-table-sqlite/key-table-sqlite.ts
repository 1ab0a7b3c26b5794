/**
 * The key table of a hub or a headless till. Contract: `tests/contracts/key-table.ts`.
 *
 * 1. What is removed is nowhere in the file: SQLite writes zeroes over it (`secure_delete`), and there is no write-ahead log that would keep it.
 * 2. The file is open to its owner alone; the folder that it lies in is, too.
 */
import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StorageError, type KeyTable } from '#ports';
import { keyRow } from '#schemas/wire/keys.ts';
import * as v from 'valibot';

export function openSqliteKeyTable(file: string): KeyTable {
	let database: DatabaseSync;
	try {
		database = new DatabaseSync(file);
		// `truncate`: the rollback journal of a removal is emptied with it, where `persist` would leave the row in it.
		database.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;');
		database.exec('CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL) STRICT, WITHOUT ROWID;');
		chmodSync(file, 0o600);
	} catch (error) {
		throw new StorageError('failed', `the key table ${file} cannot be opened: ${(error as Error).message}`);
	}

	function inTransaction(work: () => void): void {
		try {
			database.exec('BEGIN IMMEDIATE');
			work();
			database.exec('COMMIT');
		} catch (error) {
			if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
			throw storageErrorOf(error);
		}
	}

	return {
		rows: async () => {
			try {
				return database
					.prepare('SELECT kind, id, key FROM keys')
					.all()
					.map(({ kind, id, key }) => v.parse(keyRow, [kind, id, key]));
			} catch (error) {
				throw storageErrorOf(error);
			}
		},
		add: async (rows) => {
			inTransaction(() => {
				const insert = database.prepare('INSERT OR IGNORE INTO keys (kind, id, key) VALUES (?, ?, ?)');
				for (const row of rows) insert.run(...row);
			});
		},
		remove: async (ids) => {
			inTransaction(() => {
				const remove = database.prepare('DELETE FROM keys WHERE id = ?');
				for (const id of ids) remove.run(id);
			});
		},
		close: async () => {
			database.close();
		},
	};
}

const SQLITE_FULL = 13;

function storageErrorOf(error: unknown): unknown {
	if (!(error instanceof Error) || !('code' in error)) return error;
	if (error.code === 'ERR_INVALID_STATE') return new StorageError('closed', 'the key table was closed');
	if (error.code !== 'ERR_SQLITE_ERROR') return error;
	const isFull = 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_FULL;
	return new StorageError(isFull ? 'full' : 'failed', isFull ? 'the disk is full' : `the key table did not answer: ${error.message}`);
}

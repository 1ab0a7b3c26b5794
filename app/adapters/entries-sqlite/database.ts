/**
 * The SQLite file behind vault and entry store: WAL with `synchronous=FULL`, so a committed transaction survives the process and the power.
 *
 * 1. What SQLite fails at is a `StorageError`, with `full` told from the rest; what the work itself throws rolls back and comes out as it is.
 * 2. A file that a newer version of Holdfast wrote is refused by its number, never written to.
 */
import { DatabaseSync } from 'node:sqlite';
import { StorageError } from '#ports';

const SCHEMA_VERSION = 1;

const SCHEMA = `
	CREATE TABLE own (scope TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, key TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (scope, seq)) STRICT;
	CREATE INDEX own_key ON own (key);
	CREATE TABLE sales (key TEXT PRIMARY KEY, status TEXT NOT NULL, entry TEXT NOT NULL, seq INTEGER NOT NULL, receipt TEXT NOT NULL, total_minor INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
	CREATE INDEX sales_status ON sales (status, seq);
	CREATE TABLE carts (key TEXT PRIMARY KEY, cart TEXT NOT NULL) STRICT;
	CREATE TABLE device (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, ownership INTEGER NOT NULL, heads TEXT NOT NULL, hlc TEXT NOT NULL, last_receipt INTEGER NOT NULL) STRICT;
	INSERT INTO device VALUES (1, 0, 0, '{}', '[0,0]', 0);
	CREATE TABLE "values" (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
	CREATE TABLE heard (device TEXT NOT NULL, scope TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (device, scope, seq, hash)) STRICT, WITHOUT ROWID;
	CREATE TABLE certificates (device TEXT PRIMARY KEY, chain BLOB NOT NULL) STRICT;
	CREATE TABLE damaged (document TEXT NOT NULL, route TEXT NOT NULL, reason TEXT NOT NULL, hash TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
	CREATE TABLE caches (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
`;

/** Opens or makes the file; throws `StorageError` with a sentence when it cannot be used. */
export function openDatabase(file: string): DatabaseSync {
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(file);
		database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;');
		const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
		if (version > SCHEMA_VERSION)
			throw new Error(`it was written by a newer Holdfast (schema ${version}, this one knows ${SCHEMA_VERSION}): update first`);
		const made = database;
		if (version === 0) inTransaction(database, () => made.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`));
	} catch (error) {
		database?.close();
		throw new StorageError('failed', `the database ${file} cannot be opened: ${(error as Error).message}`);
	}
	return database;
}

/** All of it or nothing; durable when it returns. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
	try {
		database.exec('BEGIN IMMEDIATE');
		const result = work();
		database.exec('COMMIT');
		return result;
	} catch (error) {
		if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
		throw storageErrorOf('write', error);
	}
}

export function reading<Result>(work: () => Result): Result {
	try {
		return work();
	} catch (error) {
		throw storageErrorOf('read', error);
	}
}

function storageErrorOf(what: 'read' | 'write', error: unknown): unknown {
	if (!(error instanceof Error) || !('code' in error)) return error;
	if (error.code === 'ERR_INVALID_STATE') return new StorageError('closed', 'the database was closed');
	if (error.code !== 'ERR_SQLITE_ERROR') return error;
	// Extended result codes keep the primary one in their low byte (sqlite.org/rescode.html).
	const isFull = 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_FULL;
	return new StorageError(isFull ? 'full' : 'failed', isFull ? 'the disk is full' : `the database did not ${what}: ${error.message}`);
}

const SQLITE_FULL = 13;

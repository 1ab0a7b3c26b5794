/**
 * One IndexedDB database for vault and entry store, opened by the page and by the worker, each for itself.
 *
 * 1. A transaction of ours is over when `complete` fired, and with `strict` durability that means: the disk has it. `put` succeeding means nothing yet.
 * 2. Whatever ends a transaction otherwise (quota, a closed database, an abort) is a `StorageError`, never a promise that hangs.
 * 3. `own` and what belongs to it is written by the page alone, `heard` and what belongs to it by the worker alone, in transactions that never name a
 *    store of the other: a cashier does not queue behind a sync.
 */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { StorageError, type DamagedBytes, type SaleRecord, type VaultState } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Scope } from '#schemas/ids.ts';

const SCHEMA_VERSION = 1;
const OPEN_TIMEOUT_MS = 10_000;

export interface TillDatabase extends DBSchema {
	/** The critical journal. */
	own: { key: [Scope, number]; value: { scope: Scope; seq: number; hash: string; key: string; sealed: Uint8Array }; indexes: { key: string } };
	sales: { key: string; value: SaleRecord; indexes: { status: [string, number] } };
	carts: { key: string; value: Cart };
	device: { key: 'state'; value: VaultState };
	values: { key: string; value: unknown };
	heard: { key: [string, string, number, string]; value: { sealed: Uint8Array } };
	certificates: { key: string; value: Uint8Array };
	damaged: { key: number; value: DamagedBytes };
	caches: { key: string; value: Uint8Array };
}
export type TillStore = StoreNames<TillDatabase>;

/** Throws `StorageError` with a sentence when the browser does not let us, or a newer version of the app wrote it. */
export async function openTillDatabase(name: string): Promise<IDBPDatabase<TillDatabase>> {
	const opening = openDB<TillDatabase>(name, SCHEMA_VERSION, {
		upgrade(database) {
			database.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
			database.createObjectStore('sales', { keyPath: 'key' }).createIndex('status', ['status', 'seq']);
			database.createObjectStore('carts', { keyPath: 'key' });
			database.createObjectStore('device');
			database.createObjectStore('values');
			database.createObjectStore('heard');
			database.createObjectStore('certificates');
			database.createObjectStore('damaged', { autoIncrement: true });
			database.createObjectStore('caches');
		},
		// Another tab wants to upgrade: it must not wait for us, and we must not write with an old idea of the schema.
		blocking: (_current, _blocked, event) => { (event.target as IDBDatabase).close(); },
	});
	let timer: ReturnType<typeof setTimeout> | undefined;
	const tooLong = new Promise<never>((_, reject) => {
		timer = setTimeout(() => { reject(new Error('another tab keeps it from opening; close the other tabs of this till')); }, OPEN_TIMEOUT_MS);
	});
	try {
		return await Promise.race([opening, tooLong]);
	} catch (error) {
		const { name: kind, message } = error as Error;
		if (kind === 'VersionError') throw new StorageError('failed', 'a newer version of Holdfast wrote this till’s data; reload to get it');
		throw new StorageError('failed', `this browser does not open the till’s storage: ${message}`);
	} finally {
		clearTimeout(timer);
	}
}

/** Runs the work in one strict transaction; resolves after `complete`. What the work throws aborts it and comes out as it is. */
export async function strictly<Names extends TillStore[], Result>(
	database: IDBPDatabase<TillDatabase>,
	stores: Names,
	work: (transaction: IDBPTransaction<TillDatabase, Names, 'readwrite'>) => Promise<Result>,
): Promise<Result> {
	let transaction: IDBPTransaction<TillDatabase, Names, 'readwrite'>;
	try {
		transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
	} catch (error) {
		throw storageErrorOf(error);
	}
	// Observed now: an abort must not surface as an unhandled rejection while the work is still running.
	const done = transaction.done.then(() => undefined, storageErrorOf);
	try {
		const result = await work(transaction);
		const failure = await done;
		if (failure !== undefined) throw failure;
		return result;
	} catch (error) {
		try {
			transaction.abort();
		} catch {
			// It is over already.
		}
		throw storageErrorOf(error);
	}
}

export function storageErrorOf(error: unknown): Error {
	if (error instanceof StorageError) return error;
	if (!(error instanceof Error)) return new StorageError('failed', 'the browser ended the transaction');
	if (error.name === 'QuotaExceededError') return new StorageError('full', 'the disk or the browser’s share of it is full');
	if (DATABASE_ERRORS.has(error.name)) return new StorageError('failed', error.message || error.name);
	return error;
}

const DATABASE_ERRORS = new Set(['AbortError', 'InvalidStateError', 'TransactionInactiveError', 'UnknownError', 'DataError', 'ConstraintError', 'TimeoutError', 'NotFoundError', 'VersionError']);

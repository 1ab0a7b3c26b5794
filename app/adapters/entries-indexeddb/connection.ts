/**
 * One IndexedDB database for vault and entry store, opened by the page and by the worker, each for itself.
 *
 * Invariants:
 * 1. A write is over when its transaction's `complete` fired, and with `strict` durability that means: the disk has it. A `put` that succeeded means
 *    nothing yet.
 * 2. Whatever ends a transaction otherwise (quota, a closed connection, an abort) is a `StorageError`, never a promise that hangs.
 * 3. `own` and what belongs to it is written by the page alone, `heard` and what belongs to it by the worker alone, in transactions that never name a
 *    store of the other: a cashier does not queue behind a sync. Hence two copies of the owner's number, `device` for the page and `owner` for the
 *    worker, which only `takeOwnership` writes together.
 * 4. A newer version of the app gets the database at once; the older one here writes nothing more and says why.
 */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { StorageError, type DamagedBytes, type SaleRecord, type VaultState } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Scope } from '#schemas/ids.ts';

const SCHEMA_VERSION = 1;
/** Opening takes milliseconds; an upgrade that other tabs keep waiting may take for ever. */
const OPEN_TIMEOUT_MS = 10_000;

export interface TillDatabase extends DBSchema {
	/** The critical journal. */
	own: { key: [Scope, number]; value: { scope: Scope; seq: number; hash: string; key: string; sealed: Uint8Array }; indexes: { key: string } };
	sales: { key: string; value: SaleRecord; indexes: { status: [string, number] } };
	carts: { key: string; value: Cart };
	device: { key: 'state'; value: VaultState };
	values: { key: string; value: unknown };
	owner: { key: 'number'; value: number };
	heard: { key: [string, string, number, string]; value: { sealed: Uint8Array } };
	certificates: { key: string; value: Uint8Array };
	damaged: { key: number; value: DamagedBytes };
	caches: { key: string; value: Uint8Array };
}
export type TillStore = StoreNames<TillDatabase>;

export interface TillConnection {
	read<Result>(work: (database: IDBPDatabase<TillDatabase>) => Promise<Result>): Promise<Result>;
	/** Runs the work in one strict transaction; resolves after `complete`. What the work throws aborts it and comes out as it is. */
	write<Names extends TillStore[], Result>(
		stores: Names,
		work: (transaction: IDBPTransaction<TillDatabase, Names, 'readwrite'>) => Promise<Result>,
	): Promise<Result>;
	close(): void;
}

/** Throws `StorageError` with a sentence when the browser does not let us, or a newer version of the app wrote it. */
export async function openTillDatabase(name: string, openTimeoutMs = OPEN_TIMEOUT_MS): Promise<TillConnection> {
	let closedBecause: string | undefined;
	const opening = openDB<TillDatabase>(name, SCHEMA_VERSION, {
		upgrade(database, before) {
			if (before < 1) makeSchema(database);
		},
		// Another tab wants to upgrade: it must not wait for us, and we must not write with an old idea of the schema.
		blocking(_current, _wanted, event) {
			closedBecause = 'a newer version of Holdfast has taken over this till’s data; reload to get it';
			(event.target as IDBDatabase).close();
		},
		terminated() {
			closedBecause ??= 'the browser has closed this till’s storage; reload the page';
		},
	});
	const database = await within(opening, openTimeoutMs);

	function errorOf(error: unknown): unknown {
		if (closedBecause !== undefined && error instanceof DOMException) return new StorageError('closed', closedBecause);
		return storageErrorOf(error);
	}

	return {
		async read(work) {
			try {
				return await work(database);
			} catch (error) {
				throw errorOf(error);
			}
		},
		async write(stores, work) {
			try {
				return await strictly(database, stores, work);
			} catch (error) {
				throw errorOf(error);
			}
		},
		close() {
			closedBecause ??= 'this till’s storage was closed';
			database.close();
		},
	};
}

function makeSchema(database: IDBPDatabase<TillDatabase>): void {
	database.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
	database.createObjectStore('sales', { keyPath: 'key' }).createIndex('status', ['status', 'seq']);
	database.createObjectStore('carts', { keyPath: 'key' });
	database.createObjectStore('device');
	database.createObjectStore('values');
	database.createObjectStore('owner');
	database.createObjectStore('heard');
	database.createObjectStore('certificates');
	database.createObjectStore('damaged', { autoIncrement: true });
	database.createObjectStore('caches');
}

async function within(opening: Promise<IDBPDatabase<TillDatabase>>, ms: number): Promise<IDBPDatabase<TillDatabase>> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const tooLong = new Promise<'too long'>((resolve) => (timer = setTimeout(resolve, ms, 'too long')));
	try {
		const opened = await Promise.race([opening, tooLong]);
		if (opened !== 'too long') return opened;
	} catch (error) {
		const { name, message } = error as Error;
		if (name === 'VersionError') throw new StorageError('failed', 'a newer version of Holdfast wrote this till’s data; reload to get it');
		throw new StorageError('failed', `this browser does not open the till’s storage: ${message}`);
	} finally {
		clearTimeout(timer);
	}
	// A connection that comes after all would keep others waiting, and nobody here knows of it.
	opening.then((late) => late.close()).catch(() => undefined);
	throw new StorageError('failed', 'another tab keeps this till’s storage from opening; close the other tabs of this till and reload');
}

async function strictly<Names extends TillStore[], Result>(
	database: IDBPDatabase<TillDatabase>,
	stores: Names,
	work: (transaction: IDBPTransaction<TillDatabase, Names, 'readwrite'>) => Promise<Result>,
): Promise<Result> {
	const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
	// Observed from now on: an abort must not surface as an unhandled rejection while the work is still running.
	const ended = transaction.done.then(
		() => undefined,
		(error: unknown) => ({ error }),
	);
	let result: Result;
	try {
		result = await work(transaction);
	} catch (error) {
		try {
			transaction.abort();
		} catch {
			// It has ended already.
		}
		const end = await ended;
		// A request that failed says only that the transaction was aborted; the transaction says why.
		throw error instanceof DOMException && end !== undefined ? end.error : error;
	}
	const end = await ended;
	if (end !== undefined) throw end.error;
	return result;
}

function storageErrorOf(error: unknown): unknown {
	if (!(error instanceof DOMException)) return error;
	if (error.name === 'QuotaExceededError') return new StorageError('full', 'the disk, or the browser’s share of it, is full');
	return new StorageError('failed', `the browser did not write: ${error.message || error.name}`);
}

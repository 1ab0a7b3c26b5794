/**
 * A connection to one IndexedDB database.
 *
 * Invariants:
 * 1. A write is over when its transaction's `complete` fired, and with `strict` durability that means: the disk has it. A `put` that succeeded means
 *    nothing yet.
 * 2. Whatever ends a transaction otherwise (quota, a closed connection, an abort) is a `StorageError`, never a promise that hangs.
 * 3. A newer version of the app gets the database at once; the older one here writes nothing more and says why.
 * 4. Where the browser deleted a database that it could not read any more, that is told.
 * 5. A connection that the browser closes (memory, its own crash of the storage process) is opened again by whoever reads or writes next, and what it
 *    cut off is tried once more. A database that is gone by then is not made anew: an empty one would look like a till that never sold.
 */
import { wrap, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames, type StoreValue } from 'idb';
import { StorageError } from '#ports';

/** Opening takes milliseconds; an upgrade that other tabs keep waiting may take for ever. */
const OPEN_TIMEOUT_MS = 10_000;
/** The browser's notice follows within a few turns of the event loop. */
const TURNS_TO_CLOSE = 20;

export type UpgradeTransaction<Schema extends DBSchema> = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

export interface ConnectionDeps<Schema extends DBSchema> {
	readonly place: IDBFactory;
	readonly name: string;
	readonly version: number;
	/** Makes what `before` (0: nothing) lacks. */
	readonly upgrade: (database: IDBPDatabase<Schema>, before: number, transaction: UpgradeTransaction<Schema>) => void;
	readonly openTimeoutMs?: number | undefined;
}

export interface Connection<Schema extends DBSchema> {
	/** The browser found the database broken, deleted it and gave us an empty one. */
	readonly wasDeleted: boolean;
	read<Result>(work: (database: IDBPDatabase<Schema>) => Promise<Result>): Promise<Result>;
	/** Runs the work in one strict transaction; resolves after `complete`. What the work throws aborts it and comes out as it is. */
	write<Names extends StoreNames<Schema>[], Result>(
		stores: Names,
		work: (transaction: IDBPTransaction<Schema, Names, 'readwrite'>) => Promise<Result>,
	): Promise<Result>;
	/** One value in one strict transaction that reads nothing; false when its key is taken. */
	add<Name extends StoreNames<Schema>>(store: Name, value: StoreValue<Schema, Name>): Promise<boolean>;
	close(): void;
}

/** Throws `StorageError` with a sentence when the browser does not let us, or a newer version of the app wrote it. */
export async function connect<Schema extends DBSchema>({
	place,
	name,
	version,
	upgrade,
	openTimeoutMs = OPEN_TIMEOUT_MS,
}: ConnectionDeps<Schema>): Promise<Connection<Schema>> {
	/** Final: a newer version took the database, the browser deleted it, or its owner closed it. */
	let closedBecause: string | undefined;
	let wasDeleted = false;
	let newest: IDBDatabase | undefined;
	/** Undefined since the browser closed it. */
	let current: Promise<IDBPDatabase<Schema>> | undefined = within(open(false), openTimeoutMs);
	await current;

	function open(again: boolean): Promise<IDBPDatabase<Schema>> {
		return new Promise((resolve, reject) => {
			const request = place.open(name, version);
			request.onupgradeneeded = (event) => {
				if (again && event.oldVersion === 0) {
					closedBecause ??= 'the browser has deleted this till’s storage; reload the page';
					request.transaction?.abort();
					return;
				}
				wasDeleted = 'dataLoss' in event && event.dataLoss === 'total'; // Chromium's own, and the only one to need it.
				const transaction = wrap(request.transaction as IDBTransaction) as unknown as UpgradeTransaction<Schema>;
				upgrade(wrap(request.result) as unknown as IDBPDatabase<Schema>, event.oldVersion, transaction);
			};
			request.onerror = () => {
				reject(request.error as DOMException);
			};
			request.onsuccess = () => {
				const opened = request.result;
				newest = opened;
				observeEnds(opened);
				if (again && closedBecause !== undefined) opened.close(); // Its owner closed it while it was opening.
				// Another tab wants to upgrade: it must not wait for us, and we must not write with an old idea of the schema.
				opened.onversionchange = (event) => {
					closedBecause ??=
						event.newVersion === null
							? 'this till’s storage is being deleted; reload the page'
							: 'a newer version of Holdfast has taken over this till’s data; reload to get it';
					opened.close();
				};
				opened.onclose = () => {
					current = undefined;
				};
				resolve(wrap(opened) as unknown as IDBPDatabase<Schema>);
			};
		});
	}

	async function run<Result>(work: (database: IDBPDatabase<Schema>) => Promise<Result>): Promise<Result> {
		try {
			const used = await reached();
			try {
				return await work(used);
			} catch (error) {
				if (!(await wasCutOff(error))) throw error;
				return await work(await reached());
			}
		} catch (error) {
			if (closedBecause !== undefined && error instanceof DOMException) throw new StorageError('closed', closedBecause);
			throw storageErrorOf(error);
		}
	}

	function reached(): Promise<IDBPDatabase<Schema>> {
		if (closedBecause !== undefined) throw new StorageError('closed', closedBecause);
		if (current !== undefined) return current;
		const opening = within(open(true), openTimeoutMs).catch((error: unknown) => {
			if (current === opening) current = undefined; // Whoever comes next tries again.
			throw closedBecause === undefined ? error : new StorageError('closed', closedBecause);
		});
		current = opening;
		return opening;
	}

	/** The transactions of a connection end before its `close` event comes; nothing of them is written. */
	async function wasCutOff(error: unknown): Promise<boolean> {
		if (!(error instanceof DOMException) || (error.name !== 'InvalidStateError' && error.name !== 'AbortError')) return false;
		for (let turns = 0; turns < TURNS_TO_CLOSE && current !== undefined && closedBecause === undefined; turns += 1)
			await new Promise((resolve) => setTimeout(resolve, 1));
		return current === undefined && closedBecause === undefined;
	}

	return {
		wasDeleted,
		read: run,
		write: (stores, work) => run((database) => strictly(database, stores, work)),
		add: (store, value) => run((database) => addStrictly(database, store, value)),
		close() {
			closedBecause ??= 'this till’s storage was closed';
			newest?.close();
		},
	};
}

/** Whoever reads learns of a cut from what it asked for. That the transaction behind it ended badly, too, is then nobody's: it must be no unhandled rejection. */
function observeEnds(database: IDBDatabase): void {
	database.transaction = (...asked: Parameters<IDBDatabase['transaction']>) => {
		const transaction = IDBDatabase.prototype.transaction.apply(database, asked);
		wrap(transaction).done.catch(() => undefined);
		return transaction;
	};
}

async function within<Opened extends { close(): void }>(opening: Promise<Opened>, ms: number): Promise<Opened> {
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

async function strictly<Schema extends DBSchema, Names extends StoreNames<Schema>[], Result>(
	database: IDBPDatabase<Schema>,
	stores: Names,
	work: (transaction: IDBPTransaction<Schema, Names, 'readwrite'>) => Promise<Result>,
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
		commitNow(transaction);
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

/** A browser that wrote it and yet cut the connection is asked once more, and answers that it is there. */
async function addStrictly<Schema extends DBSchema, Name extends StoreNames<Schema>>(
	database: IDBPDatabase<Schema>,
	store: Name,
	value: StoreValue<Schema, Name>,
): Promise<boolean> {
	const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
	const refused = transaction.store.add(value).then(
		() => undefined,
		(error: unknown) => error,
	);
	commitNow(transaction);
	try {
		await transaction.done;
		return true;
	} catch (error) {
		const reason = await refused;
		if (reason instanceof DOMException && reason.name === 'ConstraintError') return false;
		throw reason ?? error;
	}
}

/** Else the browser commits when it has told of each request: a turn of the event loop later, for answers that nobody asks for. */
function commitNow(transaction: { commit(): void }): void {
	try {
		transaction.commit();
	} catch {
		// The work ended outside the transaction's own turns: it commits by itself, or has already.
	}
}

/** For a request that is left to its transaction: failing, it aborts it, and that is where it is reported. */
export function left(request: Promise<unknown>): void {
	request.catch(() => undefined);
}

function storageErrorOf(error: unknown): unknown {
	if (!(error instanceof DOMException)) return error;
	if (error.name === 'QuotaExceededError') return new StorageError('full', 'the disk, or the browser’s share of it, is full');
	return new StorageError('failed', `the browser did not write: ${error.message || error.name}`);
}

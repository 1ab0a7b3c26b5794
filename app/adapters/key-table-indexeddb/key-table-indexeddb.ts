/** The key table of a till, in a database of its own. Contract: `tests/contracts/key-table.ts`. */
import { wrap, type DBSchema, type IDBPDatabase } from 'idb';
import { StorageError, type KeyTable } from '#ports';
import type { KeyRow } from '#schemas/wire/keys.ts';

interface KeysSchema extends DBSchema {
	keys: { key: string; value: { readonly id: string; readonly row: KeyRow } };
}

/** A tab that an update keeps waiting, or a disk that hangs, must not keep a till from selling. */
const OPEN_WITHIN_MS = 10_000;

export function openIndexedDbKeyTable({ place, name }: { readonly place: IDBFactory; readonly name: string }): KeyTable {
	/** Undefined since the browser closed it: the next one opens it again. */
	let current: Promise<IDBPDatabase<KeysSchema>> | undefined;
	let closed = false;

	function reached(): Promise<IDBPDatabase<KeysSchema>> {
		if (closed) throw new StorageError('closed', 'the key table was closed');
		current ??= open().catch((error: unknown) => {
			current = undefined;
			throw error;
		});
		return current;
	}

	function open(): Promise<IDBPDatabase<KeysSchema>> {
		return new Promise((resolve, reject) => {
			const request = place.open(name, 1);
			const timer = setTimeout(() => {
				reject(new StorageError('failed', 'this browser does not open the till’s keys'));
			}, OPEN_WITHIN_MS);
			request.onupgradeneeded = () => {
				request.result.createObjectStore('keys', { keyPath: 'id' });
			};
			request.onerror = () => {
				clearTimeout(timer);
				reject(request.error as DOMException);
			};
			request.onsuccess = () => {
				clearTimeout(timer);
				const opened = request.result;
				opened.onversionchange = () => {
					opened.close();
					current = undefined;
				};
				opened.onclose = () => {
					current = undefined;
				};
				resolve(wrap(opened) as unknown as IDBPDatabase<KeysSchema>);
			};
		});
	}

	async function attempt<Result>(work: (database: IDBPDatabase<KeysSchema>) => Promise<Result>): Promise<Result> {
		try {
			return await work(await reached());
		} catch (error) {
			throw storageErrorOf(error);
		}
	}

	return {
		rows: () => attempt(async (database) => (await database.getAll('keys')).map(({ row }) => row)),
		add: (rows) =>
			attempt(async (database) => {
				const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
				await Promise.all([
					...rows.map(async (row) => {
						if ((await transaction.store.getKey(row[1])) === undefined) await transaction.store.put({ id: row[1], row });
					}),
					transaction.done,
				]);
			}),
		remove: (ids) =>
			attempt(async (database) => {
				const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
				await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
			}),
		async close() {
			closed = true;
			(await current?.catch(() => undefined))?.close();
		},
	};
}

function storageErrorOf(error: unknown): unknown {
	if (!(error instanceof DOMException)) return error;
	if (error.name === 'QuotaExceededError') return new StorageError('full', 'the disk, or the browser’s share of it, is full');
	return new StorageError('failed', `this browser does not keep the till’s keys: ${error.message || error.name}`);
}

/**
 * Entries heard from others, in a browser: opened by the worker, in a database of its own. Contract: `tests/contracts/entry-store.ts`.
 *
 * 1. The worker and `commit` write different databases: a cashier never queues behind a sync.
 * 2. Of two workers that were given an owner's number, only that of the newer owner writes: terminating a worker takes the browser a while.
 * 3. There is one copy. What the browser loses here comes again from the vault and from the peers that it was heard from.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { StorageError, type DamagedBytes, type EntryStore, type StoreCursor } from '#ports';
import type { EntryHash } from '#schemas/ids.ts';
import { connect, left } from './connection.ts';

const SCHEMA_VERSION = 1;

interface HeardSchema extends DBSchema {
	heard: { key: [string, string, number, string]; value: { sealed: Uint8Array } };
	certificates: { key: string; value: Uint8Array };
	damaged: { key: number; value: DamagedBytes };
	caches: { key: string; value: Uint8Array };
	owner: { key: 'number'; value: number };
}

export async function openIndexedDbEntryStore(databaseName: string, ownership?: number): Promise<EntryStore> {
	const { read, write, close } = await connect<HeardSchema>({ place: indexedDB, name: databaseName, version: SCHEMA_VERSION, upgrade });
	if (ownership !== undefined) {
		await write(['owner'], async (transaction) => {
			const store = transaction.objectStore('owner');
			if (((await store.get('number')) ?? 0) > ownership) throw notOwner();
			left(store.put(ownership, 'number'));
		});
	}

	function writeTo<Name extends 'heard' | 'certificates' | 'damaged' | 'caches', Result>(
		store: Name,
		work: (transaction: IDBPTransaction<HeardSchema, (Name | 'owner')[], 'readwrite'>) => Promise<Result>,
	): Promise<Result> {
		return write<(Name | 'owner')[], Result>([store, 'owner'], async (transaction) => {
			const owner: unknown = ownership === undefined ? undefined : await transaction.objectStore<Name | 'owner'>('owner').get('number');
			if (owner !== ownership) throw notOwner();
			return work(transaction);
		});
	}

	return {
		add: (entries) =>
			writeTo('heard', async (transaction) => {
				const heard = transaction.objectStore('heard');
				const fresh = new Set<EntryHash>();
				const known = await Promise.all(entries.map(({ hash, header }) => heard.getKey([header.device, header.scope, header.seq, hash])));
				for (const [place, { hash, header, sealed }] of entries.entries()) {
					if (known[place] !== undefined || fresh.has(hash)) continue;
					fresh.add(hash);
					left(heard.add({ sealed }, [header.device, header.scope, header.seq, hash]));
				}
				return fresh;
			}),
		page: (after, limit) =>
			read(async (database) => {
				const range = after === undefined ? null : IDBKeyRange.lowerBound([...after], true);
				const { store } = database.transaction('heard');
				const [keys, values] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
				return { sealed: values.map(({ sealed }) => sealed), cursor: keys.at(-1) as StoreCursor | undefined };
			}),
		chain: (device, scope, fromSeq, limit) =>
			read(async (database) => {
				const range = IDBKeyRange.bound([device, scope, fromSeq, ''], [device, scope, Infinity, '']);
				return (await database.getAll('heard', range, limit)).map(({ sealed }) => sealed);
			}),
		addCertificates: (chains) =>
			writeTo('certificates', async (transaction) => {
				for (const { device, chain } of chains) left(transaction.objectStore('certificates').put(chain, device));
			}),
		certificates: () => read((database) => database.getAll('certificates')),
		addDamaged: (found) =>
			writeTo('damaged', async (transaction) => {
				left(transaction.objectStore('damaged').add(found));
			}),
		damaged: () => read((database) => database.getAll('damaged')),
		getCache: (name) => read((database) => database.get('caches', name)),
		setCache: (name, bytes) =>
			writeTo('caches', async (transaction) => {
				left(transaction.objectStore('caches').put(bytes, name));
			}),
		close: () => {
			close();
			return Promise.resolve();
		},
	};
}

function upgrade(database: IDBPDatabase<HeardSchema>, before: number): void {
	if (before >= 1) return;
	database.createObjectStore('heard');
	database.createObjectStore('certificates');
	database.createObjectStore('damaged', { autoIncrement: true });
	database.createObjectStore('caches');
	database.createObjectStore('owner');
}

function notOwner(): StorageError {
	return new StorageError('not-owner', 'another tab of this till has taken over');
}

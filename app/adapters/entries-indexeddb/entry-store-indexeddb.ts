/** Entries heard from others, in a browser: opened by the worker. Contract: `tests/contracts/entry-store.ts`. */
import type { IDBPTransaction } from 'idb';
import { StorageError, type EntryStore, type StoreCursor } from '#ports';
import type { EntryHash } from '#schemas/ids.ts';
import { openTillDatabase, type TillDatabase } from './database.ts';

/** With `ownership`, every write fails with `not-owner` once another tab has taken over: terminating a worker takes the browser a while. */
export async function openIndexedDbEntryStore(databaseName: string, ownership?: number): Promise<EntryStore> {
	const { read, write, close } = await openTillDatabase(databaseName);

	function writeTo<Name extends 'heard' | 'certificates' | 'damaged' | 'caches', Result>(
		store: Name,
		work: (transaction: IDBPTransaction<TillDatabase, (Name | 'owner')[], 'readwrite'>) => Promise<Result>,
	): Promise<Result> {
		return write<(Name | 'owner')[], Result>([store, 'owner'], async (transaction) => {
			const owner: unknown = ownership === undefined ? undefined : await transaction.objectStore<Name | 'owner'>('owner').get('number');
			if (owner !== ownership) throw new StorageError('not-owner', 'another tab of this till has taken over');
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

/** A request that is left to its transaction: failing, it aborts it, and that is where it is reported. */
function left(request: Promise<unknown>): void {
	request.catch(() => undefined);
}

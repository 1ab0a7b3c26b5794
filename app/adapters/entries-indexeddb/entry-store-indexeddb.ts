/** Entries heard from others, in a browser: opened by the worker. Contract: `tests/contracts/entry-store.ts`. */
import type { EntryStore, StoreCursor } from '#ports';
import type { EntryHash } from '#schemas/ids.ts';
import { openTillDatabase, storageErrorOf, strictly } from './database.ts';

export async function openIndexedDbEntryStore(databaseName: string): Promise<EntryStore> {
	const database = await openTillDatabase(databaseName);

	const reading = async <Result>(read: () => Promise<Result>): Promise<Result> => {
		try {
			return await read();
		} catch (error) {
			throw storageErrorOf(error);
		}
	};

	return {
		add: (entries) =>
			strictly(database, ['heard'], async (transaction) => {
				const heard = transaction.objectStore('heard');
				const fresh = new Set<EntryHash>();
				const known = await Promise.all(entries.map(({ hash, header }) => heard.getKey([header.device, header.scope, header.seq, hash])));
				for (const [place, { hash, header, sealed }] of entries.entries()) {
					if (known[place] !== undefined || fresh.has(hash)) continue;
					fresh.add(hash);
					void heard.add({ sealed }, [header.device, header.scope, header.seq, hash]).catch(swallow);
				}
				return fresh;
			}),
		page: (after, limit) =>
			reading(async () => {
				const range = after === undefined ? null : IDBKeyRange.lowerBound([...after], true);
				const transaction = database.transaction('heard');
				const [keys, values] = await Promise.all([transaction.store.getAllKeys(range, limit), transaction.store.getAll(range, limit)]);
				return { sealed: values.map(({ sealed }) => sealed), cursor: keys.at(-1) as StoreCursor | undefined };
			}),
		chain: (device, scope, fromSeq, limit) =>
			reading(async () => {
				const range = IDBKeyRange.bound([device, scope, fromSeq, ''], [device, scope, Infinity, '']);
				return (await database.getAll('heard', range, limit)).map(({ sealed }) => sealed);
			}),
		addCertificates: (chains) =>
			strictly(database, ['certificates'], async (transaction) => {
				for (const { device, chain } of chains) void transaction.objectStore('certificates').put(chain, device).catch(swallow);
			}),
		certificates: () => reading(() => database.getAll('certificates')),
		addDamaged: (found) => strictly(database, ['damaged'], async (transaction) => { void transaction.objectStore('damaged').add(found).catch(swallow); }),
		damaged: () => reading(() => database.getAll('damaged')),
		getCache: (name) => reading(() => database.get('caches', name)),
		setCache: (name, bytes) => strictly(database, ['caches'], async (transaction) => { void transaction.objectStore('caches').put(bytes, name).catch(swallow); }),
		close: () => {
			database.close();
			return Promise.resolve();
		},
	};
}

/** A request that fails aborts its transaction, and that is where it is reported. */
function swallow(): void {}

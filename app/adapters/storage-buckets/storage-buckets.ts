/**
 * Two places on the till's disk that do not fail together. Chromium keeps all of an origin's IndexedDB in one LevelDB, and deletes that when it finds
 * one record torn, which a kill at the wrong moment leaves behind (the README has the details). Each storage bucket has a LevelDB of its own.
 *
 * 1. A browser that has buckets answers two places, always the same ones, or fails: an empty place instead of the till's own would look like a new till.
 * 2. A browser without buckets answers its one IndexedDB. Those that we know of (Firefox, Safari) lay it in SQLite, which no kill tears.
 */
import { StorageError } from '#ports';

const PLACES = ['vault', 'heard'] as const;

/**
 * Deletes everything: this device leaves its shop. The vault goes first: what a crash in between leaves of the rest belongs to nobody, and is replaced.
 * Whoever still has a database open loses it.
 */
export async function eraseStorage(databases: readonly string[]): Promise<void> {
	const buckets = bucketsOf(navigator);
	if (buckets !== undefined) for (const whose of PLACES) for (const place of ['a', 'b']) await buckets.delete(`holdfast-${whose}-${place}`);
	for (const name of databases)
		await new Promise<void>((resolve, reject) => {
			const request = indexedDB.deleteDatabase(name);
			request.onsuccess = () => {
				resolve();
			};
			request.onerror = () => {
				reject(request.error as DOMException);
			};
		});
}

interface StorageBucket {
	readonly indexedDB: IDBFactory;
}
interface StorageBuckets {
	open(name: string, options: { readonly durability: 'strict' | 'relaxed'; readonly persisted: boolean }): Promise<StorageBucket>;
	delete(name: string): Promise<void>;
}

function bucketsOf(of: Navigator): StorageBuckets | undefined {
	return (of as Navigator & { readonly storageBuckets?: StorageBuckets }).storageBuckets;
}

/** What the page writes and what the worker writes have places of their own: within one pair only one is written at a time. */
export async function storagePlaces(whose: (typeof PLACES)[number]): Promise<readonly IDBFactory[]> {
	const buckets = bucketsOf(navigator);
	if (buckets === undefined) return [indexedDB];
	try {
		const opened = await Promise.all(
			['a', 'b'].map((place) => buckets.open(`holdfast-${whose}-${place}`, { durability: 'strict', persisted: true })),
		);
		return opened.map((bucket) => bucket.indexedDB);
	} catch (error) {
		throw new StorageError('failed', `this browser does not open the till’s storage: ${(error as Error).message}`);
	}
}

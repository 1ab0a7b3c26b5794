/** The page of the row `record`: a till's real vault, keys and commit in Chromium, and beside it the plainest strict transaction that there is. */
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { cartOf, openSealingShop } from '../../support/sealing-till.ts';

declare global {
	interface Window {
		bench: RecordPage;
	}
}

export interface RecordPage {
	/**
	 * Milliseconds of each in turn; bytes of a sealed sale. `twice` is what two copies cost whoever looks first: two strict transactions, one after the other,
	 * that look for the key and the state and write what the vault writes, into stores with its indexes.
	 */
	record(rounds: number, warmups: number): Promise<{ readonly [side in 'ours' | 'raw' | 'twice']: readonly number[] } & { readonly bytes: number }>;
}

window.bench = {
	async record(rounds, warmups) {
		const vault = await openIndexedDbVault({ places: await storagePlaces('vault'), name: 'vault', onFinding: () => undefined });
		const shop = await openSealingShop();
		const till = await shop.till({ vault });
		const plain = await openPlain();
		const copies = [await openCopy('copy-1'), await openCopy('copy-2')];
		const bytes = (await till.sell('the-first-sale-of-all')).entries[0]?.sealed.length ?? 0;
		const [ours, raw, twice]: [number[], number[], number[]] = [[], [], []];
		for (let round = 0; round < warmups + rounds; round += 1) {
			// Every sale was an open cart before, saved with its last line.
			await vault.saveCart(cartOf(`sale-${round}-of-the-bench`), till.ownership);
			const sides: (readonly [number[], () => Promise<unknown>])[] = [
				[ours, () => till.sell(`sale-${round}-of-the-bench`)],
				[raw, () => putStrictly(plain, crypto.getRandomValues(new Uint8Array(bytes)), round)],
				[
					twice,
					async () => {
						for (const copy of copies) await recordPlainly(copy, new Uint8Array(bytes), round + 1);
					},
				],
			];
			if (round % 2 === 1) sides.reverse();
			for (const [times, work] of sides) {
				const begun = performance.now();
				await work();
				if (round >= warmups) times.push(performance.now() - begun);
			}
		}
		return { ours, raw, twice, bytes };
	},
};

function openPlain(): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open('plain', 1);
		request.onupgradeneeded = () => request.result.createObjectStore('sales');
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

function putStrictly(database: IDBDatabase, bytes: Uint8Array, key: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const transaction = database.transaction('sales', 'readwrite', { durability: 'strict' });
		transaction.objectStore('sales').put(bytes, key);
		transaction.oncomplete = () => {
			resolve();
		};
		transaction.onabort = () => {
			reject(transaction.error as DOMException);
		};
	});
}

function openCopy(name: string): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => {
			const { result } = request;
			result.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
			const sales = result.createObjectStore('sales', { keyPath: 'key' });
			sales.createIndex('status', ['status', 'seq']);
			sales.createIndex('seq', 'seq');
			for (const store of ['carts', 'device']) result.createObjectStore(store);
		};
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

function recordPlainly(database: IDBDatabase, sealed: Uint8Array, seq: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const transaction = database.transaction(['own', 'sales', 'carts', 'device'], 'readwrite', { durability: 'strict' });
		const key = `sale-${seq}-of-the-copies`;
		transaction.objectStore('device').getAll();
		transaction.objectStore('own').index('key').getKey(key).onsuccess = () => {
			transaction.objectStore('own').put({ scope: 'branch', seq, key, sealed });
			transaction.objectStore('sales').put({ key, status: 'recorded', seq, totalMinor: 250 });
			transaction.objectStore('carts').delete(key);
			transaction.objectStore('device').put({ version: seq }, 'state');
			transaction.objectStore('device').put(seq, 'writes');
			transaction.commit();
		};
		transaction.oncomplete = () => {
			resolve();
		};
		transaction.onabort = () => {
			reject(transaction.error as DOMException);
		};
	});
}

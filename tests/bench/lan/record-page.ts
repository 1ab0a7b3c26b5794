/** The page of the row `record`: a till's real vault, keys and commit in Chromium, and beside it the plainest strict transaction that there is. */
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { openSealingShop } from '../../support/sealing-till.ts';

declare global {
	interface Window {
		bench: RecordPage;
	}
}

export interface RecordPage {
	/** Milliseconds of each, one of the one after one of the other; bytes of a sealed sale. */
	record(rounds: number, warmups: number): Promise<{ readonly ours: readonly number[]; readonly raw: readonly number[]; readonly bytes: number }>;
}

window.bench = {
	async record(rounds, warmups) {
		const vault = await openIndexedDbVault({ places: await storagePlaces('vault'), name: 'vault', onFinding: () => undefined });
		const shop = await openSealingShop();
		const till = await shop.till({ vault });
		const plain = await openPlain();
		const bytes = (await till.sell('the-first-sale-of-all')).entries[0]?.sealed.length ?? 0;
		const [ours, raw]: [number[], number[]] = [[], []];
		for (let round = 0; round < warmups + rounds; round += 1) {
			const sides: (readonly [number[], () => Promise<unknown>])[] = [
				[ours, () => till.sell(`sale-${round}-of-the-bench`)],
				[raw, () => putStrictly(plain, crypto.getRandomValues(new Uint8Array(bytes)), round)],
			];
			if (round % 2 === 1) sides.reverse();
			for (const [times, work] of sides) {
				const begun = performance.now();
				await work();
				if (round >= warmups) times.push(performance.now() - begun);
			}
		}
		return { ours, raw, bytes };
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

/** What lies on the disk of a Chromium till, read by its own page from its own databases: no word of the till is taken for it, and no part of the app helps. */
import type { Page } from 'playwright/test';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { bytesOfHex } from '#schemas/cbor.ts';

export interface TillDisk {
	/** Whose entries the vault holds. */
	readonly device: string;
	/** Sealed entries: its own, from the vault, and what it has heard. */
	readonly sealed: readonly Uint8Array[];
	readonly certificates: readonly Uint8Array[];
}

/** Throws when a database cannot be read. */
export async function diskOf(page: Page): Promise<TillDisk> {
	const { own, heard, certificates } = await page.evaluate(async () => {
		type Buckets = { open(name: string): Promise<{ readonly indexedDB: IDBFactory }> };
		const buckets = (navigator as unknown as { readonly storageBuckets: Buckets }).storageBuckets;
		const done = <Result>(request: IDBRequest<Result>): Promise<Result> =>
			new Promise((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error as DOMException);
			});
		const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
		async function all(bucket: string, store: string): Promise<readonly unknown[]> {
			const { indexedDB } = await buckets.open(bucket);
			const found: unknown[] = [];
			for (const { name = '' } of await indexedDB.databases()) {
				const database = await done(indexedDB.open(name));
				if (database.objectStoreNames.contains(store)) found.push(...(await done(database.transaction(store).objectStore(store).getAll())));
				database.close();
			}
			return found;
		}
		const sealedIn = async (bucket: string, store: string): Promise<readonly string[]> =>
			((await all(bucket, store)) as readonly { readonly sealed: Uint8Array }[]).map((entry) => hex(entry.sealed));
		return {
			own: await sealedIn('holdfast-vault-a', 'own'),
			heard: await sealedIn('holdfast-heard-a', 'heard'),
			certificates: ((await all('holdfast-heard-a', 'certificates')) as readonly Uint8Array[]).map(hex),
		};
	});
	return { device: authorOf(own[0]), sealed: [...own, ...heard].map(bytesOfHex), certificates: certificates.map(bytesOfHex) };
}

function authorOf(sealed: string | undefined): string {
	const parts = sealed === undefined ? undefined : splitSealed(bytesOfHex(sealed));
	const entry = parts === undefined ? undefined : decodeBody(parts.body);
	return entry === undefined || 'damaged' in entry ? '' : entry.header.device;
}

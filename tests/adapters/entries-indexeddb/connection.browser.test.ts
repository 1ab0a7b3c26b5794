/** What a browser does to a database that is in use: closes it, deletes it, aborts a transaction. What was acknowledged stays; what cannot be written says so. */
import { afterEach, expect, test, vi } from 'vitest';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import type { Vault, VaultFinding } from '#ports';
import { change, plainEntry } from '../../contracts/vault.ts';

interface Buckets {
	open(name: string): Promise<{ readonly indexedDB: IDBFactory }>;
	delete(name: string): Promise<void>;
}
const buckets = (navigator as Navigator & { readonly storageBuckets: Buckets }).storageBuckets;

let count = 0;
const newName = (): string => `fault-${(count += 1)}-${crypto.randomUUID()}`;

/** Two places of their own, so that one can be evicted. */
async function twoPlaces(name: string): Promise<readonly IDBFactory[]> {
	return Promise.all(['a', 'b'].map(async (place) => (await buckets.open(`${name}-${place}`)).indexedDB));
}

const findings: (VaultFinding | string)[] = [];
const openVault = (name: string, places: readonly IDBFactory[]): Promise<Vault> =>
	openIndexedDbVault({ places, name, onFinding: (finding) => findings.push(finding) });

async function sell(vault: Vault, ownership: number, key: string): Promise<void> {
	expect(await vault.record(change(await vault.read(), ownership, key))).toHaveProperty('recorded');
}

/** Connections that are opened from now on. */
function watchConnections(): IDBDatabase[] {
	const opened: IDBDatabase[] = [];
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...asked) {
		if (!opened.includes(this)) opened.push(this);
		return transaction.apply(this, asked);
	});
	return opened;
}

/** As when its storage process went away: the connection is over, and `close` is told. */
function browserCloses(database: IDBDatabase): void {
	database.close();
	setTimeout(() => database.dispatchEvent(new Event('close')));
}

afterEach(() => {
	vi.restoreAllMocks();
	findings.length = 0;
});

test('a database that the browser closed is opened again: the next sale is recorded, and the cashier notices nothing', async () => {
	const opened = watchConnections();
	const name = newName();
	const vault = await openVault(name, await twoPlaces(name));
	const ownership = await vault.takeOwnership();
	await sell(vault, ownership, 'before-closing');
	for (const database of [...opened]) browserCloses(database);
	await sell(vault, ownership, 'after-closing');
	await new Promise((resolve) => setTimeout(resolve, 20)); // And once more when the notice has long been there.
	for (const database of opened.slice(-2)) browserCloses(database);
	await new Promise((resolve) => setTimeout(resolve, 20));
	await sell(vault, ownership, 'after-notice');
	expect(await vault.read()).toMatchObject({ lastReceiptNumber: 3, ownership });
	expect(findings).toEqual([]);
	await vault.close();
	for (const place of await twoPlaces(name)) {
		const copy = await openVault(name, [place]);
		expect(await copy.ownEntries('branch', 1, 10)).toHaveLength(3);
		await copy.close();
	}
});

test('a transaction that the browser cut off with its connection is tried once more, and is there once', async () => {
	const opened = watchConnections();
	const name = newName();
	const [place] = (await twoPlaces(name)) as [IDBFactory];
	const vault = await openVault(name, [place]);
	const ownership = await vault.takeOwnership();
	const put = IDBObjectStore.prototype.put;
	let isCut = false;
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...asked) {
		const request = put.apply(this, asked);
		if (!isCut && this.name === 'sales') {
			isCut = true;
			const { transaction } = this;
			queueMicrotask(() => {
				browserCloses(opened[0]!);
				transaction.abort();
			});
		}
		return request;
	});
	await sell(vault, ownership, 'cut-off-sale');
	expect(isCut).toBe(true);
	expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(1);
	expect((await vault.read()).lastReceiptNumber).toBe(1);
	await vault.close();
});

test('a transaction that is aborted while its connection lives is an error, and nothing of it is written', async () => {
	const name = newName();
	const vault = await openVault(name, await twoPlaces(name));
	const ownership = await vault.takeOwnership();
	const put = IDBObjectStore.prototype.put;
	const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...asked) {
		const request = put.apply(this, asked);
		if (this.name === 'sales') this.transaction.abort();
		return request;
	});
	const before = await vault.read();
	await expect(vault.record(change(before, ownership, 'aborted-sale'))).rejects.toMatchObject({ name: 'StorageError', kind: 'failed' });
	spy.mockRestore();
	expect(await vault.read()).toEqual(before);
	expect(await vault.ownEntries('branch', 1, 10)).toEqual([]);
	// The same key again: it is paid once.
	await sell(vault, ownership, 'aborted-sale');
	expect((await vault.read()).lastReceiptNumber).toBe(1);
	await vault.close();
});

test('storage that is evicted while the till runs refuses the sale, and makes no empty till in its place; the other copy restores it', async () => {
	const name = newName();
	const places = await twoPlaces(name);
	const vault = await openVault(name, places);
	const ownership = await vault.takeOwnership();
	await sell(vault, ownership, 'before-eviction');
	const before = await vault.read();
	await buckets.delete(`${name}-a`);
	await expect(vault.record(change(before, ownership, 'too-late-sale'))).rejects.toMatchObject({ name: 'StorageError' });
	await expect(vault.read()).rejects.toMatchObject({ name: 'StorageError' });
	await vault.close();

	const again = await openVault(name, await twoPlaces(name));
	expect(findings).toEqual([{ found: 'copy-restored' }]);
	expect(await again.read()).toMatchObject({ lastReceiptNumber: 1 });
	await sell(again, await again.takeOwnership(), 'after-eviction');
	await again.close();
});

test('a database that was deleted behind the till’s back is not made anew while it runs', async () => {
	const opened = watchConnections();
	const name = newName();
	const [place] = (await twoPlaces(name)) as [IDBFactory];
	const vault = await openVault(name, [place]);
	const ownership = await vault.takeOwnership();
	await sell(vault, ownership, 'before-deletion');
	for (const database of opened) database.close();
	await new Promise((resolve) => (place.deleteDatabase(name).onsuccess = resolve));
	for (const database of opened) database.dispatchEvent(new Event('close'));
	await expect(vault.read()).rejects.toMatchObject({ kind: 'closed', message: expect.stringContaining('deleted') as string });
	await expect(vault.takeOwnership()).rejects.toMatchObject({ kind: 'closed' });
	expect((await place.databases()).map((one) => one.name)).not.toContain(name);
	await vault.close();
});

test('what the worker hears is written on after the browser closed its database', async () => {
	const opened = watchConnections();
	const name = newName();
	const store = await openIndexedDbEntryStore({
		places: await twoPlaces(name),
		name,
		ownership: 1,
		onFinding: (sentence) => findings.push(sentence),
	});
	await store.add([plainEntry('branch', 1, 'heard-one')]);
	for (const database of [...opened]) browserCloses(database);
	await store.add([plainEntry('branch', 2, 'heard-two')]);
	expect((await store.page(undefined, 10)).sealed).toHaveLength(2);
	expect(findings).toEqual([]);
	await store.close();
});

/**
 * The till's databases as earlier versions of the app wrote them, in the browser's own words and with nothing of today's code: never changed, only added to.
 * A till that was off for a year is opened with what it has.
 */
export interface OlderSale {
	readonly seq: number;
	readonly key: string;
	readonly hash: string;
	readonly prev: string | undefined;
	readonly sealed: Uint8Array;
}

/** Version 1 of the vault: sales that nobody has got yet, the open cart of the moment, and the till's place in its shop. */
export async function writeVaultVersion1(place: IDBFactory, name: string, sales: readonly OlderSale[]): Promise<void> {
	const database = await opened(place, name, 1, (made) => {
		made.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
		made.createObjectStore('sales', { keyPath: 'key' }).createIndex('status', ['status', 'seq']);
		made.createObjectStore('carts', { keyPath: 'key' });
		made.createObjectStore('values');
		made.createObjectStore('device');
	});
	await fillVault(database, sales);
}

/** Version 2 of the vault: the same, and its sales by seq. */
export async function writeVaultVersion2(place: IDBFactory, name: string, sales: readonly OlderSale[]): Promise<void> {
	const database = await opened(place, name, 2, (made) => {
		made.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
		const bySale = made.createObjectStore('sales', { keyPath: 'key' });
		bySale.createIndex('status', ['status', 'seq']);
		bySale.createIndex('seq', 'seq');
		made.createObjectStore('carts', { keyPath: 'key' });
		made.createObjectStore('values');
		made.createObjectStore('device');
	});
	await fillVault(database, sales);
}

/**
 * The vault of today in both its places as version 1 had it, with what lies there: for a till that has lived. It holds nothing of this file, so that a page of
 * the till that runs no app can be given it to run. What a log would still have to put in its place must be there: the till was started and has recorded nothing since.
 */
export async function layDownVaultVersion1(name: string): Promise<number> {
	const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: { open(name: string): Promise<{ indexedDB: IDBFactory }> } };
	const answer = <Result>(request: IDBRequest<Result>): Promise<Result> =>
		new Promise((resolve, reject) => {
			request.onsuccess = () => {
				resolve(request.result);
			};
			request.onerror = () => {
				reject(request.error as DOMException);
			};
		});
	let sales = 0;
	for (const place of ['holdfast-vault-a', 'holdfast-vault-b']) {
		const { indexedDB } = await storageBuckets.open(place);
		const today = await answer(indexedDB.open(name));
		const rows = new Map<string, { readonly keys: IDBValidKey[]; readonly values: unknown[] }>();
		for (const store of ['own', 'sales', 'carts', 'values', 'device']) {
			const from = today.transaction(store).objectStore(store);
			rows.set(store, { keys: await answer(from.getAllKeys()), values: await answer<unknown[]>(from.getAll()) });
		}
		today.close();
		await answer(indexedDB.deleteDatabase(name));
		const opening = indexedDB.open(name, 1);
		opening.onupgradeneeded = () => {
			const made = opening.result;
			made.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
			made.createObjectStore('sales', { keyPath: 'key' }).createIndex('status', ['status', 'seq']);
			made.createObjectStore('carts', { keyPath: 'key' });
			made.createObjectStore('values');
			made.createObjectStore('device');
		};
		const older = await answer(opening);
		const writing = older.transaction([...rows.keys()], 'readwrite', { durability: 'strict' });
		for (const [store, { keys, values }] of rows) {
			const into = writing.objectStore(store);
			for (const [at, value] of values.entries()) into.put(value, ...(into.keyPath === null ? [keys[at]] : []));
		}
		await new Promise<void>((resolve, reject) => {
			writing.oncomplete = () => {
				resolve();
			};
			writing.onabort = () => {
				reject(writing.error as DOMException);
			};
		});
		older.close();
		sales = rows.get('sales')?.values.length ?? 0;
	}
	return sales;
}

async function fillVault(database: IDBDatabase, sales: readonly OlderSale[]): Promise<void> {
	const transaction = database.transaction(['own', 'sales', 'carts', 'values', 'device'], 'readwrite', { durability: 'strict' });
	for (const { seq, key, hash, sealed } of sales) {
		transaction.objectStore('own').put({ scope: 'branch', seq, hash, key, sealed });
		transaction
			.objectStore('sales')
			.put({ key, receipt: { till: 3, number: seq }, totalMinor: 250, atMs: 1_700_000_000_000 + seq, status: 'recorded', entry: hash, seq });
	}
	transaction.objectStore('carts').put({ key: 'cart-of-back-then', lines: [], changedAtMs: 1 });
	transaction.objectStore('values').put(true, 'workAlone');
	const last = sales.at(-1);
	const branch = last && { seq: last.seq, hash: last.hash, seen: new Map([['aa:b', ['aa'.repeat(8), 'b', 1, 'bb'.repeat(8)]]]) };
	const state = { version: sales.length, ownership: 7, heads: { branch, store: undefined }, hlc: [sales.length, 0], lastReceiptNumber: sales.length };
	transaction.objectStore('device').put(state, 'state');
	transaction.objectStore('device').put(sales.length + 3, 'writes');
	await ended(transaction);
	database.close();
}

/** Version 1 of what the worker heard. */
export async function writeHeardVersion1(
	place: IDBFactory,
	name: string,
	entries: readonly { readonly device: string; readonly scope: string; readonly seq: number; readonly hash: string; readonly sealed: Uint8Array }[],
): Promise<void> {
	const database = await opened(place, name, 1, (made) => {
		made.createObjectStore('heard');
		made.createObjectStore('certificates');
		made.createObjectStore('damaged', { autoIncrement: true });
		made.createObjectStore('caches');
		made.createObjectStore('owner');
	});
	const transaction = database.transaction(['heard', 'certificates', 'caches', 'owner'], 'readwrite', { durability: 'strict' });
	for (const { device, scope, seq, hash, sealed } of entries) transaction.objectStore('heard').put({ sealed }, [device, scope, seq, hash]);
	transaction.objectStore('certificates').put(new Uint8Array([1, 2, 3]), 'a1'.repeat(32));
	transaction.objectStore('caches').put(new Uint8Array([9]), 'head');
	transaction.objectStore('owner').put(7, 'number');
	await ended(transaction);
	database.close();
}

function opened(place: IDBFactory, name: string, version: number, make: (database: IDBDatabase) => void): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = place.open(name, version);
		request.onupgradeneeded = () => {
			make(request.result);
		};
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

function ended(transaction: IDBTransaction): Promise<void> {
	return new Promise((resolve, reject) => {
		transaction.oncomplete = () => {
			resolve();
		};
		transaction.onabort = () => {
			reject(transaction.error as DOMException);
		};
	});
}

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

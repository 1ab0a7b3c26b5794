/**
 * The caches as the last run left them, read before their place is claimed: the cached rows are on their way while the vault opens.
 *
 * 1. Nothing is written and nothing made: what is not there is absent, and so is what cannot be read. Whoever claims the place next finds what it holds.
 * 2. Whose they are is told with them: another device's are not shown.
 */
export interface CachesAhead {
	readonly device: string | undefined;
	readonly caches: ReadonlyMap<string, Uint8Array>;
}

/** `wanted`: names, and beginnings of names. */
export async function readCachesAhead(place: IDBFactory, databaseName: string, wanted: { names: string[]; prefix: string }): Promise<CachesAhead> {
	const nothing: CachesAhead = { device: undefined, caches: new Map() };
	const database = await open(place, databaseName).catch(() => undefined);
	if (database === undefined) return nothing;
	try {
		const transaction = database.transaction(['caches', 'owner'], 'readonly');
		const caches = transaction.objectStore('caches');
		const range = IDBKeyRange.bound(wanted.prefix, `${wanted.prefix}\uffff`);
		const [device, keys, values, ...named] = await Promise.all([
			answer<unknown>(transaction.objectStore('owner').get('device')),
			answer(caches.getAllKeys(range)),
			answer<Uint8Array[]>(caches.getAll(range)),
			...wanted.names.map((name) => answer<Uint8Array | undefined>(caches.get(name))),
		]);
		const found = [...keys.map((key, at) => [String(key), values[at]] as const), ...wanted.names.map((name, at) => [name, named[at]] as const)];
		return {
			device: typeof device === 'string' ? device : undefined,
			caches: new Map(found.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const]))),
		};
	} catch {
		return nothing;
	} finally {
		database.close();
	}
}

function open(place: IDBFactory, name: string): Promise<IDBDatabase> {
	const request = place.open(name);
	request.onupgradeneeded = () => {
		request.transaction?.abort();
	};
	return answer(request);
}

function answer<Value>(request: IDBRequest<Value>): Promise<Value> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

/**
 * Entries heard from others, in a browser: opened by the worker, in databases of its own. Contract: `tests/contracts/entry-store.ts`.
 *
 * 1. The worker and `commit` write different databases: a cashier never queues behind a sync.
 * 2. Of two workers that were given an owner's number, only that of the newer owner writes: terminating a worker takes the browser a while.
 * 3. Entries and certificates lie in each place, written one place after the other; a place that lacks some gets them from the other when it is opened.
 *    Without them a till that is alone would have no products to sell. Caches and findings lie in the first place only, but for the checkpoint: since
 *    entries below it may have been pruned, it is no mere cache.
 * 4. What is pruned leaves in the transaction that writes the checkpoint which stands for it.
 * 5. What another device heard here is not ours: a vault that was lost (or left its shop) beside this begins with an empty one.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { StorageError, type DamagedBytes, type PrunableEntryStore, type StoreCursor } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { connect, left, type Connection } from './connection.ts';

const SCHEMA_VERSION = 1;
const COPY_PAGE = 1_000;
/** Caches that nothing on this disk can make again once entries below them are pruned. */
const CHECKPOINTS: readonly string[] = ['checkpoint', 'adopted'];

interface HeardSchema extends DBSchema {
	heard: { key: [string, string, number, string]; value: { sealed: Uint8Array } };
	certificates: { key: string; value: Uint8Array };
	damaged: { key: number; value: DamagedBytes };
	caches: { key: string; value: Uint8Array };
	/** `pruned`: how often. */
	owner: { key: 'number' | 'pruned' | 'device'; value: number | string };
}
type Kept = 'heard' | 'certificates' | 'damaged' | 'caches';
type Place = Connection<HeardSchema>;

export interface EntryStoreDeps {
	readonly places: readonly IDBFactory[];
	readonly name: string;
	readonly ownership?: number | undefined;
	/** Whose it is; absent: nobody asks. */
	readonly device?: string | undefined;
	/** Sentences for whoever looks after the till: a copy that was lost, restored, or given up. */
	readonly onFinding: (sentence: string) => void;
}

export async function openIndexedDbEntryStore({ places, name, ownership, device, onFinding }: EntryStoreDeps): Promise<PrunableEntryStore> {
	const opened = await Promise.allSettled(places.map((place) => connect<HeardSchema>({ place, name, version: SCHEMA_VERSION, upgrade })));
	const copies: Place[] = [];
	for (const one of opened) {
		if (one.status === 'fulfilled') copies.push(one.value);
		else if (opened.every(({ status }) => status === 'rejected')) throw one.reason;
		else onFinding(`one copy of what this till has heard does not open: ${(one.reason as Error).message}`);
	}
	const primary = copies[0] as Place;
	let mirrors = copies.slice(1);
	try {
		if (ownership !== undefined) for (const copy of copies) await claim(copy, ownership, device);
		await makeEqual(copies, writeTo, onFinding);
	} catch (error) {
		for (const copy of copies) copy.close();
		throw error;
	}

	function writeTo<Name extends Kept, Result>(
		place: Place,
		store: Name,
		work: (transaction: IDBPTransaction<HeardSchema, (Name | 'owner')[], 'readwrite'>) => Promise<Result>,
	): Promise<Result> {
		return place.write<(Name | 'owner')[], Result>([store, 'owner'], async (transaction) => {
			const owner: unknown = ownership === undefined ? undefined : await transaction.objectStore<Name | 'owner'>('owner').get('number');
			if (owner !== ownership) throw notOwner();
			return work(transaction);
		});
	}

	/** Answers for the first place; another that fails is given up until the next start. */
	async function writeToEach<Result>(write: (place: Place) => Promise<Result>): Promise<Result> {
		const result = await write(primary);
		for (const mirror of mirrors) {
			try {
				await write(mirror);
			} catch (error) {
				if (error instanceof StorageError && error.kind === 'not-owner') throw error;
				mirrors = mirrors.filter((one) => one !== mirror);
				onFinding(`one copy of what this till has heard cannot be written: ${(error as Error).message}`);
			}
		}
		return result;
	}
	function pruneIn(place: Place, ...[upTo, caches]: Parameters<PrunableEntryStore['prune']>): Promise<number> {
		return place.write(['heard', 'caches', 'owner'], async (transaction) => {
			const owner = transaction.objectStore('owner');
			if (ownership !== undefined && (await owner.get('number')) !== ownership) throw notOwner();
			const heard = transaction.objectStore('heard');
			let count = 0;
			for (const { device: of, scope, seq } of upTo) {
				const range = IDBKeyRange.bound([of, scope, 0, ''], [of, scope, seq + 1, ''], false, true);
				count += await heard.count(range);
				left(heard.delete(range));
			}
			for (const [cache, bytes] of caches) left(transaction.objectStore('caches').put(bytes, cache));
			left(owner.put(Number((await owner.get('pruned')) ?? 0) + 1, 'pruned'));
			return count;
		});
	}

	/** In turn, so that no two places are ever written at once. */
	let tail: Promise<unknown> = Promise.resolve();
	function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
		const mine = tail.then(task);
		tail = mine.catch(() => undefined);
		return mine;
	}

	return {
		add: (entries) =>
			inTurn(() => writeToEach((place) => writeTo(place, 'heard', (transaction) => addTo(transaction.objectStore('heard'), entries.map(keyed))))),
		page: (after, limit) =>
			primary.read(async (database) => {
				const { keys, values } = await pageOf(database, after, limit);
				return { sealed: values.map(({ sealed }) => sealed), cursor: keys.at(-1) as StoreCursor | undefined };
			}),
		chain: (device, scope, fromSeq, limit) =>
			primary.read(async (database) => {
				const range = IDBKeyRange.bound([device, scope, fromSeq, ''], [device, scope, Infinity, '']);
				return (await database.getAll('heard', range, limit)).map(({ sealed }) => sealed);
			}),
		addCertificates: (chains) =>
			inTurn(() =>
				writeToEach((place) =>
					writeTo(place, 'certificates', async (transaction) => {
						for (const { device, chain } of chains) left(transaction.objectStore('certificates').put(chain, device));
					}),
				),
			),
		certificates: () => primary.read((database) => database.getAll('certificates')),
		addDamaged: (found) =>
			inTurn(() =>
				writeTo(primary, 'damaged', async (transaction) => {
					left(transaction.objectStore('damaged').add(found));
				}),
			),
		damaged: () => primary.read((database) => database.getAll('damaged')),
		getCache: (cache) => primary.read((database) => database.get('caches', cache)),
		setCache: (cache, bytes) =>
			inTurn(() => {
				const write = (place: Place): Promise<void> =>
					writeTo(place, 'caches', async (transaction) => {
						left(transaction.objectStore('caches').put(bytes, cache));
					});
				return CHECKPOINTS.includes(cache) ? writeToEach(write) : write(primary);
			}),
		prune: (upTo, caches) => inTurn(() => writeToEach((place) => pruneIn(place, upTo, caches))),
		close: () => {
			for (const copy of copies) copy.close();
			return Promise.resolve();
		},
	};
}

function upgrade(database: IDBPDatabase<HeardSchema>, before: number): void {
	if (before >= 1) return;
	database.createObjectStore('heard');
	database.createObjectStore('certificates');
	database.createObjectStore('damaged', { autoIncrement: true });
	database.createObjectStore('caches');
	database.createObjectStore('owner');
}

async function claim(place: Place, ownership: number, device: string | undefined): Promise<void> {
	await place.write(['heard', 'certificates', 'damaged', 'caches', 'owner'], async (transaction) => {
		const store = transaction.objectStore('owner');
		const [number, before] = await Promise.all([store.get('number'), store.get('device')]);
		const isOfAnother = device !== undefined && before !== undefined && before !== device;
		if (!isOfAnother && Number(number ?? 0) > ownership) throw notOwner();
		if (isOfAnother) for (const name of ['heard', 'certificates', 'damaged', 'caches', 'owner'] as const) left(transaction.objectStore(name).clear());
		left(store.put(ownership, 'number'));
		if (device !== undefined) left(store.put(device, 'device'));
	});
}

/** Deleted is only by pruning, which is counted: places that hold as much and were pruned as often hold the same. */
async function makeEqual(
	copies: readonly Place[],
	writeTo: <Name extends Kept>(
		place: Place,
		store: Name,
		work: (transaction: IDBPTransaction<HeardSchema, (Name | 'owner')[], 'readwrite'>) => Promise<unknown>,
	) => Promise<unknown>,
	onFinding: (sentence: string) => void,
): Promise<void> {
	const counts = await Promise.all(
		copies.map((copy) =>
			copy.read(async (database) => ({
				heard: await database.count('heard'),
				certificates: await database.count('certificates'),
				pruned: Number((await database.get('owner', 'pruned')) ?? 0),
			})),
		),
	);
	const pruned = Math.max(...counts.map((count) => count.pruned));
	// Where one was pruned and the other not, either may hold what the other lacks; what had left comes back, and leaves the next time.
	const arePrunedAlike = counts.every((count) => count.pruned === pruned);
	const most = { heard: Math.max(...counts.map(({ heard }) => heard)), certificates: Math.max(...counts.map(({ certificates }) => certificates)) };
	for (const [place, to] of copies.entries()) {
		const count = counts[place];
		if (count === undefined || (count.heard === most.heard && count.certificates === most.certificates && arePrunedAlike)) continue;
		if (count.heard === 0 && most.heard > COPY_PAGE)
			onFinding('the browser lost one copy of what this till has heard; it is restored from the other');
		for (const from of copies.filter((one) => one !== to)) await copyInto(from, to, writeTo);
		await to.write(['owner'], async (transaction) => {
			left(transaction.objectStore('owner').put(pruned, 'pruned'));
		});
	}
}

async function copyInto(from: Place, to: Place, writeTo: Parameters<typeof makeEqual>[1]): Promise<void> {
	const certificates = await from.read(async (database) => {
		const { store } = database.transaction('certificates');
		const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
		return { keys, values };
	});
	await writeTo(to, 'certificates', async (transaction) => {
		for (const [at, chain] of certificates.values.entries()) left(transaction.objectStore('certificates').put(chain, certificates.keys[at]));
	});
	const checkpoints = await from.read((database) => Promise.all(CHECKPOINTS.map((name) => database.get('caches', name))));
	// Before the entries: with a checkpoint and not all that lies above it a start is late, with these entries and no checkpoint it would have a hole.
	await writeTo(to, 'caches', async (transaction) => {
		const caches = transaction.objectStore('caches');
		const there = await Promise.all(CHECKPOINTS.map((name) => caches.get(name)));
		if (there.some((bytes) => bytes !== undefined)) return;
		for (const [at, bytes] of checkpoints.entries()) if (bytes !== undefined) left(caches.put(bytes, CHECKPOINTS[at]));
	});
	for (let after: StoreCursor | undefined; ;) {
		const { keys, values } = await from.read((database) => pageOf(database, after, COPY_PAGE));
		const page = values.flatMap((value, at) => ({ key: keys[at] as HeardSchema['heard']['key'], value }));
		if (page.length === 0) return;
		await writeTo(to, 'heard', (transaction) => addTo(transaction.objectStore('heard'), page));
		after = keys.at(-1);
	}
}

async function pageOf(database: IDBPDatabase<HeardSchema>, after: StoreCursor | undefined, limit: number) {
	const range = after === undefined ? null : IDBKeyRange.lowerBound([...after], true);
	const { store } = database.transaction('heard');
	const [keys, values] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
	return { keys, values };
}

interface Keyed {
	readonly key: HeardSchema['heard']['key'];
	readonly value: HeardSchema['heard']['value'];
}

function keyed({ hash, header, sealed }: Entry): Keyed {
	return { key: [header.device, header.scope, header.seq, hash], value: { sealed } };
}

async function addTo(
	heard: { getKey(key: Keyed['key']): Promise<unknown>; add(value: Keyed['value'], key: Keyed['key']): Promise<unknown> },
	entries: readonly Keyed[],
): Promise<ReadonlySet<EntryHash>> {
	const known = await Promise.all(entries.map(({ key }) => heard.getKey(key)));
	const fresh = new Set<EntryHash>();
	for (const [place, { key, value }] of entries.entries()) {
		const hash = key[3] as EntryHash;
		if (known[place] !== undefined || fresh.has(hash)) continue;
		fresh.add(hash);
		left(heard.add(value, key));
	}
	return fresh;
}

function notOwner(): StorageError {
	return new StorageError('not-owner', 'another tab of this till has taken over');
}

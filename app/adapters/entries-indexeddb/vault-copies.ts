/**
 * The vault's database, twice: one copy in each place of `storage-buckets`, so that what the browser deletes in one is restored from the other.
 *
 * Invariants:
 * 1. A write is acknowledged when both copies have it on disk.
 * 2. The copies are written one after the other, never at once: a kill tears one at most. One torn is deleted by the browser when it is opened the time
 *    after next, and by then the other is whole.
 * 3. Each write has a number, each owner too. Of two copies that differ, the one of the newer owner rules, then the one with more writes; the other is
 *    made equal to it before anything else is done.
 * 4. A copy that cannot be opened or written stops no sale: the other one goes on alone, and that is told. But an empty copy beside one that does not
 *    open is no new till: it is an error.
 * 5. A write whose outcome is known beforehand (a sale, a further line of an open cart: the state is the one that this connection left) is only added to
 *    each copy's log, under its owner and number, and asks nothing. What is in the log is written: the next read or other write puts it in its place first, in its own transaction.
 * 6. Of all that is written under one owner and number, one is true. Whoever writes under a number that another connection drew (above all, who takes
 *    over) takes the next place in that one's log: what it adds then fails, and it looks.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { StorageError, type SaleRecord, type VaultFinding, type VaultState } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Scope } from '#schemas/ids.ts';
import { connect, left, type Connection, type UpgradeTransaction } from './connection.ts';

/** 2: sales by seq. 3: the log. What each version before looked like stands in tests/support/older-databases.ts. */
const SCHEMA_VERSION = 3;
const STORES = ['own', 'sales', 'carts', 'values', 'device', 'log'] as const satisfies (keyof VaultSchema)[];
type Store = (typeof STORES)[number];

export interface VaultSchema extends DBSchema {
	/** The critical journal. */
	own: { key: [Scope, number]; value: { scope: Scope; seq: number; hash: string; key: string; sealed: Uint8Array }; indexes: { key: string } };
	sales: { key: string; value: SaleRecord; indexes: { status: [string, number]; seq: number } };
	carts: { key: string; value: Cart };
	values: { key: string; value: unknown };
	device: { key: 'state' | 'writes'; value: VaultState | number };
	/** Writes that are not in their place yet; without changes: a place that is taken. */
	log: { key: [number, number]; value: Logged };
}
interface Logged {
	readonly ownership: number;
	readonly number: number;
	readonly changes: readonly Change[];
}
type Change =
	| { readonly store: Store; readonly put: unknown; readonly key: IDBValidKey | undefined }
	| { readonly store: Store; readonly delete: IDBValidKey | IDBKeyRange };
type Transaction = IDBPTransaction<VaultSchema, Store[], 'readwrite'>;

export interface VaultWriter {
	readonly state: VaultState;
	/** For reading only: what is written past `put` and `delete` is in one copy. */
	readonly stores: Pick<Transaction, 'objectStore'>;
	put<Name extends Store>(store: Name, value: VaultSchema[Name]['value'], key?: VaultSchema[Name]['key']): void;
	delete<Name extends Store>(store: Name, key: VaultSchema[Name]['key']): void;
}

export interface VaultCopies {
	readonly read: Connection<VaultSchema>['read'];
	/**
	 * The work decides and writes in one transaction, which is then repeated in the other copy. `undefined` is nobody's number: it takes over.
	 * `ask` reads what the work must know, on the way on which the state is read.
	 */
	write<Result, Asked = undefined>(
		ownership: number | undefined,
		work: (writer: VaultWriter, asked: Asked) => Result | Promise<Result>,
		ask?: (stores: VaultWriter['stores']) => Promise<Asked>,
	): Promise<Result | 'not-owner'>;
	/**
	 * The same for work that asks nothing, in half the time. `undefined`, and nothing is written: this connection does not know the state for certain,
	 * `write` does.
	 */
	append<Result>(ownership: number, work: (writer: Omit<VaultWriter, 'stores'>) => Result): Promise<Result | 'not-owner' | undefined>;
	close(): void;
}

export interface VaultCopiesDeps {
	readonly places: readonly IDBFactory[];
	readonly name: string;
	/** For whoever looks after the till: a copy that was lost, restored, or given up. */
	readonly onFinding: (finding: VaultFinding) => void;
	readonly openTimeoutMs?: number | undefined;
}

export async function openVaultCopies({ places, name, onFinding, openTimeoutMs }: VaultCopiesDeps): Promise<VaultCopies> {
	const opened = await Promise.allSettled(
		places.map((place) => connect<VaultSchema>({ place, name, version: SCHEMA_VERSION, upgrade, openTimeoutMs })),
	);
	const failures = opened.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
	const copies = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
	const closeAll = (): void => {
		for (const copy of copies) copy.close();
	};
	try {
		const inUse = await makeEqual(copies, failures, onFinding);
		return createVaultCopies(inUse, closeAll, onFinding);
	} catch (error) {
		closeAll();
		throw error;
	}
}

export function stateOf(value: VaultState | number | undefined): VaultState {
	return typeof value === 'object' ? value : NEW_DEVICE;
}

const NEW_DEVICE: VaultState = { version: 0, ownership: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };

/** Step by step, so that a till that was off for a year gets each. */
function upgrade(database: IDBPDatabase<VaultSchema>, before: number, transaction: UpgradeTransaction<VaultSchema>): void {
	if (before < 1) {
		database.createObjectStore('own', { keyPath: ['scope', 'seq'] }).createIndex('key', 'key');
		database.createObjectStore('sales', { keyPath: 'key' }).createIndex('status', ['status', 'seq']);
		database.createObjectStore('carts', { keyPath: 'key' });
		database.createObjectStore('values');
		database.createObjectStore('device');
	}
	if (before < 2) transaction.objectStore('sales').createIndex('seq', 'seq');
	if (before < 3) database.createObjectStore('log', { keyPath: ['ownership', 'number'] });
}

// ——— two copies become equal

interface Standing {
	readonly ownership: number;
	readonly writes: number;
}

function isBehind(a: Standing, b: Standing): boolean {
	return a.ownership === b.ownership ? a.writes < b.writes : a.ownership < b.ownership;
}

/** Of a copy: the state in its place, and with `due`, which the log has beyond it, how far the copy has been written. */
interface Found {
	readonly state: VaultState;
	readonly standing: Standing;
	readonly log: readonly Logged[];
	readonly due: readonly Logged[];
}

/** Of the log from its owner on, for of each before it there is a place that is taken. Every write waits for this: in one go where `since` says whose it is. */
async function foundIn(stores: { objectStore(name: 'device' | 'log'): unknown }, since?: number): Promise<Found> {
	const device = stores.objectStore('device') as { getAll(): Promise<readonly (VaultState | number)[]> };
	const log = stores.objectStore('log') as { getAll(from: IDBKeyRange): Promise<readonly Logged[]> };
	const reading = device.getAll();
	const from = since ?? found(await reading, []).state.ownership;
	return found(...(await Promise.all([reading, log.getAll(IDBKeyRange.lowerBound([from]))])));
}

function found(device: readonly (VaultState | number)[], log: readonly Logged[]): Found {
	const state = stateOf(device.find((value) => typeof value === 'object'));
	const { ownership } = state;
	let writes = device.find((value) => typeof value === 'number') ?? 0;
	const due: Logged[] = [];
	for (const one of log) {
		if (one.ownership !== ownership || one.number !== writes + 1 || one.changes.length === 0) continue;
		due.push(one);
		writes += 1;
	}
	return { state, standing: { ownership, writes }, log, due };
}

async function standingOf(copy: Connection<VaultSchema>): Promise<Standing> {
	return (await copy.read((database) => foundIn(database.transaction(['device', 'log'])))).standing;
}

/** What the log has beyond the state; what it has besides is in its place already, or only takes one. */
function putInPlace(transaction: Transaction, { due, log, standing }: Found): void {
	if (due.length === 0) return;
	for (const change of withoutOverwritten(due.flatMap(({ changes }) => changes))) apply(transaction, change);
	for (const { ownership, number, changes } of log)
		if (changes.length > 0 && !isBehind(standing, { ownership, writes: number })) left(transaction.objectStore('log').delete([ownership, number]));
}

/** A cart was saved with each of its lines, and then paid: only the last of that stays. */
function withoutOverwritten(changes: readonly Change[]): readonly Change[] {
	const later = new Set<string>();
	return changes
		.toReversed()
		.filter((change) => {
			const place = placeOf(change);
			if (place === undefined) return true;
			if (later.has(place)) return false;
			later.add(place);
			return true;
		})
		.toReversed();
}

/** Undefined where each change is of a place of its own. */
function placeOf(change: Change): string | undefined {
	if (change.store === 'carts') return `cart ${'put' in change ? (change.put as Cart).key : String(change.delete)}`;
	return change.store === 'device' && 'put' in change ? `device ${String(change.key)}` : undefined;
}

async function makeEqual(
	copies: readonly Connection<VaultSchema>[],
	failures: readonly Error[],
	onFinding: (finding: VaultFinding) => void,
): Promise<readonly Connection<VaultSchema>[]> {
	const standings = await Promise.all(copies.map(standingOf));
	let best = 0;
	for (const [place, standing] of standings.entries()) if (isBehind(standings[best] ?? standing, standing)) best = place;
	const [source, ruling] = [copies[best], standings[best]];
	if (source === undefined || ruling === undefined || (failures.length > 0 && ruling.writes === 0))
		throw failures[0] ?? new StorageError('failed', 'there is no place for this till’s storage');
	for (const failure of failures) onFinding({ found: 'copy-does-not-open', detail: failure.message });

	const equal: Connection<VaultSchema>[] = [];
	for (const [place, copy] of copies.entries()) {
		const standing = standings[place];
		if (copy.wasDeleted && ruling.writes === 0) onFinding({ found: 'no-second-copy' });
		try {
			if (standing !== undefined && isBehind(standing, ruling)) {
				await copyAll(source, copy);
				if (standing.writes === 0) onFinding({ found: 'copy-restored' });
			}
			equal.push(copy);
		} catch (error) {
			onFinding(unwritten(error));
		}
	}
	return equal;
}

function unwritten(error: unknown): VaultFinding {
	return {
		found: error instanceof StorageError && error.kind === 'full' ? 'copy-is-full' : 'copy-cannot-be-written',
		detail: (error as Error).message,
	};
}

/** Everything, in one transaction; unless the other is not behind any more. */
async function copyAll(from: Connection<VaultSchema>, to: Connection<VaultSchema>): Promise<void> {
	const content = await from.read((database) => {
		const transaction = database.transaction([...STORES]);
		return Promise.all(
			STORES.map(async (name) => {
				const store = transaction.objectStore(name);
				const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
				return { name, keys, values };
			}),
		);
	});
	const valuesOf = (store: Store): readonly unknown[] => content.find(({ name }) => name === store)?.values ?? [];
	const ruling = found(valuesOf('device') as readonly (VaultState | number)[], valuesOf('log') as readonly Logged[]).standing;
	await to.write([...STORES], async (transaction) => {
		if (!isBehind((await foundIn(transaction)).standing, ruling)) return;
		for (const { name, keys, values } of content) {
			left(transaction.objectStore(name).clear());
			for (const [at, value] of values.entries()) put(transaction, name, value, keys[at]);
		}
	});
}

// ——— and stay equal

/** A mirror that failed is made equal again with everything it missed, which costs more than one write: a till with a full disk must not feel it. */
const RETRY_AFTER_WRITES = 20;

/** A tab that was taken over so often and still lives is none. */
const MOST_TAKEN = 1_000;

/** What a write came to in the first copy, for the other. */
interface Done {
	readonly changes: readonly Change[];
	readonly number: number;
	readonly ownership: number;
}

function createVaultCopies(copies: readonly Connection<VaultSchema>[], close: () => void, onFinding: (finding: VaultFinding) => void): VaultCopies {
	const [first, mirror] = copies;
	if (first === undefined) throw new StorageError('failed', 'no copy of this till’s vault can be written');
	const primary = first;
	/** Writes that the mirror lacks since it failed; 0: none. */
	let missed = 0;
	/** The owner's number that this connection drew. */
	let drawn: number | undefined;
	/** How this connection's last write left the first copy, while nobody else may have written it: a number that it drew, and no failure. */
	let known: { readonly state: VaultState; readonly standing: Standing } | undefined;
	/** This connection has added to the log of the first copy since it last put everything in its place. */
	let hasAdded = false;
	let tail: Promise<unknown> = Promise.resolve();

	function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
		const mine = tail.then(task).catch((error: unknown) => {
			known = undefined;
			throw error;
		});
		tail = mine.catch(() => undefined);
		return mine;
	}

	async function write<Result, Asked>(
		ownership: number | undefined,
		work: (writer: VaultWriter, asked: Asked) => Result | Promise<Result>,
		ask?: (stores: VaultWriter['stores']) => Promise<Asked>,
	): Promise<Result | 'not-owner'> {
		const isDrawn = ownership !== undefined && ownership === drawn;
		const done = await primary.write([...STORES], async (transaction) => {
			const look = () => Promise.all([foundIn(transaction, drawn), ask?.(transaction)]);
			let [there, asked] = await look();
			if (there.due.length > 0) {
				putInPlace(transaction, there);
				[there, asked] = await look();
			}
			const { state, standing } = there;
			if (ownership !== undefined && ownership !== state.ownership) return undefined;
			const { writer, changes } = gathering(state);
			const result = await work({ ...writer, stores: transaction }, asked as Asked);
			const number = standing.writes + 1;
			if (changes.length > 0) {
				changes.push({ store: 'device', put: number, key: 'writes' });
				if (!isDrawn) changes.push(...takingPlace(state.ownership, number));
			}
			for (const change of changes) apply(transaction, change);
			return { result, changes, state, number, ownership: ownership ?? state.ownership + 1 };
		});
		hasAdded = false;
		if (done === undefined) {
			known = undefined;
			return 'not-owner';
		}
		if (ownership === undefined) drawn = done.ownership;
		const writes = done.changes.length > 0 ? done.number : done.number - 1;
		known = done.ownership === drawn ? { state: stateAfter(done), standing: { ownership: done.ownership, writes } } : undefined;
		return (await mirrored(done, repeat)) ? done.result : 'not-owner';
	}

	async function append<Result>(ownership: number, work: (writer: Omit<VaultWriter, 'stores'>) => Result): Promise<Result | 'not-owner' | undefined> {
		if (known?.standing.ownership !== ownership) return undefined;
		const { state, standing } = known;
		const { writer, changes } = gathering(state);
		const result = work(writer);
		if (changes.length === 0) return result;
		const number = standing.writes + 1;
		const done = { changes: [...changes, { store: 'device', put: number, key: 'writes' } as const], number, ownership };
		if (!(await primary.add('log', done))) {
			known = undefined;
			return undefined;
		}
		hasAdded = true;
		known = { state: stateAfter({ state, changes }), standing: { ownership, writes: number } };
		const isThere = await mirrored(done, async (copy) => (missed === 1 && (await copy.add('log', done))) || repeat(copy, done));
		return isThere ? result : 'not-owner';
	}

	/** False when another tab has written the mirror past this, without knowing of it. */
	async function mirrored(done: Done, into: (copy: Connection<VaultSchema>, done: Done) => Promise<boolean>): Promise<boolean> {
		if (done.changes.length === 0 || mirror === undefined) return true;
		missed += 1;
		if (missed > 1 && missed % RETRY_AFTER_WRITES !== 0) return true;
		try {
			if (!(await into(mirror, done))) {
				known = undefined;
				return false;
			}
			if (missed > 1) onFinding({ found: 'copies-equal-again' });
			missed = 0;
		} catch (error) {
			if (missed === 1) onFinding(unwritten(error));
		}
		return true;
	}

	async function repeat(copy: Connection<VaultSchema>, { changes, number, ownership }: Done): Promise<boolean> {
		const outcome = await copy.write([...STORES], async (transaction) => {
			// What an owner before the last left here is behind, whatever it was.
			const there = await foundIn(transaction, ownership - 1);
			putInPlace(transaction, there);
			if (isBehind({ ownership, writes: number - 1 }, there.standing)) return (await holds(transaction, changes)) ? 'there' : 'superseded';
			if (there.standing.writes !== number - 1) return 'behind';
			for (const change of changes) apply(transaction, change);
			return 'there';
		});
		if (outcome === 'behind') await copyAll(primary, copy);
		return outcome !== 'superseded';
	}

	async function settle(): Promise<void> {
		if (known !== undefined && !hasAdded) return;
		const look = (stores: Parameters<typeof foundIn>[0]): Promise<Found> => foundIn(stores, drawn);
		if (!hasAdded && (await primary.read((database) => look(database.transaction(['device', 'log'])))).due.length === 0) return;
		await inTurn(async () => {
			await primary.write([...STORES], async (transaction) => {
				putInPlace(transaction, await look(transaction));
			});
			hasAdded = false;
		});
	}

	return {
		async read(work) {
			await settle();
			return primary.read(work);
		},
		write: (ownership, work, ask) => inTurn(() => write(ownership, work, ask)),
		append: (ownership, work) => inTurn(() => append(ownership, work)),
		close,
	};
}

function gathering(state: VaultState): { readonly writer: Omit<VaultWriter, 'stores'>; readonly changes: Change[] } {
	const changes: Change[] = [];
	const writer: Omit<VaultWriter, 'stores'> = {
		state,
		put(store, value, key) {
			changes.push({ store, put: value, key });
		},
		delete(store, key) {
			changes.push({ store, delete: key });
		},
	};
	return { writer, changes };
}

function stateAfter({ state, changes }: { readonly state: VaultState; readonly changes: readonly Change[] }): VaultState {
	const change = changes.findLast(({ store, ...one }) => store === 'device' && 'put' in one && one.key === 'state');
	return change !== undefined && 'put' in change ? (change.put as VaultState) : state;
}

/** Whoever drew the number that this is written under, or is taken over by it, may be about to add there. */
function takingPlace(ownership: number, number: number): readonly Change[] {
	return [
		{ store: 'log', put: { ownership, number, changes: [] }, key: undefined },
		{ store: 'log', delete: IDBKeyRange.upperBound([ownership - MOST_TAKEN]) },
	];
}

/** Another tab has made this copy equal to the first since, and with it repeated these changes: their entries tell. */
async function holds(transaction: Transaction, changes: readonly Change[]): Promise<boolean> {
	for (const change of changes) {
		if (change.store !== 'own' || !('put' in change)) continue;
		const { scope, seq, hash } = change.put as VaultSchema['own']['value'];
		if ((await transaction.objectStore('own').get([scope, seq]))?.hash !== hash) return false;
	}
	return true;
}

function apply(transaction: Transaction, change: Change): void {
	if ('put' in change) put(transaction, change.store, change.put, change.key);
	else left(transaction.objectStore(change.store).delete(change.delete as never));
}

/** Stores that know their key from the value take none. */
function put(transaction: Transaction, name: Store, value: unknown, key: IDBValidKey | undefined): void {
	const store = transaction.objectStore(name);
	left(store.keyPath === null ? store.put(value as never, key as never) : store.put(value as never));
}

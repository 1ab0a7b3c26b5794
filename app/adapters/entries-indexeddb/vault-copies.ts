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
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { StorageError, type SaleRecord, type VaultFinding, type VaultState } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Scope } from '#schemas/ids.ts';
import { connect, left, type Connection, type UpgradeTransaction } from './connection.ts';

/** 2: sales by seq. What each version before looked like stands in tests/support/older-databases.ts. */
const SCHEMA_VERSION = 2;
const STORES = ['own', 'sales', 'carts', 'values', 'device'] as const satisfies (keyof VaultSchema)[];
type Store = (typeof STORES)[number];

export interface VaultSchema extends DBSchema {
	/** The critical journal. */
	own: { key: [Scope, number]; value: { scope: Scope; seq: number; hash: string; key: string; sealed: Uint8Array }; indexes: { key: string } };
	sales: { key: string; value: SaleRecord; indexes: { status: [string, number]; seq: number } };
	carts: { key: string; value: Cart };
	values: { key: string; value: unknown };
	device: { key: 'state' | 'writes'; value: VaultState | number };
}
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
}

// ——— two copies become equal

interface Standing {
	readonly ownership: number;
	readonly writes: number;
}

function isBehind(a: Standing, b: Standing): boolean {
	return a.ownership === b.ownership ? a.writes < b.writes : a.ownership < b.ownership;
}

/** In one request: every write waits for it. */
async function deviceIn(device: {
	getAll(): Promise<readonly (VaultState | number)[]>;
}): Promise<{ readonly state: VaultState; readonly standing: Standing }> {
	const values = await device.getAll();
	const state = stateOf(values.find((value) => typeof value === 'object'));
	return { state, standing: { ownership: state.ownership, writes: values.find((value) => typeof value === 'number') ?? 0 } };
}

async function standingIn(device: Parameters<typeof deviceIn>[0]): Promise<Standing> {
	return (await deviceIn(device)).standing;
}

async function makeEqual(
	copies: readonly Connection<VaultSchema>[],
	failures: readonly Error[],
	onFinding: (finding: VaultFinding) => void,
): Promise<readonly Connection<VaultSchema>[]> {
	const standings = await Promise.all(copies.map((copy) => copy.read((database) => standingIn(database.transaction('device').store))));
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
	const device = (content.find(({ name }) => name === 'device')?.values ?? []) as readonly (VaultState | number)[];
	const ruling = await standingIn({ getAll: () => Promise.resolve(device) });
	await to.write([...STORES], async (transaction) => {
		if (!isBehind(await standingIn(transaction.objectStore('device')), ruling)) return;
		for (const { name, keys, values } of content) {
			left(transaction.objectStore(name).clear());
			for (const [at, value] of values.entries()) put(transaction, name, value, keys[at]);
		}
	});
}

// ——— and stay equal

/** A mirror that failed is made equal again with everything it missed, which costs more than one write: a till with a full disk must not feel it. */
const RETRY_AFTER_WRITES = 20;

type Change =
	{ readonly store: Store; readonly put: unknown; readonly key: IDBValidKey | undefined } | { readonly store: Store; readonly delete: IDBValidKey };

function createVaultCopies(copies: readonly Connection<VaultSchema>[], close: () => void, onFinding: (finding: VaultFinding) => void): VaultCopies {
	const [primary] = copies;
	if (primary === undefined) throw new StorageError('failed', 'no copy of this till’s vault can be written');
	const mirror = copies[1];
	/** Writes that the mirror lacks since it failed; 0: none. */
	let missed = 0;
	let tail: Promise<unknown> = Promise.resolve();

	async function write<Result, Asked>(
		ownership: number | undefined,
		work: (writer: VaultWriter, asked: Asked) => Result | Promise<Result>,
		ask?: (stores: VaultWriter['stores']) => Promise<Asked>,
	): Promise<Result | 'not-owner'> {
		const done = await (primary as Connection<VaultSchema>).write([...STORES], async (transaction) => {
			const reading = deviceIn(transaction.objectStore('device'));
			const [{ state, standing }, asked] = await Promise.all([reading, ask?.(transaction)]);
			const { writes } = standing;
			if (ownership !== undefined && ownership !== state.ownership) return undefined;
			const changes: Change[] = [];
			const writer: VaultWriter = {
				state,
				stores: transaction,
				put(store, value, key) {
					changes.push({ store, put: value, key });
				},
				delete(store, key) {
					changes.push({ store, delete: key });
				},
			};
			const result = await work(writer, asked as Asked);
			if (changes.length > 0) changes.push({ store: 'device', put: writes + 1, key: 'writes' });
			for (const change of changes) apply(transaction, change);
			return { result, changes, number: writes + 1, ownership: ownership ?? state.ownership + 1 };
		});
		if (done === undefined) return 'not-owner';
		if (done.changes.length === 0 || mirror === undefined) return done.result;
		missed += 1;
		if (missed > 1 && missed % RETRY_AFTER_WRITES !== 0) return done.result;
		try {
			if (!(await repeat(mirror, done))) return 'not-owner';
			if (missed > 1) onFinding({ found: 'copies-equal-again' });
			missed = 0;
		} catch (error) {
			if (missed === 1) onFinding(unwritten(error));
		}
		return done.result;
	}

	/** False when another tab has written the mirror past this, without knowing of it. */
	async function repeat(
		copy: Connection<VaultSchema>,
		{ changes, number, ownership }: { readonly changes: readonly Change[]; readonly number: number; readonly ownership: number },
	): Promise<boolean> {
		const outcome = await copy.write([...STORES], async (transaction) => {
			const standing = await standingIn(transaction.objectStore('device'));
			if (isBehind({ ownership, writes: number - 1 }, standing)) return (await holds(transaction, changes)) ? 'there' : 'superseded';
			if (standing.writes !== number - 1) return 'behind';
			for (const change of changes) apply(transaction, change);
			return 'there';
		});
		if (outcome === 'behind') await copyAll(primary as Connection<VaultSchema>, copy);
		return outcome !== 'superseded';
	}

	return {
		read: primary.read,
		write(ownership, work, ask) {
			const mine = tail.then(() => write(ownership, work, ask));
			tail = mine.catch(() => undefined);
			return mine;
		},
		close,
	};
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

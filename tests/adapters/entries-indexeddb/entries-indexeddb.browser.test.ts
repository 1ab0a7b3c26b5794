/** What the contracts cannot say: how a real browser's IndexedDB ends, and what two copies are for. (Killing it, filling its disk and
 * breaking its files: `tests/e2e/vault-kill.e2e.ts`.) */
import { afterEach, expect, test, vi } from 'vitest';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import type { Vault, VaultFinding } from '#ports';
import type { IntentKey } from '#schemas/ids.ts';
import { change, plainEntry } from '../../contracts/vault.ts';

const places = await storagePlaces('vault');
const [first, second] = places as [IDBFactory, IDBFactory];
/** A version that no code of today knows. */
const NEWER = 99;
let count = 0;
const newName = (): string => `vault-${(count += 1)}-${crypto.randomUUID()}`;
const key = (text: string): IntentKey => text as IntentKey;

interface Opened {
	readonly vault: Vault;
	readonly findings: VaultFinding[];
}

async function open(name: string, where: readonly IDBFactory[] = places, openTimeoutMs?: number): Promise<Opened> {
	const findings: VaultFinding[] = [];
	return { vault: await openIndexedDbVault({ places: where, name, onFinding: (finding) => findings.push(finding), openTimeoutMs }), findings };
}

async function recordOne(vault: Vault, ownership: number, name: string): Promise<void> {
	expect(await vault.record(change(await vault.read(), ownership, name))).toHaveProperty('recorded');
}

/** A vault with two sales, closed. */
async function soldTwice(): Promise<{ readonly name: string; readonly state: Awaited<ReturnType<Vault['read']>> }> {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await vault.saveCart({ key: key('open-cart'), lines: [], changedAtMs: 1 }, ownership);
	await vault.setValue('workAlone', true, ownership);
	for (const sale of ['sale-one', 'sale-two']) await recordOne(vault, ownership, sale);
	const state = await vault.read();
	await vault.close();
	return { name, state };
}

function done(request: IDBOpenDBRequest): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => {
			resolve(request.result);
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

afterEach(() => {
	vi.restoreAllMocks();
});

test('this browser has two places, and they are not one', async () => {
	expect(places).toHaveLength(2);
	const name = newName();
	(await done(first.open(name))).close();
	expect((await second.databases()).map((one) => one.name)).not.toContain(name);
});

test('every write asks for strict durability: relaxed would say "paid" before the disk has it', async () => {
	const asked: (string | undefined)[] = [];
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		if (mode === 'readwrite') asked.push(options?.durability);
		return transaction.call(this, stores, mode, options);
	});
	const { vault } = await open(newName());
	const ownership = await vault.takeOwnership();
	await recordOne(vault, ownership, 'strict-sale');
	await vault.saveCart({ key: key('strict-cart'), lines: [], changedAtMs: 1 }, ownership);
	const { store } = await openStore(newName(), 1);
	await store.add([plainEntry('branch', 1, 'heard-one')]);
	expect(asked.length).toBeGreaterThanOrEqual(8);
	expect(new Set(asked)).toEqual(new Set(['strict']));
	await vault.close();
	await store.close();
});

test('the two copies are never written at the same time: a kill tears one at most', async () => {
	const writing = new Set<IDBTransaction>();
	let most = 0;
	const { vault } = await open(newName());
	const ownership = await vault.takeOwnership();
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		const begun = transaction.call(this, stores, mode, options);
		if (mode !== 'readwrite') return begun;
		writing.add(begun);
		most = Math.max(most, writing.size);
		begun.addEventListener('complete', () => writing.delete(begun));
		return begun;
	});
	await Promise.all([
		...Array.from({ length: 10 }, (_, n) => vault.saveCart({ key: key(`cart-of-${n}`), lines: [], changedAtMs: 1 }, ownership)),
		recordOne(vault, ownership, 'in-between'),
		vault.markLedgered('branch', 1, ownership),
	]);
	expect(most).toBe(1);
	expect(writing.size).toBe(0);
	await vault.close();
});

test('a record resolves after `complete`, in both copies', async () => {
	const { vault } = await open(newName());
	const ownership = await vault.takeOwnership();
	let completed = 0;
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		const begun = transaction.call(this, stores, mode, options);
		if (mode === 'readwrite') begun.addEventListener('complete', () => (completed += 1));
		return begun;
	});
	await recordOne(vault, ownership, 'completed-sale');
	expect(completed).toBe(2);
	await vault.close();
});

test.each([
	['first', first, second],
	['second', second, first],
])('the %s copy is lost, as Chromium does with a torn LevelDB: everything is restored from the other, and it is told', async (_, lost, kept) => {
	const { name, state } = await soldTwice();
	await done(lost.deleteDatabase(name));
	const { vault, findings } = await open(name);
	expect(findings).toEqual([{ found: 'copy-restored' }]);
	expect(await vault.read()).toEqual(state);
	await recordOne(vault, state.ownership, 'sale-three');
	await vault.close();
	// And now the one that was restored has to do alone.
	await done(kept.deleteDatabase(name));
	const again = await open(name);
	expect((await again.vault.read()).lastReceiptNumber).toBe(3);
	expect(await again.vault.ownEntries('branch', 1, 10)).toHaveLength(3);
	expect((await again.vault.salesByStatus('recorded', 10)).map((sale) => sale.receipt.number)).toEqual([1, 2, 3]);
	expect((await again.vault.carts()).map((cart) => cart.key)).toEqual(['open-cart']);
	expect(await again.vault.getValue('workAlone')).toBe(true);
	await again.vault.close();
});

test('a crash between the two copies: the one behind is made equal without a word', async () => {
	const { name, state } = await soldTwice();
	const alone = await open(name, [first]);
	await recordOne(alone.vault, state.ownership, 'sale-three');
	await alone.vault.dropCart(key('open-cart'), state.ownership);
	await alone.vault.close();
	const { vault, findings } = await open(name);
	expect(findings).toEqual([]);
	await vault.close();
	const mirror = await open(name, [second]);
	expect((await mirror.vault.read()).lastReceiptNumber).toBe(3);
	expect(await mirror.vault.carts()).toEqual([]);
	await mirror.vault.close();
});

test('a new owner’s copy rules over one that was written more often by the old one', async () => {
	const { name, state } = await soldTwice();
	const old = await open(name, [first]);
	for (let n = 0; n < 5; n += 1) await old.vault.setValue('workAlone', n % 2 === 0, state.ownership);
	await old.vault.close();
	const heir = await open(name, [second]);
	const ownership = await heir.vault.takeOwnership();
	await recordOne(heir.vault, ownership, 'by-the-heir');
	await heir.vault.close();
	const { vault } = await open(name);
	expect(await vault.read()).toMatchObject({ ownership, lastReceiptNumber: 3 });
	await vault.close();
});

test('a copy that can no longer be written stops no sale, and that is told', async () => {
	const name = newName();
	const { vault, findings } = await open(name);
	const ownership = await vault.takeOwnership();
	(await done(second.open(name, NEWER))).close();
	await recordOne(vault, ownership, 'goes-on-1');
	await recordOne(vault, ownership, 'goes-on-2');
	expect(findings).toMatchObject([{ found: 'copy-cannot-be-written' }]);
	await vault.close();
});

test('a copy that could not be written for a while catches up with all that it missed', async () => {
	const name = newName();
	const { vault, findings } = await open(name);
	const ownership = await vault.takeOwnership();
	let isBroken = true;
	const transaction = IDBDatabase.prototype.transaction;
	const seen: IDBDatabase[] = [];
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		if (!seen.includes(this)) seen.push(this); // The first one is written first.
		if (isBroken && this === seen[1] && mode === 'readwrite') throw new DOMException('no room', 'QuotaExceededError');
		return transaction.call(this, stores, mode, options);
	});
	for (let n = 0; n < 10; n += 1) await recordOne(vault, ownership, `missed-${n}`);
	expect(findings).toMatchObject([{ found: 'copy-is-full' }]);
	isBroken = false;
	for (let n = 0; n < 20; n += 1) await recordOne(vault, ownership, `after-${n}`);
	expect(findings).toMatchObject([{ found: 'copy-is-full' }, { found: 'copies-equal-again' }]);
	const state = await vault.read();
	await vault.close();
	const mirror = await open(name, [second]);
	expect(await mirror.vault.read()).toEqual(state);
	expect(await mirror.vault.ownEntries('branch', 1, 100)).toHaveLength(30);
	await mirror.vault.close();
});

test('a copy that does not open stops no till that has sold; but beside an empty copy it is no new till', async () => {
	const { name, state } = await soldTwice();
	(await done(first.open(name, NEWER))).close();
	const { vault, findings } = await open(name);
	expect(findings).toMatchObject([{ found: 'copy-does-not-open' }]);
	expect(await vault.read()).toEqual(state);
	await vault.close();

	const other = newName();
	(await done(first.open(other, NEWER))).close();
	await expect(open(other)).rejects.toMatchObject({ name: 'StorageError', message: expect.stringContaining('newer version') as string });
});

test('a tab that was taken over while it wrote: the copies are one history, and what it was told of is in it', async () => {
	const name = newName();
	const tab = await open(name);
	const ownership = await tab.vault.takeOwnership();
	const heir = await open(name);
	const outcomes = await Promise.all([
		...Array.from({ length: 5 }, (_, n) => tab.vault.setValue(`value-${n}`, n, ownership)),
		heir.vault.takeOwnership(),
		tab.vault.read().then((state) => tab.vault.record(change(state, ownership, 'racing-sale'))),
		...Array.from({ length: 5 }, (_, n) => heir.vault.setValue(`heir-${n}`, n, ownership + 1)),
	]);
	await tab.vault.close();
	await heir.vault.close();
	const copies = await Promise.all(places.map((place) => open(name, [place])));
	const [one, other] = await Promise.all(copies.map(({ vault }) => vault.read()));
	expect(one).toEqual(other);
	for (const { vault } of copies) {
		for (let n = 0; n < 5; n += 1) if (outcomes[n] === 'saved') expect(await vault.getValue(`value-${n}`)).toBe(n);
		const recorded = outcomes.some((outcome) => typeof outcome === 'object' && 'recorded' in outcome);
		if (recorded) expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(1);
		await vault.close();
	}
});

test('a newer version of the app takes the database at once; the older one says why it writes no more', async () => {
	const name = newName();
	const { vault } = await open(name, [first]);
	const ownership = await vault.takeOwnership();
	(await done(first.open(name, NEWER))).close();
	await expect(vault.record(change(await Promise.resolve(NEW), ownership, 'too-late-1'))).rejects.toMatchObject({
		kind: 'closed',
		message: expect.stringContaining('newer version') as string,
	});
	await expect(vault.read()).rejects.toMatchObject({ kind: 'closed' });
	await expect(open(name, [first])).rejects.toMatchObject({ message: 'a newer version of Holdfast wrote this till’s data; reload to get it' });
});
const NEW = { version: 0, ownership: 1, heads: { branch: undefined, store: undefined }, hlc: [0, 0] as [number, number], lastReceiptNumber: 0 };

test('opening that another tab keeps waiting ends in a sentence, and leaves no connection behind', async () => {
	const name = newName();
	const holder = await done(first.open(name, 2));
	const deletion = done(first.deleteDatabase(name)); // Waits for the holder; whoever opens waits behind it.
	await expect(open(name, [first], 200)).rejects.toMatchObject({ message: expect.stringContaining('close the other tabs') as string });
	holder.close();
	await deletion;
	// Blocked for ever, if the late connection were still open.
	await done(first.deleteDatabase(name));
});

const heardPlaces = await storagePlaces('heard');

async function openStore(name: string, ownership?: number, where: readonly IDBFactory[] = heardPlaces) {
	const findings: string[] = [];
	return { store: await openIndexedDbEntryStore({ places: where, name, ownership, onFinding: (sentence) => findings.push(sentence) }), findings };
}

test('the worker of a tab that lost the till writes nothing more', async () => {
	const name = newName();
	const { store: old } = await openStore(name, 3);
	await old.add([plainEntry('branch', 1, 'heard-one')]);
	const { store: heir } = await openStore(name, 4);
	await expect(old.add([plainEntry('branch', 2, 'heard-two')])).rejects.toMatchObject({ kind: 'not-owner' });
	await expect(old.setCache('rows', new Uint8Array([1]))).rejects.toMatchObject({ kind: 'not-owner' });
	await expect(openStore(name, 3)).rejects.toMatchObject({ kind: 'not-owner' });
	await heir.add([plainEntry('branch', 2, 'heard-two')]);
	expect((await heir.page(undefined, 10)).sealed).toHaveLength(2);
	await old.close();
	await heir.close();
});

test.each([0, 1])('what was heard outlives the loss of the copy in place %d: a till that is alone still knows its products', async (place) => {
	const name = newName();
	const entries = Array.from({ length: 2_500 }, (_, n) => plainEntry('store', n + 1, `heard-${n}-----`));
	const { store } = await openStore(name, 1);
	await store.add(entries);
	await store.addCertificates([{ device: entries[0]!.header.device, chain: new Uint8Array([1, 2]) }]);
	await store.close();
	for (const lost of [heardPlaces[place]!, heardPlaces[1 - place]!]) {
		await done(lost.deleteDatabase(name));
		const { store: again, findings } = await openStore(name, 1);
		expect(findings).toEqual(['the browser lost one copy of what this till has heard; it is restored from the other']);
		expect((await again.page(undefined, 5_000)).sealed).toEqual(entries.map(({ sealed }) => sealed));
		expect(await again.certificates()).toEqual([new Uint8Array([1, 2])]);
		await again.close();
	}
});

test('a crash between the two copies of what was heard: the next start makes them equal', async () => {
	const name = newName();
	const { store } = await openStore(name, 1, [heardPlaces[0]!]);
	await store.add([plainEntry('store', 1, 'heard-one'), plainEntry('store', 2, 'heard-two')]);
	await store.close();
	const { store: both, findings } = await openStore(name, 1);
	expect(findings).toEqual([]);
	await both.close();
	const { store: mirror } = await openStore(name, 1, [heardPlaces[1]!]);
	expect((await mirror.page(undefined, 10)).sealed).toHaveLength(2);
	await mirror.close();
});

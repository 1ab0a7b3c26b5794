/** A sale is only added to each copy's log, and asks nothing: what two tabs, a kill between the copies and a full disk make of that. */
import { afterEach, expect, test, vi } from 'vitest';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import type { RecordOutcome, Vault, VaultFinding } from '#ports';
import type { IntentKey } from '#schemas/ids.ts';
import { change } from '../../contracts/vault.ts';

const places = await storagePlaces('vault');
const newName = (): string => `log-${crypto.randomUUID()}`;
const key = (text: string): IntentKey => text as IntentKey;

async function open(name: string, where = places): Promise<{ readonly vault: Vault; readonly findings: readonly VaultFinding[] }> {
	const findings: VaultFinding[] = [];
	return { vault: await openIndexedDbVault({ places: where, name, onFinding: (finding) => findings.push(finding) }), findings };
}

/** As a till does: the cart is saved with its first line, then it is paid. */
async function sell(vault: Vault, ownership: number, name: string): Promise<RecordOutcome> {
	await vault.saveCart({ key: key(name), lines: [], changedAtMs: 1 }, ownership);
	return vault.record({ ...change(await vault.read(), ownership, name), removesCart: key(name) });
}

/** What the copies came to, each opened by itself; closed again. */
async function heldByEach(name: string) {
	const held = [];
	for (const place of places) {
		const { vault } = await open(name, [place]);
		const [state, own, sales, carts] = [
			await vault.read(),
			await vault.ownEntries('branch', 1, 100),
			await vault.salesByStatus('recorded', 100),
			await vault.carts(),
		];
		held.push({ state, own: own.length, receipts: sales.map(({ receipt }) => receipt.number), carts: carts.map((cart) => cart.key) });
		await vault.close();
	}
	return held;
}

/** Which stores each write names, from now on. */
function watchWrites(): string[] {
	const written: string[] = [];
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		if (mode === 'readwrite') written.push([stores].flat().join(' '));
		return transaction.call(this, stores, mode, options);
	});
	return written;
}

function opened(place: IDBFactory, name: string): Promise<IDBDatabase> {
	return new Promise((resolve) => {
		const request = place.open(name);
		request.onsuccess = () => {
			resolve(request.result);
		};
	});
}

afterEach(() => {
	vi.restoreAllMocks();
});

test('the sale of an open cart is one addition to each copy; a key that this tab knows nothing of is looked for', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await vault.saveCart({ key: key('paid-cart'), lines: [], changedAtMs: 1 }, ownership);
	const state = await vault.read();
	const written = watchWrites();
	expect(await vault.record({ ...change(state, ownership, 'paid-cart'), removesCart: key('paid-cart') })).toHaveProperty('recorded');
	expect(written).toEqual(['log', 'log']);
	expect(await vault.record(change(await vault.read(), ownership, 'never-saved'))).toHaveProperty('recorded');
	expect(written.filter((stores) => stores === 'log')).toHaveLength(2);
	await vault.close();
});

test('a further line of an open cart is one addition to each copy, and of all of them the last is put in its place', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	const saved = (changedAtMs: number) => ({ key: key('growing-cart'), lines: [], changedAtMs });
	const written = watchWrites();
	await vault.saveCart(saved(1), ownership);
	// Of this key nobody knows yet whether it is paid.
	expect(written.filter((stores) => stores === 'log')).toEqual([]);
	written.splice(0);
	for (const atMs of [2, 3, 4]) expect(await vault.saveCart(saved(atMs), ownership)).toBe('saved');
	expect(written).toEqual(Array(6).fill('log'));
	let puts = 0;
	const put = IDBObjectStore.prototype.put;
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, at) {
		if (this.name === 'carts') puts += 1;
		return put.call(this, value, at as IDBValidKey);
	});
	expect(await vault.carts()).toEqual([saved(4)]);
	expect(puts).toBe(1);
	await vault.saveCart(saved(5), ownership);
	expect(await vault.record({ ...change(await vault.read(), ownership, 'growing-cart'), removesCart: key('growing-cart') })).toHaveProperty(
		'recorded',
	);
	await vault.saveCart(saved(6), ownership);
	expect(await vault.carts()).toEqual([]);
	vi.restoreAllMocks();
	await vault.close();
	for (const one of await heldByEach(name)) expect(one).toMatchObject({ own: 1, receipts: [1], carts: [] });
});

test('killed between the copies with a line of the open cart: each has a cart, and the next start has the newer one in both', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await vault.saveCart({ key: key('open-cart'), lines: [], changedAtMs: 1 }, ownership);
	let additions = 0;
	const transaction = IDBDatabase.prototype.transaction;
	vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
		if (mode === 'readwrite' && (additions += 1) > 1) throw new DOMException('killed', 'UnknownError');
		return transaction.call(this, stores, mode, options);
	});
	await vault.saveCart({ key: key('open-cart'), lines: [], changedAtMs: 2 }, ownership);
	vi.restoreAllMocks();
	await vault.close();
	const again = await open(name);
	expect((await again.vault.carts()).map(({ changedAtMs }) => changedAtMs)).toEqual([2]);
	await again.vault.close();
	for (const place of places) {
		const copy = await open(name, [place]);
		expect((await copy.vault.carts()).map(({ changedAtMs }) => changedAtMs)).toEqual([2]);
		await copy.vault.close();
	}
});

test('killed with a sale in the log of both copies, or of the first alone: it is in each, once, and its cart is in none', async () => {
	for (const reached of [2, 1]) {
		const name = newName();
		const { vault } = await open(name);
		const ownership = await vault.takeOwnership();
		await sell(vault, ownership, 'sold-before');
		await vault.saveCart({ key: key('open-cart'), lines: [], changedAtMs: 1 }, ownership);
		const wanted = { ...change(await vault.read(), ownership, 'open-cart'), removesCart: key('open-cart') };
		let additions = 0;
		const transaction = IDBDatabase.prototype.transaction;
		vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
			if (mode === 'readwrite' && (additions += 1) > reached) throw new DOMException('killed', 'UnknownError');
			return transaction.call(this, stores, mode, options);
		});
		expect(await vault.record(wanted)).toHaveProperty('recorded');
		vi.restoreAllMocks();
		await vault.close();

		const again = await open(name);
		expect(again.findings).toEqual([]);
		await again.vault.close();
		const held = await heldByEach(name);
		for (const one of held) expect(one).toEqual({ ...held[0], own: 2, receipts: [1, 2], carts: [] });
		const heir = await open(name);
		expect(await sell(heir.vault, await heir.vault.takeOwnership(), 'sold-after')).toMatchObject({ recorded: { lastReceiptNumber: 3 } });
		await heir.vault.close();
		for (const one of await heldByEach(name)) expect(one).toMatchObject({ own: 3, receipts: [1, 2, 3] });
	}
});

test('a tab that was taken over adds nothing, however sure it is of what it left', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await sell(vault, ownership, 'by-the-tab');
	const wanted = [];
	for (const late of ['too-late-1', 'too-late-2']) {
		await vault.saveCart({ key: key(late), lines: [], changedAtMs: 1 }, ownership);
		wanted.push(change(await vault.read(), ownership, late));
	}
	const heir = await open(name);
	const newer = await heir.vault.takeOwnership();
	expect(await sell(heir.vault, newer, 'by-the-heir')).toMatchObject({ recorded: { lastReceiptNumber: 2 } });
	for (const late of wanted) expect(await vault.record(late)).toEqual({ failed: 'not-owner' });
	expect(await sell(heir.vault, newer, 'heir-again')).toMatchObject({ recorded: { lastReceiptNumber: 3 } });
	await vault.close();
	await heir.vault.close();
	const held = await heldByEach(name);
	for (const one of held) expect(one).toEqual({ ...held[0], own: 3, receipts: [1, 2, 3], carts: ['too-late-1', 'too-late-2'] });
});

test('who takes over in the middle of a sale has it, or it was not sold: the copies are one history without a hole', async () => {
	for (let round = 0; round < 12; round += 1) {
		const name = newName();
		const { vault } = await open(name);
		const ownership = await vault.takeOwnership();
		await sell(vault, ownership, 'sold-before');
		await vault.saveCart({ key: key('racing'), lines: [], changedAtMs: 1 }, ownership);
		const wanted = change(await vault.read(), ownership, 'racing');
		const heir = await open(name);
		const pause = new Promise((resolve) => setTimeout(resolve, round / 4));
		const [outcome, newer] = await Promise.all([vault.record(wanted), pause.then(() => heir.vault.takeOwnership())]);
		const receipts = 'recorded' in outcome ? [1, 2, 3] : [1, 2];
		expect(await sell(heir.vault, newer, 'by-the-heir')).toMatchObject({ recorded: { lastReceiptNumber: receipts.length } });
		await vault.close();
		await heir.vault.close();
		const held = await heldByEach(name);
		for (const one of held) expect(one).toMatchObject({ state: held[0]!.state, own: receipts.length, receipts });
	}
});

test('what another writes under the same number is seen, too', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await vault.saveCart({ key: key('twice-paid'), lines: [], changedAtMs: 1 }, ownership);
	const state = await vault.read();
	const other = await open(name);
	expect(await other.vault.record(change(state, ownership, 'twice-paid'))).toHaveProperty('recorded');
	expect(await vault.record(change(state, ownership, 'twice-paid'))).toEqual({ failed: 'key-known' });
	expect(await sell(vault, ownership, 'goes-on')).toMatchObject({ recorded: { lastReceiptNumber: 2 } });
	await other.vault.close();
	await vault.close();
});

test('places that were taken are kept for a thousand owners, and no write reads those of others', async () => {
	const name = newName();
	const before = await open(name);
	const first = await before.vault.takeOwnership();
	await sell(before.vault, first, 'sold-before');
	await before.vault.setValue('workAlone', true, first); // Puts the sale in its place.
	await before.vault.close();
	for (const place of places) {
		const database = await opened(place, name);
		const transaction = database.transaction(['log', 'device'], 'readwrite');
		const device = transaction.objectStore('device');
		device.get('state').onsuccess = ({ target }) => device.put({ ...(target as IDBRequest<object>).result, ownership: 5_000 }, 'state');
		for (const ownership of [3_999, 4_000, 4_999]) transaction.objectStore('log').put({ ownership, number: 7, changes: [] });
		await new Promise((resolve) => (transaction.oncomplete = resolve));
		database.close();
	}
	const { vault } = await open(name);
	const read: unknown[] = [];
	const getAll = IDBObjectStore.prototype.getAll;
	vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, ...asked) {
		const request = getAll.apply(this, asked as Parameters<typeof getAll>);
		if (this.name === 'log') request.addEventListener('success', () => read.push(...(request.result as { ownership: number }[])));
		return request;
	});
	expect(await sell(vault, await vault.takeOwnership(), 'sold-after')).toMatchObject({ recorded: { lastReceiptNumber: 2 } });
	expect(read.filter((one) => (one as { ownership: number }).ownership < 5_000)).toEqual([]);
	await vault.close();
	for (const place of places) {
		const database = await opened(place, name);
		const keys = await new Promise<unknown[]>((resolve) => {
			const request = database.transaction('log').objectStore('log').getAllKeys();
			request.onsuccess = () => {
				resolve(request.result.map((one) => (one as number[])[0]));
			};
		});
		expect(keys.slice(0, 3)).toEqual([4_000, 4_999, 5_000]);
		database.close();
	}
});

test('no room for an addition refuses the sale, and leaves nothing of it; with room it is sold', async () => {
	const name = newName();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	await vault.saveCart({ key: key('no-room-for'), lines: [], changedAtMs: 1 }, ownership);
	const wanted = { ...change(await vault.read(), ownership, 'no-room-for'), removesCart: key('no-room-for') };
	vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
		throw new DOMException('no room', 'QuotaExceededError');
	});
	await expect(vault.record(wanted)).rejects.toMatchObject({ kind: 'full' });
	vi.restoreAllMocks();
	for (const one of await heldByEach(name)) expect(one).toMatchObject({ own: 0, carts: ['no-room-for'] });
	expect(await vault.record(wanted)).toMatchObject({ recorded: { lastReceiptNumber: 1 } });
	await vault.close();
	for (const one of await heldByEach(name)) expect(one).toMatchObject({ own: 1, receipts: [1], carts: [] });
});

import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { isRefusal, type Decision, type Refusal } from '#core/intent.ts';
import type { Committed } from '#engine/commit.ts';
import type { Trouble } from '#engine/commands.ts';
import { StorageError, type Vault } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { cartOf, openSealingShop, sale, type SealingTill } from '../support/sealing-till.ts';
import { received } from '../support/facts.ts';

const shop = await openSealingShop();
afterEach(() => {
	vi.restoreAllMocks();
});

const key = (text: string): IntentKey => text.padEnd(8, '-') as IntentKey;
const stock: Decision = { branch: [received('A', 1)], store: [], takesReceipt: false };

function mustBe(done: Committed | Refusal | Trouble): Committed {
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	return done;
}

function receiptNumbers(entries: readonly Entry[]): number[] {
	return entries.flatMap(({ facts }) => facts.flatMap((fact) => ('receipt' in fact ? [fact.receipt.number] : [])));
}

/** What lies in the journal, opened as another device opens it: every signature and every link holds. */
async function journal({ vault, verifier }: SealingTill): Promise<readonly Entry[]> {
	const entries: Entry[] = [];
	for (const sealed of await vault.ownEntries('branch', 1, 1000)) {
		const entry = await verifier.entry(sealed);
		if (!('header' in entry)) throw new Error(JSON.stringify(entry));
		expect(entry.header.seq).toBe(entries.length + 1);
		expect(entry.header.prev).toBe(entries.at(-1)?.hash);
		entries.push(entry);
	}
	return entries;
}

test('1: sales rung up all at once are one chain, in the order in which they came', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const keys = Array.from({ length: 20 }, (_, n) => `sale-number-${n}`);
	await Promise.all(keys.map((one) => till.sell(one)));
	const entries = await journal(till);
	expect(entries.map((entry) => entry.header.key)).toEqual(keys);
	expect(receiptNumbers(entries)).toEqual(keys.map((_, n) => n + 1));
	expect(till.told.map(({ hash }) => hash)).toEqual(entries.map(({ hash }) => hash));
});

test('1: a head that another tab moved between deciding and recording means deciding again, with the next receipt number', async () => {
	const vault = createMemoryVault();
	const other = await shop.till({ vault });
	let moved = false;
	const till = await shop.till({
		...{ vault, signer: other.signer },
		sealer: (real) => async (request) => {
			const sealed = await real(request);
			if (!moved) {
				moved = true;
				await other.sell('in-between');
			}
			return sealed;
		},
	});
	other.ownership = till.ownership;
	const numbers: number[] = [];
	await till.commit({
		key: key('moved'),
		decide(next) {
			numbers.push(next);
			return sale('moved')(next);
		},
	});
	expect(numbers).toEqual([1, 2]);
	expect(receiptNumbers(await journal(till))).toEqual([1, 2]);
});

test('2: a key that is recorded answers what was recorded, asked again or asked twice at once, and decides nothing', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const decide = vi.fn(sale('once'));
	const [first, second] = await Promise.all([till.commit({ key: key('once'), decide }), till.commit({ key: key('once'), decide })]);
	const third = mustBe(await till.commit({ key: key('once'), decide }));
	expect(mustBe(first).again).toBe(false);
	for (const again of [mustBe(second), third]) {
		expect(again.again).toBe(true);
		expect(again.entries).toEqual(mustBe(first).entries);
	}
	expect(decide).toHaveBeenCalledTimes(1);
	expect(await journal(till)).toHaveLength(1);
	expect(await till.vault.read()).toMatchObject({ lastReceiptNumber: 1 });
});

test('2: a record whose answer was lost is found by the next try, and its entry is told', async () => {
	const vault = createMemoryVault();
	let answers = false;
	const till = await shop.till({
		vault: {
			...vault,
			async record(change) {
				const outcome = await vault.record(change);
				if (!answers) throw new StorageError('failed', 'the browser did not answer');
				return outcome;
			},
		},
	});
	expect(await till.commit({ key: key('lost'), decide: sale('lost') })).toEqual({ trouble: 'storage-failed', detail: 'the browser did not answer' });
	expect(till.told).toEqual([]);
	answers = true;
	expect(mustBe(await till.commit({ key: key('lost'), decide: sale('lost') })).again).toBe(true);
	expect(till.told).toHaveLength(1);
	expect(await journal(till)).toHaveLength(1);
});

test('8: sale after sale the vault is only written; a state that another tab moved meanwhile is refused by the transaction, and read', async () => {
	const vault = createMemoryVault();
	const [read, entriesByKey] = [vi.fn(vault.read), vi.fn(vault.entriesByKey)];
	const till = await shop.till({ vault: { ...vault, read, entriesByKey } });
	for (const one of ['first-sale', 'second-sale', 'third-sale']) await till.sell(one);
	expect([read.mock.calls.length, entriesByKey.mock.calls.length]).toEqual([1, 0]);
	const other = await shop.till({ vault, signer: till.signer });
	await other.sell('from-another-tab');
	till.ownership = other.ownership;
	await till.sell('fourth-sale');
	expect(read).toHaveBeenCalledTimes(2);
	expect(receiptNumbers(await journal(till))).toEqual([1, 2, 3, 4, 5]);
});

test('2: a key of an earlier run that would be refused by now answers what was recorded', async () => {
	const vault = createMemoryVault();
	const before = await shop.till({ vault });
	const first = await before.sell('of-yesterday');
	const till = await shop.till({ vault, signer: before.signer });
	const again = mustBe(await till.commit({ key: key('of-yesterday'), decide: () => ({ refused: 'cart-empty' }) }));
	expect(again).toEqual({ entries: first.entries, again: true });
	const sold = mustBe(await till.commit({ key: key('of-yesterday'), decide: sale('of-yesterday') }));
	expect(sold).toEqual({ entries: first.entries, again: true });
	expect(await journal(till)).toHaveLength(1);
});

test('3: refusals and troubles take no receipt number', async () => {
	const vault = createMemoryVault();
	let isFull = false;
	const till = await shop.till({
		vault: {
			...vault,
			record: (change) => (isFull ? Promise.reject(new StorageError('full', 'the disk is full')) : vault.record(change)),
		},
	});
	await till.sell('sale-one');
	expect(await till.commit({ key: key('refused'), decide: () => ({ refused: 'cart-empty' }) })).toEqual({ refused: 'cart-empty' });
	isFull = true;
	expect(await till.commit({ key: key('no-room'), decide: sale('no-room') })).toEqual({ trouble: 'storage-full', detail: 'the disk is full' });
	isFull = false;
	const tooMany = {
		branch: Array.from({ length: 2500 }, () => ({ ...received('A', 1), reference: 'x'.repeat(110) })),
		store: [],
		takesReceipt: false,
	};
	expect(await till.commit({ key: key('too-large'), decide: () => tooMany })).toMatchObject({ refused: 'too-large' });
	await expect(
		till.commit({
			key: key('a-bug'),
			decide() {
				throw new Error('a bug');
			},
		}),
	).rejects.toThrow('a bug');
	await till.sell('sale-two');
	await till.commit({ key: key('no-room'), decide: sale('no-room') });
	expect(receiptNumbers(await journal(till))).toEqual([1, 2, 3]);
});

test('3: the transaction that records a sale removes its cart, and no other', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	await till.vault.saveCart(cartOf('sold-cart'), till.ownership);
	await till.vault.saveCart(cartOf('kept-cart'), till.ownership);
	await till.sell('sold-cart');
	expect((await till.vault.carts()).map((cart) => cart.key)).toEqual(['kept-cart']);
});

test('4: a tab that was taken over while it was sealing writes nothing, and says so', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({
		vault,
		sealer: (real) => async (request) => {
			const sealed = await real(request);
			await vault.takeOwnership();
			return sealed;
		},
	});
	expect(await till.commit({ key: key('stolen'), decide: sale('stolen') })).toMatchObject({ trouble: 'another-tab' });
	expect(await vault.read()).toMatchObject({ version: 0, lastReceiptNumber: 0 });
	expect(till.told).toEqual([]);
	const heir = await shop.till({ vault, signer: till.signer });
	await heir.sell('by-the-heir');
	expect(await journal(heir)).toHaveLength(1);
});

test('5: a decision that never comes stops no sale', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	void till.commit({ key: key('hangs'), decide: () => new Promise(() => undefined) });
	void till.commit({ key: key('behind'), decide: async () => stock });
	for (const one of ['sale-one', 'sale-two', 'sale-three']) await till.sell(one);
	expect(receiptNumbers(await journal(till))).toEqual([1, 2, 3]);
});

test('5: a sale that came while the replica was deciding makes it decide again, on a state that has heard of the sale', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const heard: number[] = [];
	const { promise: sold, resolve } = Promise.withResolvers<undefined>();
	const slow = till.commit({
		key: key('slow'),
		async decide(next) {
			heard.push(till.told.length);
			if (next === 1) await sold;
			return { ...sale('slow')(next) };
		},
	});
	await till.sell('quick-one');
	resolve(undefined);
	mustBe(await slow);
	expect(heard).toEqual([0, 1]);
	expect((await journal(till)).map((entry) => entry.header.key)).toEqual(['quick-one', key('slow')]);
	expect(receiptNumbers(await journal(till))).toEqual([1, 2]);
});

test('5: many decisions of the replica at once, with sales in between, all become true', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const decide = async (): Promise<Decision> => {
		await new Promise((done) => setTimeout(done, 1));
		return stock;
	};
	const done = await Promise.all([
		...Array.from({ length: 30 }, (_, n) => till.commit({ key: key(`stock-${n}`), decide })),
		...Array.from({ length: 5 }, (_, n) => till.commit({ key: key(`sale-${n}`), decide: sale(`sale-${n}`) })),
	]);
	for (const one of done) mustBe(one);
	const entries = await journal(till);
	expect(entries).toHaveLength(35);
	expect(new Set(entries.map((entry) => entry.header.key)).size).toBe(35);
	expect(receiptNumbers(entries)).toEqual([1, 2, 3, 4, 5]);
});

test('5: a decision that fails fails alone', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const failing = till.commit({ key: key('failing'), decide: () => Promise.reject(new Error('the worker is gone')) });
	const behind = till.commit({ key: key('behind'), decide: async () => stock });
	await expect(failing).rejects.toThrow('the worker is gone');
	mustBe(await behind);
});

test('6: a sale is recorded for the cashier even when nobody could be told of it; the mistake is not swallowed', async () => {
	const late: (() => void)[] = [];
	vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => late.push(task));
	const till = await shop.till({
		vault: createMemoryVault(),
		onRecorded() {
			throw new Error('the replica is gone');
		},
	});
	expect((await till.sell('told-nobody')).again).toBe(false);
	expect(late).toHaveLength(1);
	expect(late[0]).toThrow('the replica is gone');
});

test('11: what is being written is told while the disk writes it, and who fails at hearing it stops no sale', async () => {
	const late: (() => void)[] = [];
	vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => late.push(task));
	const written = Promise.withResolvers<undefined>();
	const vault = createMemoryVault();
	const slow: Vault = { ...vault, record: async (change) => written.promise.then(() => vault.record(change)) };
	const till = await shop.till({ vault: slow });
	const sealed = Promise.withResolvers<readonly Entry[]>();
	const committing = till.commit({
		...{ key: key('foreseen'), decide: sale('foreseen') },
		onSealed(entries) {
			sealed.resolve(entries);
			throw new Error('it cannot be drawn');
		},
	});
	const told = await sealed.promise;
	expect(await vault.entriesByKey(key('foreseen'))).toEqual([]);
	written.resolve(undefined);
	expect(mustBe(await committing).entries).toEqual(told);
	expect(late).toHaveLength(1);
	expect(late[0]).toThrow('it cannot be drawn');
});

test('an intent for both scopes is two parts under one key, recorded together or not at all', async () => {
	const vault: Vault = createMemoryVault();
	const till = await shop.till({ vault });
	const done = mustBe(
		await till.commit({
			key: key('parts'),
			decide: () => ({
				branch: [received('A', 1)],
				store: [{ type: 'setting.changed', v: 1, setting: { name: 'storeName', value: 'Corner' }, replaces: [] }],
				takesReceipt: false,
			}),
		}),
	);
	const [inBranch, inStore] = done.entries;
	expect(done.entries.map(({ header }) => header.scope)).toEqual(['branch', 'store']);
	expect(inBranch?.header.part).toEqual({ n: 1, of: 2 });
	expect(inStore?.header.part).toEqual({ n: 2, of: 2, first: inBranch?.hash });
	expect(await vault.read()).toMatchObject({ version: 1, heads: { branch: { seq: 1 }, store: { seq: 1 } } });
	const again = mustBe(await till.commit({ key: key('parts'), decide: () => stock }));
	expect(again.entries.map(({ hash }) => hash)).toEqual(done.entries.map(({ hash }) => hash));
});

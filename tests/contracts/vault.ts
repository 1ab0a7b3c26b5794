/** What every vault promises, run against memory, SQLite and a real browser's IndexedDB. */
import { describe, expect, test } from 'vitest';
import type { Vault, VaultChange, VaultState } from '#ports';
import type { TakenBack } from '#core/entry/taken-back.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, IntentKey, Scope, StoreId, TradingDay, PersonId } from '#schemas/ids.ts';

const DEVICE = 'a1'.repeat(32) as DeviceId;

/** The vault does not look into entries, so these need no signature. */
export function plainEntry(scope: Scope, seq: number, key: string, device: DeviceId = DEVICE, prev?: EntryHash): Entry {
	const hash = `${seq.toString(16).padStart(8, '0')}${scope === 'branch' ? 'bb' : '55'}${device.slice(0, 8)}`.padEnd(64, 'c') as EntryHash;
	return {
		hash,
		header: {
			...{ v: 1 as const, store: '5e'.repeat(16) as StoreId, scope, device, seq, hlc: [seq, 0] as [number, number], at: 1_700_000_000_000 + seq },
			...(prev === undefined ? {} : { prev }),
			...{ tradingDay: '2026-11-23' as TradingDay, seen: [], key: key as IntentKey, by: 'owner' as PersonId },
		},
		facts: [],
		sealed: new Uint8Array([0x82, seq & 0xff, scope === 'branch' ? 1 : 2, ...new TextEncoder().encode(key)]),
	};
}

export function change(state: VaultState, ownership: number, key: string, sale = true): VaultChange {
	const seq = (state.heads.branch?.seq ?? 0) + 1;
	const entry = plainEntry('branch', seq, key, DEVICE, state.heads.branch?.hash);
	return {
		...{ version: state.version, ownership, entries: [entry], hlc: [seq, 0] },
		heads: { ...state.heads, branch: { seq, hash: entry.hash, seen: new Map([['aa:b', ['aa'.repeat(8), 'b', seq, 'bb'.repeat(8)]]]) } },
		...(sale ? { sale: { key: key as IntentKey, receipt: { till: 1, number: state.lastReceiptNumber + 1 }, totalMinor: 250, atMs: 5 } } : {}),
	};
}

export function vaultContract(name: string, open: (place: string) => Promise<Vault>): void {
	describe(`vault: ${name}`, () => {
		let count = 0;
		const fresh = async () => {
			const place = `vault-${(count += 1)}-${crypto.randomUUID().slice(0, 8)}`;
			const vault = await open(place);
			return { vault, place, ownership: await vault.takeOwnership() };
		};
		const cart = (key: string): Cart => ({ key: key as IntentKey, lines: [], changedAtMs: 1 });

		test('a new vault has no heads, no receipts and no sales', async () => {
			const { vault } = await fresh();
			expect(await vault.read()).toMatchObject({ version: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 });
			expect(await vault.salesByStatus('recorded', 10)).toEqual([]);
			await vault.close();
		});

		test('a recorded sale is found by its key, its status and in the journal, with its head and receipt number', async () => {
			const { vault, ownership } = await fresh();
			const wanted = change(await vault.read(), ownership, 'sale-key-1');
			const outcome = await vault.record(wanted);
			expect(outcome).toMatchObject({ recorded: { version: 1, lastReceiptNumber: 1, hlc: [1, 0] } });
			const state = await vault.read();
			expect(state.heads.branch).toEqual(wanted.heads.branch);
			expect(await vault.saleByKey('sale-key-1' as IntentKey)).toMatchObject({
				status: 'recorded',
				seq: 1,
				receipt: { till: 1, number: 1 },
				totalMinor: 250,
			});
			expect(await vault.salesByStatus('recorded', 10)).toHaveLength(1);
			expect(await vault.ownEntries('branch', 1, 10)).toEqual([wanted.entries[0]?.sealed]);
			expect(await vault.entriesByKey('sale-key-1' as IntentKey)).toEqual([wanted.entries[0]?.sealed]);
			expect(await vault.entriesByKey('sale-key-2' as IntentKey)).toEqual([]);
			await vault.close();
		});

		test('what is recorded above a place is counted, receipts apart: so much is not sent yet', async () => {
			const { vault, ownership } = await fresh();
			for (const n of [1, 2, 3]) await vault.record(change(await vault.read(), ownership, `counted-sale-${n}`));
			await vault.record(change(await vault.read(), ownership, 'no-sale-at-all', false));
			expect(await vault.recordedAbove({ branch: 0, store: 0 })).toEqual({ entries: 4, receipts: 3 });
			expect(await vault.recordedAbove({ branch: 2, store: 0 })).toEqual({ entries: 2, receipts: 1 });
			expect(await vault.recordedAbove({ branch: 4, store: 0 })).toEqual({ entries: 0, receipts: 0 });
			await vault.close();
		});

		test('of two records on one state, one wins; the other is told that the head has moved', async () => {
			const { vault, ownership } = await fresh();
			const state = await vault.read();
			const outcomes = await Promise.all([vault.record(change(state, ownership, 'racing-1')), vault.record(change(state, ownership, 'racing-2'))]);
			expect(outcomes.filter((outcome) => 'recorded' in outcome)).toHaveLength(1);
			expect(outcomes).toContainEqual({ failed: 'moved' });
			expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(1);
			await vault.close();
		});

		test('two tabs that opened the same vault race the same way: one record wins, and the other tab sees it', async () => {
			const { vault, ownership, place } = await fresh();
			const second = await open(place);
			const state = await vault.read();
			const outcomes = await Promise.all([vault.record(change(state, ownership, 'tab-one-1')), second.record(change(state, ownership, 'tab-two-1'))]);
			expect(outcomes.filter((outcome) => 'recorded' in outcome)).toHaveLength(1);
			expect(outcomes).toContainEqual({ failed: 'moved' });
			expect(await second.ownEntries('branch', 1, 10)).toEqual(await vault.ownEntries('branch', 1, 10));
			expect(await second.takeOwnership()).toBe(ownership + 1);
			expect(await vault.record(change(await vault.read(), ownership, 'tab-one-2'))).toEqual({ failed: 'not-owner' });
			await second.close();
			await vault.close();
		});

		test('both parts of an intent are recorded together, and found under their key, branch first', async () => {
			const { vault, ownership } = await fresh();
			const key = 'in-two-parts';
			const [inBranch, inStore] = [plainEntry('branch', 1, key), plainEntry('store', 1, key)];
			const heads = { branch: { seq: 1, hash: inBranch.hash, seen: new Map() }, store: { seq: 1, hash: inStore.hash, seen: new Map() } };
			await vault.record({ version: 0, ownership, entries: [inBranch, inStore], heads, hlc: [1, 0] });
			expect(await vault.entriesByKey(key as IntentKey)).toEqual([inBranch.sealed, inStore.sealed]);
			expect(await vault.ownEntries('store', 1, 10)).toEqual([inStore.sealed]);
			await vault.close();
		});

		test('what does not follow from the head throws and leaves no trace: a hole, another past, a receipt number left out', async () => {
			const { vault, ownership } = await fresh();
			await vault.record(change(await vault.read(), ownership, 'the-first'));
			const before = await vault.read();
			const good = change(before, ownership, 'the-second');
			const [entry] = good.entries;
			const wrong: VaultChange[] = [
				{ ...good, entries: [{ ...entry!, header: { ...entry!.header, seq: 3 } }] },
				{ ...good, entries: [{ ...entry!, header: { ...entry!.header, prev: 'ab'.repeat(32) as EntryHash } }] },
				{ ...good, heads: before.heads },
				{ ...good, sale: { ...good.sale!, receipt: { till: 1, number: 3 } } },
				{ ...good, entries: [{ ...entry!, header: { ...entry!.header, hlc: [1, 0] } }] },
			];
			for (const one of wrong) await expect(vault.record(one)).rejects.toThrow('does not follow');
			expect(await vault.read()).toEqual(before);
			expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(1);
			expect(await vault.saleByKey('the-second' as IntentKey)).toBeUndefined();
			expect(await vault.record(good)).toHaveProperty('recorded');
			await vault.close();
		});

		test('what others kept of it continues the chains: heads, sales by key, receipt numbers, and no cart of a sale among it', async () => {
			const { vault, ownership } = await fresh();
			await vault.record(change(await vault.read(), ownership, 'before-backup'));
			await vault.saveCart(cart('sold-after-1'), ownership);
			const state = await vault.read();
			const [second, third] = [
				plainEntry('branch', 2, 'sold-after-1', DEVICE, state.heads.branch?.hash),
				plainEntry('branch', 3, 'sold-after-2', DEVICE, plainEntry('branch', 2, 'x').hash),
			];
			const saleOf = (entry: Entry, number: number) => ({
				...{ key: entry.header.key, entry: entry.hash, seq: entry.header.seq },
				...{ receipt: { till: 1, number }, totalMinor: 100 * number, atMs: entry.header.at },
			});
			const heads = { ...state.heads, branch: { seq: 3, hash: third.hash, seen: new Map() } };
			const taken: TakenBack = { entries: [second, third], heads, hlc: [3, 0], lastReceiptNumber: 3, sales: [saleOf(second, 2), saleOf(third, 3)] };
			for (const wrong of [
				{ ...taken, entries: [third] },
				{ ...taken, heads: state.heads },
				{ ...taken, lastReceiptNumber: 0 },
				{ ...taken, hlc: [2, 0] as [number, number] },
			])
				await expect(vault.takeBack({ version: state.version, ownership, taken: wrong })).rejects.toThrow('does not follow');
			expect(await vault.takeBack({ version: state.version - 1, ownership, taken })).toEqual({ failed: 'moved' });
			expect(await vault.takeBack({ version: state.version, ownership: ownership - 1, taken })).toEqual({ failed: 'not-owner' });
			expect(await vault.read()).toEqual(state);
			const outcome = await vault.takeBack({ version: state.version, ownership, taken });
			expect(outcome).toMatchObject({ recorded: { version: state.version + 1, ownership, lastReceiptNumber: 3, hlc: [3, 0], heads } });
			expect(await vault.read()).toEqual('recorded' in outcome ? outcome.recorded : undefined);
			expect(await vault.ownEntries('branch', 2, 10)).toEqual([second.sealed, third.sealed]);
			expect(await vault.saleByKey('sold-after-2' as IntentKey)).toMatchObject({ status: 'recorded', seq: 3, receipt: { number: 3 } });
			expect(await vault.carts()).toEqual([]);
			expect(await vault.record(change(await vault.read(), ownership, 'sold-after-2'))).toEqual({ failed: 'key-known' });
			const next = change(await vault.read(), ownership, 'goes-on-now');
			expect(await vault.record(next)).toMatchObject({ recorded: { lastReceiptNumber: 4, heads: { branch: { seq: 4 } } } });
			await vault.close();
		});

		test('what others keep leaves from below: chain, receipts, carts and what is above go on as if nothing had', { timeout: 60_000 }, async () => {
			const { vault, ownership, place } = await fresh();
			for (let n = 1; n <= 205; n += 1) await vault.record(change(await vault.read(), ownership, `of-old-${n}`, n % 2 === 1));
			const plain = plainEntry('store', 1, 'of-the-store');
			const inStore = { ...plain, header: { ...plain.header, hlc: [1_000, 0] as [number, number] } };
			const { version, heads } = await vault.read();
			const all = { ...heads, store: { seq: 1, hash: inStore.hash, seen: new Map() } };
			await vault.record({ version, ownership, entries: [inStore], heads: all, hlc: [1_000, 0] });
			await vault.saveCart(cart('cart-stays'), ownership);
			const before = await vault.read();
			const rest = await vault.ownEntries('branch', 203, 10);
			expect(await vault.prune(202, ownership)).toBe('saved');
			expect(await vault.read()).toEqual(before);
			expect(await vault.ownEntries('branch', 1, 10)).toEqual(rest);
			expect(await vault.ownEntries('store', 1, 10)).toEqual([inStore.sealed]);
			expect((await vault.salesByStatus('recorded', 300)).map(({ seq }) => seq)).toEqual([203, 205]);
			expect(await vault.saleByKey('of-old-1' as IntentKey)).toBeUndefined();
			expect(await vault.recordedAbove({ branch: 202, store: 0 })).toEqual({ entries: 4, receipts: 2 });
			expect((await vault.carts()).map(({ key }) => key)).toEqual(['cart-stays']);
			expect(await vault.record(change(before, ownership, 'of-old-205'))).toEqual({ failed: 'key-known' });
			const next = change(before, ownership, 'goes-on-now');
			expect(
				await vault.record({ ...next, hlc: [1_001, 0], entries: [{ ...next.entries[0]!, header: { ...next.entries[0]!.header, hlc: [1_001, 0] } }] }),
			).toMatchObject({
				recorded: { lastReceiptNumber: before.lastReceiptNumber + 1, heads: { branch: { seq: 206 } } },
			});
			await vault.close();
			const again = await open(place);
			expect(await again.ownEntries('branch', 1, 300)).toHaveLength(4);
			await again.close();
		});

		test('the last entry never leaves, and whoever lost the till lets nothing go', async () => {
			const { vault, ownership } = await fresh();
			for (const n of [1, 2, 3]) await vault.record(change(await vault.read(), ownership, `stays-here-${n}`));
			await expect(vault.prune(3, ownership)).rejects.toThrow('what it needs');
			await vault.takeOwnership();
			expect(await vault.prune(2, ownership)).toBe('not-owner');
			expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(3);
			await vault.close();
		});

		test('a key is recorded once', async () => {
			const { vault, ownership } = await fresh();
			await vault.record(change(await vault.read(), ownership, 'twice-key'));
			expect(await vault.record(change(await vault.read(), ownership, 'twice-key'))).toEqual({ failed: 'key-known' });
			expect((await vault.read()).lastReceiptNumber).toBe(1);
			await vault.close();
		});

		test('whoever lost the ownership writes nothing: no sale, no cart, no value', async () => {
			const { vault, ownership } = await fresh();
			await vault.saveCart(cart('cart-of-mine'), ownership);
			const newer = await vault.takeOwnership();
			expect(newer).toBe(ownership + 1);
			expect(await vault.record(change(await vault.read(), ownership, 'too-late-1'))).toEqual({ failed: 'not-owner' });
			expect(await vault.saveCart(cart('cart-too-late'), ownership)).toBe('not-owner');
			expect(await vault.dropCart('cart-of-mine' as IntentKey, ownership)).toBe('not-owner');
			expect(await vault.setValue('workAlone', true, ownership)).toBe('not-owner');
			expect(await vault.getValue('workAlone')).toBeUndefined();
			expect(await vault.markLedgered('branch', 1, ownership)).toBe('not-owner');
			expect((await vault.carts()).map(({ key }) => key)).toEqual(['cart-of-mine']);
			expect(await vault.ownEntries('branch', 1, 10)).toEqual([]);
			await vault.close();
		});

		test('the record of a sale removes its cart, and a late save of that cart does not bring it back', async () => {
			const { vault, ownership } = await fresh();
			await vault.saveCart(cart('cart-paid'), ownership);
			await vault.record({ ...change(await vault.read(), ownership, 'cart-paid'), removesCart: 'cart-paid' as IntentKey });
			await vault.saveCart(cart('cart-paid'), ownership);
			expect(await vault.carts()).toEqual([]);
			await vault.close();
		});

		test('a sale is ledgered once its segment has it; later ones wait', async () => {
			const { vault, ownership } = await fresh();
			for (const key of ['ledger-1', 'ledger-2', 'ledger-3']) await vault.record(change(await vault.read(), ownership, key));
			await vault.markLedgered('branch', 2, ownership);
			expect((await vault.salesByStatus('ledgered', 10)).map(({ seq }) => seq)).toEqual([1, 2]);
			expect((await vault.salesByStatus('recorded', 10)).map(({ seq }) => seq)).toEqual([3]);
			await vault.close();
		});

		test('a long backlog is ledgered whole, in steps that a sale does not wait for', { timeout: 60_000 }, async () => {
			const { vault, ownership } = await fresh();
			for (let n = 1; n <= 205; n += 1) await vault.record(change(await vault.read(), ownership, `of-many-${n}`));
			const [marked, sold] = await Promise.all([
				vault.markLedgered('branch', 204, ownership),
				vault.read().then((state) => vault.record(change(state, ownership, 'meanwhile'))),
			]);
			expect(marked).toBe('saved');
			expect(sold).toHaveProperty('recorded');
			expect((await vault.salesByStatus('ledgered', 1_000)).map(({ seq }) => seq)).toEqual(Array.from({ length: 204 }, (_, n) => n + 1));
			expect((await vault.salesByStatus('recorded', 10)).map(({ seq }) => seq)).toEqual([205, 206]);
			await vault.takeOwnership();
			expect(await vault.markLedgered('branch', 206, ownership)).toBe('not-owner');
			await vault.close();
		});

		test('what was recorded is there after closing and opening', async () => {
			const { vault, ownership, place } = await fresh();
			await vault.record(change(await vault.read(), ownership, 'stays-here'));
			await vault.saveCart(cart('cart-stays'), ownership);
			await vault.setValue('workAlone', true, ownership);
			const before = await vault.read();
			await vault.close();
			const again = await open(place);
			expect(await again.read()).toEqual(before);
			expect(await again.getValue('workAlone')).toBe(true);
			expect(await again.getValue('never set')).toBeUndefined();
			expect((await again.carts()).map(({ key }) => key)).toEqual(['cart-stays']);
			await again.close();
		});
	});
}

import { expect, test } from 'vitest';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { compareHlc } from '#core/entry/hlc.ts';
import { applySeen, type SeenVector } from '#core/entry/seen.ts';
import type { Seen } from '#engine/seal.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { IntentKey, PersonId } from '#schemas/ids.ts';
import type { SeenChange } from '#schemas/mark.ts';
import { openSealingShop, type SealingTill, type TillOptions } from '../support/sealing-till.ts';
import { received } from '../support/facts.ts';

const shop = await openSealingShop();
const A: SeenChange = ['aa'.repeat(8), 'b', 3, '0a'.repeat(8)];
const B: SeenChange = ['bb'.repeat(8), 's', 7, '0b'.repeat(8)];
const vector = (...marks: SeenChange[]): SeenVector => applySeen(new Map(), marks);
const setting = (value: string): Fact => ({ type: 'setting.changed', v: 1, setting: { name: 'storeName', value }, replaces: [] });

async function open(
	options: Partial<TillOptions> = {},
): Promise<{ till: SealingTill; does: (facts: { branch?: Fact[]; store?: Fact[] }) => Promise<readonly Entry[]> }> {
	const till = await shop.till({ vault: createMemoryVault(), ...options });
	let count = 0;
	return {
		till,
		async does({ branch = [], store = [] }) {
			const done = await till.commit({ key: `intent-${(count += 1)}` as IntentKey, decide: () => ({ branch, store, takesReceipt: false }) });
			if (!('entries' in done)) throw new Error(JSON.stringify(done));
			return (done as { entries: readonly Entry[] }).entries;
		},
	};
}

test('another device opens what was sealed, and reads the same', async () => {
	const { till, does } = await open();
	const [entry] = await does({ branch: [received('A', 2)] });
	expect(await till.verifier.entry(entry!.sealed)).toEqual(entry);
});

test('1: the clock goes forward whatever the wall clock does, and passes everything seen', async () => {
	let nowMs = 1_000_000;
	let seen: Seen = { vector: new Map(), hlc: [0, 0] };
	const { does } = await open({ nowMs: () => nowMs, seen: () => seen });
	const clocks = [];
	for (const [wallMs, seenMs] of [
		[1_000_000, 0],
		[900_000, 0],
		[2_000_000, 0],
		[2_000_000, 5_000_000],
		[1, 0],
	] as const) {
		nowMs = wallMs;
		seen = { ...seen, hlc: [seenMs, 3] };
		const [entry] = await does({ branch: [received('A', 1)] });
		expect(compareHlc(entry!.header.hlc, seen.hlc)).toBeGreaterThan(0);
		clocks.push(entry!.header.hlc);
	}
	expect(clocks).toEqual([...clocks].sort(compareHlc));
	expect(clocks[4]).toEqual([5_000_000, 5]);
});

test('2: seen names what changed since the entry before on the chain, the own other chain as it stands, and never the chain itself', async () => {
	let seen: Seen = { vector: vector(A), hlc: [0, 0] };
	const { till, does } = await open({ seen: () => seen });
	const own = till.signer.device.slice(0, 16);
	const [first] = await does({ branch: [received('A', 1)] });
	expect(first!.header.seen).toEqual([A]);
	const [second] = await does({ branch: [received('A', 1)] });
	expect(second!.header.seen).toEqual([]);
	// As a ledger says it, which has folded the own entries too.
	seen = { vector: vector(A, B, [own, 'b', 2, second!.hash.slice(0, 16)]), hlc: [0, 0] };
	const [inStore] = await does({ store: [setting('One')] });
	expect(new Set(inStore!.header.seen)).toEqual(new Set([A, B, [own, 'b', 2, second!.hash.slice(0, 16)]]));
	const [third] = await does({ branch: [received('A', 1)] });
	expect(new Set(third!.header.seen)).toEqual(new Set([B, [own, 's', 1, inStore!.hash.slice(0, 16)]]));
});

test('2: the second part of an intent has seen the first', async () => {
	const { till, does } = await open();
	const [inBranch, inStore] = await does({ branch: [received('A', 1)], store: [setting('Two')] });
	expect(inStore!.header.seen).toEqual([[till.signer.device.slice(0, 16), 'b', 1, inBranch!.hash.slice(0, 16)]]);
	expect(compareHlc(inBranch!.header.hlc, inStore!.header.hlc)).toBeLessThan(0);
});

test('3: rows from a cache that lag behind take nothing back of what the last entry had seen', async () => {
	let seen: Seen = { vector: vector(A, B), hlc: [0, 0] };
	const { till, does } = await open({ seen: () => seen });
	await does({ branch: [received('A', 1)] });
	seen = { vector: vector([A[0], A[1], 1, '01'.repeat(8)]), hlc: [0, 0] };
	const [lagging] = await does({ branch: [received('A', 1)] });
	expect(lagging!.header.seen).toEqual([]);
	expect((await till.vault.read()).heads.branch?.seen).toEqual(vector(A, B));
	// The same place with another hash is the other side of a fork, and that is news.
	const otherSide: SeenChange = [A[0], A[1], A[2], 'ff'.repeat(8)];
	seen = { vector: vector(otherSide), hlc: [0, 0] };
	const [forked] = await does({ branch: [received('A', 1)] });
	expect(forked!.header.seen).toEqual([otherSide]);
});

test('4: a fact that nobody could read is not sealed', async () => {
	const { till, does } = await open();
	const broken = { ...received('A', 1), lines: [{ sku: 'A', quantityMilli: 0.5 }] } as unknown as Fact;
	await expect(does({ branch: [broken] })).rejects.toThrow();
	const unsigned = { ...received('A', 1), lines: [] } as unknown as Fact;
	await expect(does({ branch: [unsigned] })).rejects.toThrow('stock.received');
	expect(await till.vault.read()).toMatchObject({ version: 0 });
});

test.each([-5, 1.5, 8.64e15, 4_102_444_800_001])('5: a wall clock at %d ms stops no sale', async (nowMs) => {
	const { till, does } = await open({ nowMs: () => nowMs });
	const [entry] = await does({ branch: [received('A', 1)] });
	expect(await till.verifier.entry(entry!.sealed)).toHaveProperty('header');
});

test('whoever is at the device is named; where nobody said, it was the owner', async () => {
	const { till } = await open();
	const byOf = async (key: string, by?: PersonId): Promise<string | undefined> => {
		const decide = () => ({ branch: [received('A', 1)], store: [setting(key)], takesReceipt: false });
		const done = await till.commit({ key: key as IntentKey, decide, ...(by === undefined ? {} : { by }) });
		return 'entries' in done ? (done.entries as readonly Entry[]).map(({ header }) => header.by).join(' ') : undefined;
	};
	expect(await byOf('intent-mia', 'mia' as PersonId)).toBe('mia mia');
	expect(await byOf('intent-nobody')).toBe('owner owner');
});

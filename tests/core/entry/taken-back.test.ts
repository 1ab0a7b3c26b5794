/** What continues a device's own chains, of everything that others kept of it. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { takeBack, type OwnHeads } from '#core/entry/taken-back.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { openSealingShop, type SealingTill } from '../../support/sealing-till.ts';

const shop = await openSealingShop();
const NOTHING: OwnHeads = { heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };

/** A till whose vault holds the first of these already: an older copy of itself. */
async function copyOf(till: SealingTill, held: number): Promise<SealingTill> {
	const copy = await shop.till({ vault: createMemoryVault(), signer: till.signer });
	const taken = takeBack(await copy.vault.read(), till.told.slice(0, held));
	if (taken !== undefined) await copy.vault.takeBack({ version: 0, ownership: copy.ownership, taken });
	return copy;
}

async function seller(sales: number): Promise<SealingTill> {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 1; n <= sales; n += 1) await till.sell(`sale-number-${n}`);
	return till;
}

function orders(entries: readonly Entry[]): readonly (readonly Entry[])[] {
	return [entries, [...entries].reverse(), [...entries.slice(3), ...entries.slice(0, 3)]];
}

test('1, 3, 4: heads, clock, receipts and sales are as the device left them, in whatever order the entries lie', async () => {
	const till = await seller(7);
	const left = await till.vault.read();
	for (const found of orders(till.told)) {
		const taken = takeBack(NOTHING, found);
		expect(taken?.entries.map(({ header }) => header.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
		expect(taken?.heads).toEqual(left.heads);
		expect(taken?.hlc).toEqual(left.hlc);
		expect(taken?.lastReceiptNumber).toBe(7);
		expect(taken?.sales.map(({ key }) => key)).toEqual(till.told.map(({ header }) => header.key));
	}
});

test('1: what lies beyond a hole waits for what is missing', async () => {
	const { told } = await seller(5);
	expect(takeBack(NOTHING, [told[0]!, told[1]!, told[3]!, told[4]!])?.entries.map(({ header }) => header.seq)).toEqual([1, 2]);
	expect(takeBack(NOTHING, told.slice(1))).toBeUndefined();
	expect(takeBack(NOTHING, [])).toBeUndefined();
});

test('1: another side of a fork is not taken: both stay where they are', async () => {
	const till = await seller(4);
	const copy = await copyOf(till, 2);
	await copy.sell('sold-by-the-copy');
	expect(takeBack(await copy.vault.read(), till.told)).toBeUndefined();
	expect(takeBack(await till.vault.read(), [...till.told, ...copy.told])).toBeUndefined();
});

test('2: of two sides that follow, the one that reaches farthest is gone on with, whichever came first', async () => {
	const till = await seller(5);
	const copy = await copyOf(till, 2);
	await copy.sell('sold-by-the-copy');
	const restored = await (await copyOf(till, 2)).vault.read();
	for (const found of orders([...till.told, ...copy.told]))
		expect(takeBack(restored, found)?.entries.map(({ hash }) => hash)).toEqual(till.told.slice(2).map(({ hash }) => hash));
});

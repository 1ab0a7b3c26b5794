import { expect, test } from 'vitest';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { recover } from '#engine/recover.ts';
import type { Entry } from '#schemas/entry.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();

test('a sale that was recorded the moment before the crash is in the ledger after the start, and recovering twice changes nothing', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	for (const key of ['sale-one', 'sale-two']) await till.sell(key);

	// The process is gone: nobody was told. What is left is the vault.
	const ledger = createLedger({ store: shop.store, branch: shop.branch, certificateOf: (device) => till.verifier.certificateOf(device) });
	const hear = async (sealed: readonly Uint8Array[]): Promise<void> => {
		const opened = await Promise.all(sealed.map((bytes) => till.verifier.entry(bytes)));
		ledger.add(opened.filter((entry): entry is Entry => 'header' in entry));
	};
	await recover(vault, hear);
	const marks = ledger.marks();
	expect(marks).toEqual([{ device: till.signer.device, scope: 'branch', seq: 2, hash: till.told[1]?.hash }]);
	await recover(vault, hear);
	expect(ledger.marks()).toEqual(marks);
});

test('a long journal of both chains is handed over whole, in the order of each chain, each page awaited', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	for (let n = 1; n <= 1001; n += 1) await till.sell(`sale-number-${n}`);
	await till.commit({
		key: 'a-setting' as IntentKey,
		decide: () => ({
			branch: [],
			store: [{ type: 'setting.changed', v: 1, setting: { name: 'storeName', value: 'Corner' }, replaces: [] }],
			takesReceipt: false,
		}),
	});
	const heard: Uint8Array[] = [];
	let busy = false;
	await recover(vault, async (sealed) => {
		expect(busy).toBe(false);
		busy = true;
		await new Promise((resolve) => setTimeout(resolve, 1));
		heard.push(...sealed);
		busy = false;
	});
	expect(heard).toEqual(till.told.map(({ sealed }) => sealed));
});

test('of a journal that was pruned what is left is handed over once', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	for (let n = 1; n <= 1_201; n += 1) await till.sell(`sale-of-then-${n}`);
	await vault.prune(600, till.ownership);
	const heard: Uint8Array[] = [];
	await recover(vault, (sealed) => Promise.resolve(void heard.push(...sealed)));
	expect(heard).toEqual(till.told.slice(600).map(({ sealed }) => sealed));
});

test('an empty vault has nothing to hand over', async () => {
	const pages: unknown[] = [];
	await recover(createMemoryVault(), async (sealed) => {
		pages.push(sealed);
	});
	expect(pages).toEqual([]);
});

/** After a crash: the sale that was recorded, until the cashier has left it. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { lastPaid, leavePaid } from '#engine/last-paid.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();

test('the newest sale is shown until it is left, and then the next', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	expect(await lastPaid(vault)).toBeUndefined();
	await till.sell('the-first-sale');
	const first = await lastPaid(vault);
	expect(first).toMatchObject({ entry: till.told[0]?.hash, number: 'T1-000001', fact: { totalMinor: 250 }, atMs: till.told[0]?.header.at });
	if (first === undefined) throw new Error('no sale');
	await leavePaid(vault, first, till.ownership);
	expect(await lastPaid(vault)).toBeUndefined();
	await till.sell('the-second-sale');
	expect(await lastPaid(vault)).toMatchObject({ number: 'T1-000002' });
});

test('what was done after a sale is not a sale', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	await till.sell('the-first-sale');
	await till.commit({
		key: 'drawer-opened' as IntentKey,
		decide: () => ({ branch: [{ type: 'drawer.opened', v: 1 }], store: [], takesReceipt: false }),
	});
	expect(till.told).toHaveLength(2);
	expect(await lastPaid(vault)).toBeUndefined();
});

/** The app is updated while sales wait on the till: today's code opens the databases of every version before, and nothing of them is lost. */
import { expect, test } from 'vitest';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { recover } from '#engine/recover.ts';
import type { Vault, VaultFinding } from '#ports';
import type { IntentKey } from '#schemas/ids.ts';
import { change, plainEntry } from '../../contracts/vault.ts';
import { writeHeardVersion1, writeVaultVersion1, writeVaultVersion2, type OlderSale } from '../../support/older-databases.ts';

const places = await storagePlaces('vault');
const newName = (): string => `older-${crypto.randomUUID()}`;

const SALES: readonly OlderSale[] = [1, 2, 3, 4, 5].map((seq) => {
	const entry = plainEntry('branch', seq, `unsent-sale-${seq}`);
	return { seq, key: entry.header.key, hash: entry.hash, prev: undefined, sealed: entry.sealed };
});

const VERSIONS = [
	[1, writeVaultVersion1],
	[2, writeVaultVersion2],
] as const;

async function openVault(name: string, where = places): Promise<{ readonly vault: Vault; readonly findings: readonly VaultFinding[] }> {
	const findings: VaultFinding[] = [];
	return { vault: await openIndexedDbVault({ places: where, name, onFinding: (finding) => findings.push(finding) }), findings };
}

async function expectAllThere(vault: Vault): Promise<void> {
	expect(await vault.read()).toMatchObject({ lastReceiptNumber: 5, heads: { branch: { seq: 5, hash: SALES[4]?.hash } } });
	expect((await vault.salesByStatus('recorded', 10)).map(({ receipt }) => receipt.number)).toEqual([1, 2, 3, 4, 5]);
	expect(await vault.recordedAbove({ branch: 2, store: 0 })).toEqual({ entries: 3, receipts: 3 });
	const told: Uint8Array[] = [];
	await recover(vault, (sealed) => Promise.resolve(void told.push(...sealed)));
	expect(told).toEqual(SALES.map(({ sealed }) => sealed));
	expect((await vault.carts()).map(({ key }) => key)).toEqual(['cart-of-back-then']);
	expect(await vault.getValue('workAlone')).toBe(true);
}

test.each(VERSIONS)(
	'unsent sales of version %d survive the update: told again, receipts go on without a gap, no key is paid twice',
	async (_, writeVault) => {
		const name = newName();
		for (const place of places) await writeVault(place, name, SALES);
		const { vault, findings } = await openVault(name);
		expect(findings).toEqual([]);
		await expectAllThere(vault);
		const ownership = await vault.takeOwnership();
		expect(ownership).toBe(8);
		expect(await vault.record(change(await vault.read(), ownership, 'unsent-sale-5'))).toEqual({ failed: 'key-known' });
		await vault.saveCart({ key: 'first-after-update' as IntentKey, lines: [], changedAtMs: 1 }, ownership);
		expect(await vault.record(change(await vault.read(), ownership, 'first-after-update'))).toMatchObject({ recorded: { lastReceiptNumber: 6 } });
		expect((await vault.saleByKey('first-after-update' as IntentKey))?.receipt).toEqual({ till: 1, number: 6 });
		await vault.close();
		for (const place of places) {
			const copy = await openVault(name, [place]);
			expect(await copy.vault.ownEntries('branch', 1, 10)).toHaveLength(6);
			await copy.vault.close();
		}
	},
);

test.each(VERSIONS)(
	'a kill in the middle of the update from version %d: one copy is new, the other old, and both are one till',
	async (_, writeVault) => {
		const name = newName();
		for (const place of places) await writeVault(place, name, SALES);
		const half = await openVault(name, [places[0]!]);
		await half.vault.close();
		const { vault, findings } = await openVault(name);
		expect(findings).toEqual([]);
		await expectAllThere(vault);
		await vault.close();
	},
);

test('the old app that still runs in a tab is told and writes no more; what it recorded until then is there', async () => {
	const name = newName();
	for (const place of places) await writeVaultVersion1(place, name, SALES);
	const oldTab = await new Promise<IDBDatabase>((resolve) => {
		const request = places[0]!.open(name, 1);
		request.onsuccess = () => {
			resolve(request.result);
		};
	});
	const told = new Promise<number | null>((resolve) => {
		oldTab.onversionchange = (event) => {
			oldTab.close();
			resolve(event.newVersion);
		};
	});
	const { vault } = await openVault(name);
	expect(await told).toBe(3);
	await expectAllThere(vault);
	await vault.close();
});

test('what was heard by version 1 is there after the update', async () => {
	const name = newName();
	const heard = [1, 2, 3].map((seq) => plainEntry('store', seq, `heard-${seq}-------`));
	const heardPlaces = await storagePlaces('heard');
	for (const place of heardPlaces)
		await writeHeardVersion1(
			place,
			name,
			heard.map(({ header, hash, sealed }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash, sealed })),
		);
	const findings: string[] = [];
	const store = await openIndexedDbEntryStore({ places: heardPlaces, name, ownership: 8, onFinding: (sentence) => findings.push(sentence) });
	expect((await store.page(undefined, 10)).sealed).toEqual(heard.map(({ sealed }) => sealed));
	expect(await store.certificates()).toEqual([new Uint8Array([1, 2, 3])]);
	expect(await store.getCache('head')).toEqual(new Uint8Array([9]));
	expect(findings).toEqual([]);
	await store.close();
});

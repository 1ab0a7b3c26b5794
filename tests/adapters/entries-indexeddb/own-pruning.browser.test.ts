/** The till's own journal is pruned in a real browser: two copies, and a kill at any of the steps between them. */
import { expect, test } from 'vitest';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import type { Vault, VaultFinding } from '#ports';
import { change, plainEntry } from '../../contracts/vault.ts';
import { writeVaultVersion1 } from '../../support/older-databases.ts';

const places = await storagePlaces('vault');
const HELD = 250;
const UP_TO = 230;

async function open(name: string, where = places): Promise<{ readonly vault: Vault; readonly findings: readonly VaultFinding[] }> {
	const findings: VaultFinding[] = [];
	return { vault: await openIndexedDbVault({ places: where, name, onFinding: (finding) => findings.push(finding) }), findings };
}

/** Both copies as they lay before: 250 sales. */
async function filled(): Promise<string> {
	const name = `own-pruned-${crypto.randomUUID()}`;
	const sales = Array.from({ length: HELD }, (_, n) => {
		const { header, hash, sealed } = plainEntry('branch', n + 1, `sold-long-ago-${n}`);
		return { seq: header.seq, key: header.key, hash, prev: undefined, sealed };
	});
	for (const place of places) await writeVaultVersion1(place, name, sales);
	return name;
}

async function heldBy(
	place: IDBFactory,
	name: string,
): Promise<{ readonly own: number; readonly sales: number; readonly first: number | undefined }> {
	const { vault } = await open(name, [place]);
	const own = await vault.ownEntries('branch', 1, 1_000);
	const sales = await vault.salesByStatus('recorded', 1_000);
	await vault.close();
	return { own: own.length, sales: sales.length, first: sales[0]?.seq };
}

const PRUNED = { own: HELD - UP_TO, sales: HELD - UP_TO, first: UP_TO + 1 };

test('both copies let go of the same, and stay so over a restart', async () => {
	const name = await filled();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	expect(await vault.prune(UP_TO, ownership)).toBe('saved');
	await vault.close();
	const again = await open(name);
	expect(again.findings).toEqual([]);
	await again.vault.close();
	for (const place of places) expect(await heldBy(place, name)).toEqual(PRUNED);
});

/** The copy that is written second is behind by the steps that the kill cut off; what is sold is in the first. */
test.each([1, 2, 3])(
	'a kill after step %d of three, before the second copy has it: both are made equal, in one piece from below, and the till sells on',
	async (steps) => {
		const name = await filled();
		const first = await open(name, [places[0]!]);
		const ownership = await first.vault.takeOwnership();
		await first.vault.prune(Math.min(UP_TO, 100 * steps), ownership);
		await first.vault.close();
		const { vault, findings } = await open(name);
		expect(findings).toEqual([]);
		const own = await vault.ownEntries('branch', 1, 1_000);
		expect(own).toEqual(
			Array.from({ length: HELD }, (_, n) => plainEntry('branch', n + 1, `sold-long-ago-${n}`).sealed).slice(Math.min(UP_TO, 100 * steps)),
		);
		const owner = await vault.takeOwnership();
		expect(await vault.prune(UP_TO, owner)).toBe('saved');
		expect(await vault.record(change(await vault.read(), owner, 'sold-after-the-kill'))).toMatchObject({ recorded: { lastReceiptNumber: HELD + 1 } });
		await vault.close();
		for (const place of places) expect(await heldBy(place, name)).toEqual({ ...PRUNED, own: PRUNED.own + 1, sales: PRUNED.sales + 1 });
	},
);

test('sales come between the steps: each is recorded, none leaves', async () => {
	const name = await filled();
	const { vault } = await open(name);
	const ownership = await vault.takeOwnership();
	const [pruned, sold] = await Promise.all([
		vault.prune(UP_TO, ownership),
		vault.read().then((state) => vault.record(change(state, ownership, 'sold-meanwhile'))),
	]);
	expect(pruned).toBe('saved');
	expect(sold).toHaveProperty('recorded');
	await vault.close();
	for (const place of places) expect((await heldBy(place, name)).own).toBe(PRUNED.own + 1);
});

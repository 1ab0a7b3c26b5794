/** A device whose side of a fork was not kept: what it seals, what it answers, and what it knows after a restart. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import type { SideStanding } from '#core/ledger/forks.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { createStandDown, standingOf, type StandDown } from '#engine/stand-down.ts';
import { StorageError, type Vault, type VaultState } from '#ports';
import type { EntryHash, IntentKey } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openSealingShop, sale, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();

interface Forked {
	readonly till: SealingTill;
	readonly standDown: StandDown;
	readonly changes: boolean[];
	says: SideStanding | undefined;
	asked: VaultState['heads'][];
}

async function forked(vault: Vault = createMemoryVault(), signer?: SealingTill['signer']): Promise<Forked> {
	const world: Forked = {
		...{ changes: [], says: undefined, asked: [] },
		...({} as Pick<Forked, 'till' | 'standDown'>),
	};
	const till = await shop.till({ vault, ...(signer === undefined ? {} : { signer }), isDropped: () => world.standDown.isDropped() });
	const standDown = createStandDown({
		...{ vault, ownership: () => till.ownership, onChange: (isDropped) => world.changes.push(isDropped) },
		standing(heads) {
			world.asked.push(heads);
			return world.says;
		},
	});
	await standDown.open();
	return Object.assign(world, { till, standDown });
}

const key = (text: string): IntentKey => text as IntentKey;

test('1: from the moment at which it knows, nothing more is sealed, and what was recorded before is answered', async () => {
	const world = await forked();
	const { till, standDown } = world;
	const before = await till.sell('sold-before-it-knew');
	world.says = 'dropped';
	standDown.look();
	await eventually(() => standDown.isDropped(), 'it knows');
	expect(world.asked.at(-1)?.branch?.hash).toBe(before.entries[0]?.hash);
	expect(await till.commit({ key: key('sold-after-it-knew'), decide: sale('sold-after-it-knew') })).toMatchObject({ trouble: 'dropped' });
	expect(await till.commit({ key: key('sold-before-it-knew'), decide: sale('sold-before-it-knew') })).toMatchObject({ again: true });
	expect((await till.vault.ownEntries('branch', 1, 10)).length).toBe(1);
});

test('1: what is said at whatever moment of a look is looked at', async () => {
	for (let steps = 0; steps < 12; steps += 1) {
		const said = Promise.withResolvers<undefined>();
		let asked = 0;
		const standDown = createStandDown({
			...{ vault: createMemoryVault(), ownership: () => 1, onChange: () => undefined },
			standing: () => ((asked += 1) === 1 ? said.promise : 'dropped'),
		});
		standDown.look();
		await eventually(() => asked === 1, 'it asks');
		said.resolve(undefined);
		for (let step = 0; step < steps; step += 1) await Promise.resolve();
		standDown.look();
		await settled();
		expect(asked, `${steps} steps after the answer`).toBe(2);
	}
});

test('1: what is said while the disk does not answer is looked at, too', async () => {
	const disk = Promise.withResolvers<VaultState>();
	let reads = 0;
	const vault = createMemoryVault();
	const standDown = createStandDown({
		...{ vault: { ...vault, read: () => ((reads += 1) === 1 ? disk.promise : vault.read()) }, ownership: () => 1 },
		...{ standing: () => 'dropped', onChange: () => undefined },
	});
	standDown.look();
	standDown.look();
	disk.reject(new StorageError('failed', 'no answer'));
	await eventually(() => standDown.isDropped(), 'it knows');
});

test('2: after a restart it knows before anything is folded', async () => {
	const vault = createMemoryVault();
	const world = await forked(vault);
	world.says = 'dropped';
	world.standDown.look();
	await eventually(async () => (await vault.getValue('dropped')) === true, 'it is noted');
	const again = await forked(vault, world.till.signer);
	expect(again.asked).toEqual([]);
	expect(await again.till.commit({ key: key('sold-after-a-restart'), decide: sale('sold-after-a-restart') })).toMatchObject({ trouble: 'dropped' });
});

test.each([undefined, 'unknown'] as const)('3: a ledger that says %s takes nothing back; one that says that this side is kept does', async (says) => {
	const world = await forked();
	const { standDown } = world;
	world.says = 'dropped';
	standDown.look();
	await eventually(() => standDown.isDropped(), 'it knows');
	world.says = says;
	const { length } = world.asked;
	standDown.look();
	await eventually(() => world.asked.length > length, 'it has looked');
	expect(standDown.isDropped()).toBe(true);
	world.says = 'kept';
	standDown.look();
	await eventually(() => !standDown.isDropped(), 'it goes on');
	expect(world.changes).toEqual([true, false]);
	await world.till.sell('sold-as-the-kept-one');
});

test('1: a disk that takes no note does not make it sell on', async () => {
	const vault = createMemoryVault();
	const world = await forked({ ...vault, setValue: () => Promise.reject(new StorageError('full', 'no room')) });
	world.says = 'dropped';
	world.standDown.look();
	await eventually(() => world.standDown.isDropped(), 'it knows');
	expect(await world.till.commit({ key: key('sold-on-a-full-disk'), decide: sale('sold-on-a-full-disk') })).toMatchObject({ trouble: 'dropped' });
});

test('4: the branch’s answer decides, the store’s where the branch has none', () => {
	const head = (hash: string): NonNullable<VaultState['heads']['branch']> => ({ seq: 1, hash: hash as EntryHash, seen: new Map() });
	const ledger = (said: Readonly<Record<string, SideStanding>>) => ({ sideStanding: (hash: EntryHash): SideStanding | undefined => said[hash] });
	const heads = { branch: head('b'), store: head('s') };
	expect(standingOf(ledger({ b: 'kept', s: 'dropped' }), heads)).toBe('kept');
	expect(standingOf(ledger({ s: 'dropped' }), heads)).toBe('dropped');
	expect(standingOf(ledger({}), heads)).toBeUndefined();
	expect(standingOf(ledger({ s: 'dropped' }), { branch: undefined, store: undefined })).toBeUndefined();
});

test('5: while the ledger lacks the branch’s head, nothing is told by the store’s', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sold-before-the-ledger-heard');
	const ledger = createLedger({ store: shop.store, branch: shop.branch, certificateOf: (device) => till.verifier.certificateOf(device) });
	const store = { seq: 1, hash: 's' as EntryHash, seen: new Map() };
	const heads = { branch: (await till.vault.read()).heads.branch, store };
	const saysOfStore = { sideStanding: (hash: EntryHash): SideStanding | undefined => (hash === store.hash ? 'dropped' : ledger.sideStanding(hash)) };
	expect(standingOf(saysOfStore, heads)).toBe('unknown');
	ledger.add(till.told);
	expect(standingOf(saysOfStore, heads)).toBe('dropped');
});

test('5: what the ledger could not tell is asked again when this device has recorded something; what it told is not', async () => {
	const world = await forked();
	const { standDown } = world;
	world.says = 'unknown';
	standDown.look();
	await eventually(() => world.asked.length === 1, 'it has looked');
	await settled();
	expect(standDown.isDropped()).toBe(false);
	world.says = 'dropped';
	standDown.recorded();
	await eventually(() => standDown.isDropped(), 'it knows');
	await settled();
	standDown.recorded();
	await settled();
	expect(world.asked).toHaveLength(2);
});

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

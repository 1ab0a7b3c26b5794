/** The way of a device to its new keys, with a fault at each step: whatever happens, it is one device that sells, and nothing is signed past an end. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { decodeChain, keyInForce } from '#core/entry/certificate.ts';
import { createOwnRenewal, noteRenewal, type OwnRenewal, type OwnRenewalDeps } from '#engine/own-renewal.ts';
import { StorageError, type Signer, type Vault } from '#ports';
import { expect, test } from 'vitest';
import { endsOf, nextKeyOf, renewedChain } from '../support/renewing.ts';
import { openSealingShop, type SealingShop, type SealingTill } from '../support/sealing-till.ts';

/** What lies on the disk of a device, besides its vault. */
interface Disk {
	readonly vault: Vault;
	readonly first: Signer;
	chain: Uint8Array;
	next?: Required<Signer>;
}

interface Run {
	readonly till: SealingTill;
	readonly renewal: OwnRenewal;
	readonly shown: Uint8Array[];
	asked: number;
}

async function newDisk(shop: SealingShop): Promise<Disk> {
	const vault = createMemoryVault();
	const { signer, chain } = await shop.till({ vault });
	return { vault, first: signer, chain };
}

/** A start of the device, on what is on its disk. */
async function start(shop: SealingShop, disk: Disk, change: (run: Run) => Partial<OwnRenewalDeps> = () => ({})): Promise<Run> {
	const { key, generation } = keyInForce(disk.chain)!;
	const signer = generation === 0 ? disk.first : disk.next!;
	expect(signer.key ?? signer.device).toBe(key);
	const shown: Uint8Array[] = [];
	const run: { till?: SealingTill; renewal?: OwnRenewal; shown: Uint8Array[]; asked: number } = { shown, asked: 0 };
	const renewal = createOwnRenewal({
		...{ store: shop.store, chain: disk.chain, signer, vault: disk.vault, isWhole: () => true },
		nextKeys: async () => {
			const next = (disk.next ??= await nextKeyOf(disk.first));
			return { ...next, peer: `peer-of-${next.key.slice(0, 16)}` };
		},
		async keep(chain) {
			disk.chain = chain;
			return 'saved';
		},
		renewals: () => ({
			async ask() {
				run.asked += 1;
				return renewedChain(shop, { signer, chain: disk.chain, ends: await endsOf(disk), next: disk.next! });
			},
			show: (chain) => shown.push(chain),
		}),
		...change(run as Run),
	});
	run.till = await shop.till({ vault: disk.vault, signer, isOver: renewal.isOver, turns: renewal.turns });
	run.renewal = renewal;
	return run as Run;
}

const endIn = ({ chain }: Disk): number => decodeChain(chain)![0]!.renewals[0]!.renewal.ends.branch!.seq;

test('1, 2, 3: the keys are on the disk before anybody is asked; from the write on nothing is signed under the old ones, and the next start goes on', async () => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const before = await start(shop, disk, (run) => ({
		renewals: () => ({
			async ask() {
				expect(disk.next).toBeDefined();
				expect(run.renewal.isOver()).toBe(false);
				return renewedChain(shop, { signer: disk.first, chain: disk.chain, ends: await endsOf(disk), next: disk.next! });
			},
			show: (chain) => {
				expect(disk.chain).toBe(chain); // Shown is what is on the disk, and nothing before.
				run.shown.push(chain);
			},
		}),
	}));
	await before.till.sell('sale-before-1');
	expect(await before.renewal.renew('a code')).toBe('renewed');
	expect(before.shown).toHaveLength(1);
	await expect(before.till.sell('sale-too-late')).rejects.toThrow('new keys');
	expect((await disk.vault.read()).heads.branch?.seq).toBe(1);
	expect((await before.till.sell('sale-before-1')).again).toBe(true); // Recorded before, it is answered.

	const after = await start(shop, disk);
	await noteRenewal(disk.chain, after.till.commit);
	await noteRenewal(disk.chain, after.till.commit);
	const sold = await after.till.sell('sale-after-1');
	expect(sold.entries[0]!.header).toMatchObject({ seq: 2, signer: disk.next!.key.slice(0, 16) });
	expect((await disk.vault.read()).heads.store?.seq).toBe(1); // 5: said once.
	const verifier = after.till.verifier;
	await verifier.chain(disk.chain);
	expect(await verifier.entry(sold.entries[0]!.sealed)).toMatchObject({ hash: sold.entries[0]!.hash });
});

test('3: a sale that is rung up while somebody answers means asking again, and is never behind the end', async () => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const run = await start(shop, disk, (now) => ({
		renewals: () => ({
			async ask() {
				now.asked += 1;
				const answer = await renewedChain(shop, { signer: disk.first, chain: disk.chain, ends: await endsOf(disk), next: disk.next! });
				if (now.asked < 3) await now.till.sell(`sale-between-${now.asked}`);
				return answer;
			},
			show: () => undefined,
		}),
	}));
	await run.till.sell('sale-before-1');
	expect(await run.renewal.renew()).toBe('renewed');
	expect(run.asked).toBe(3);
	expect(endIn(disk)).toBe(3);
	expect((await disk.vault.read()).heads.branch?.seq).toBe(3);
});

test('3: sales and the renewal at once: whatever is recorded is before the end', async () => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const run = await start(shop, disk);
	const sales = Array.from({ length: 30 }, (_, n) =>
		run.till.sell(`sale-of-many-${n}`).then(
			() => true,
			() => false,
		),
	);
	const [outcome] = await Promise.all([run.renewal.renew(), ...sales]);
	const recorded = (await disk.vault.read()).heads.branch!.seq;
	if (outcome === 'renewed') expect(endIn(disk)).toBe(recorded);
	else expect([outcome, recorded]).toEqual(['behind', 30]);
});

test.each(['making keys', 'asking'])('a device that ends while %s is the one that it was, and gets there with the same keys', async (step) => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const cut = (): Promise<never> => Promise.reject(new StorageError('failed', 'the power went'));
	const first = await start(shop, disk, () =>
		step === 'making keys' ? { nextKeys: cut } : { renewals: () => ({ ask: cut, show: () => undefined }) },
	);
	await first.till.sell('sale-before-1');
	await expect(first.renewal.renew()).rejects.toThrow('power');
	await first.till.sell('sale-before-2'); // It sells on without a restart, too.
	const { next } = disk;
	const second = await start(shop, disk);
	await second.till.sell('sale-before-3');
	expect(await second.renewal.renew()).toBe('renewed');
	if (next !== undefined) expect(keyInForce(disk.chain)!.key).toBe(next.key);
	expect(endIn(disk)).toBe(3);
	await (await start(shop, disk)).till.sell('sale-after-1');
});

test.each([true, false])(
	'4: a write that fails, and was done or not (%s), ends the run: the next start reads which keys are in force',
	async (isDone) => {
		const shop = await openSealingShop();
		const disk = await newDisk(shop);
		const run = await start(shop, disk, () => ({
			async keep(chain) {
				if (isDone) disk.chain = chain;
				throw new StorageError('failed', 'the power went');
			},
		}));
		await run.till.sell('sale-before-1');
		await expect(run.renewal.renew()).rejects.toThrow('power');
		expect(run.renewal.isOver()).toBe(true);
		expect(run.shown).toEqual([]);
		await expect(run.till.sell('sale-too-late')).rejects.toThrow('new keys');
		const next = await start(shop, disk);
		expect(keyInForce(disk.chain)!.generation).toBe(isDone ? 1 : 0);
		expect((await next.till.sell('sale-after-1')).entries[0]!.header.seq).toBe(2);
	},
);

test('who has been refused, has lost the till to another tab, or waits for own entries, keeps the keys', async () => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const refused = await start(shop, disk, () => ({ renewals: () => ({ ask: () => Promise.resolve('wrong-code'), show: () => undefined }) }));
	expect(await refused.renewal.renew('AAAA')).toBe('wrong-code');
	await refused.till.sell('sale-before-1');
	const behind = await start(shop, disk, () => ({ isWhole: () => false }));
	expect(await behind.renewal.renew()).toBe('not-whole');
	const tab = await start(shop, disk, () => ({ keep: () => Promise.resolve('not-owner') }));
	expect(await tab.renewal.renew()).toBe('not-owner');
	expect(keyInForce(disk.chain)!.generation).toBe(0);
	await (await start(shop, disk)).till.sell('sale-after-1');
});

test('asked twice at once it asks once', async () => {
	const shop = await openSealingShop();
	const disk = await newDisk(shop);
	const run = await start(shop, disk);
	expect(await Promise.all([run.renewal.renew(), run.renewal.renew()])).toEqual(['renewed', 'renewed']);
	expect(run.asked).toBe(1);
});

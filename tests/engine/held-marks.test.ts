/** What devices say that they hold, for whoever sold it: when it is said, and what stays known. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createReplica } from '#engine/replicate.ts';
import { createVerifier } from '#engine/verify.ts';
import { createWatermarkIssuer } from '#engine/watermark.ts';
import type { Documents, EntryStore } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash, IntentKey } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();

/** A till's replica whose lane is heard and fed here. */
async function open(own: SealingTill, neighbour: SealingTill, entryStore: EntryStore = createMemoryEntryStore()) {
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, certificateOf: (device) => verifier.certificateOf(device) });
	const time = createManualTime();
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: false, entryStore, ledger, verifier, digest },
		...{ own: { device: own.signer.device, chain: own.chain }, clock: time.clock, timers: time.timers, random: systemRandom },
	});
	const said: LaneSaid[] = [];
	const lane: ((message: LaneSaid) => void)[] = [];
	const [nothing, soon] = [(): void => undefined, () => Promise.resolve()];
	await replica.load();
	for (const chain of [shop.hubChain, neighbour.chain]) await replica.takeChain(chain);
	await replica.attach({
		...{ onItems: nothing, onFloor: nothing, onDamage: nothing, sendTo: nothing, onDirect: nothing, onLinked: nothing },
		...{ changeFloor: soon, close: soon, openSegment: soon, closeSegment: soon, restSegment: soon, append: soon },
		genesis: () => Promise.resolve(undefined),
		floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
		onLane: (listener) => lane.push((message) => listener(message, 'neighbour')),
		broadcast: (message) => said.push(message),
	} satisfies Documents);
	replica.setConnected(new Set([neighbour.signer.device]));
	// What is told of all, at first and again a second later.
	await time.pass(1_100);
	said.splice(0);
	const hear = (message: LaneSaid): void => {
		for (const listen of lane) listen(message);
	};
	return {
		...{ replica, ledger, time, hear },
		marksSaid: (): readonly (readonly Mark[])[] => said.splice(0).flatMap((message) => (message.t === 'marks' ? [message.marks] : [])),
		hearSealed(sealed: Uint8Array): Promise<unknown> {
			hear({ t: 'entries', sealed: [sealed] });
			return replica.idle();
		},
		async hearWatermark(tier: 'host' | 'cloud'): Promise<void> {
			const issue = createWatermarkIssuer({ store: shop.store, branch: shop.branch, tier, signer: shop.hub, clock: time.clock });
			const { signed } = await issue(ledger.marks());
			hear({ t: 'watermark', signed: hexOf(signed) });
			await eventually(() => replica.findings().watermarks.length > 0, 'the watermark is taken');
		},
	};
}

async function pair(entryStore?: EntryStore) {
	const own = await shop.till({ vault: createMemoryVault() });
	const neighbour = await shop.till({ vault: createMemoryVault() });
	return { own, neighbour, here: await open(own, neighbour, entryStore) };
}

const settingOf = async (till: SealingTill, key: string): Promise<Uint8Array> => {
	const fact: Fact = { type: 'setting.changed', v: 3, setting: { name: 'printers', value: [] }, replaces: [] };
	await till.commit({ key: key as IntentKey, decide: () => ({ branch: [], store: [fact], takesReceipt: false }) });
	return lastOf(till);
};

const saleOf = async (till: SealingTill, key: string): Promise<Uint8Array> => {
	await till.sell(key);
	return lastOf(till);
};

function lastOf({ told }: SealingTill): Uint8Array {
	const entry = told.at(-1);
	if (entry === undefined) throw new Error('nothing was told');
	return entry.sealed;
}

test('who heard sales that no server covers says within a second that it has them, of those chains alone', async () => {
	const { neighbour, here } = await pair();
	await here.hearSealed(await saleOf(neighbour, 'heard-sale-1'));
	await here.hearSealed(await saleOf(neighbour, 'heard-sale-2'));
	expect(here.marksSaid()).toEqual([]);
	await here.time.pass(1_000);
	expect(here.marksSaid().map((marks) => marks.map(({ device, seq }) => [device, seq]))).toEqual([[[neighbour.signer.device, 2]]]);
	await here.time.pass(1_000);
	expect(here.marksSaid()).toEqual([]);
});

test('a sale heard by the lane shows while it is on its way to the disk; nobody is told that it is here before it is', async () => {
	const real = createMemoryEntryStore();
	const disk = Promise.withResolvers<undefined>();
	const { neighbour, here } = await pair({ ...real, add: (entries) => disk.promise.then(() => real.add(entries)) });
	const isNamed = (marks: readonly Mark[]): boolean => marks.some(({ device }) => device === neighbour.signer.device);
	const held: boolean[] = [];
	here.replica.onHeld(() => held.push(isNamed(here.replica.heldMarks())));
	const heard = here.hearSealed(await saleOf(neighbour, 'sale-ahead-of-its-disk'));
	await eventually(() => here.ledger.state.sales.size === 1, 'the sale shows');
	expect(isNamed(here.ledger.marks())).toBe(true);
	expect(isNamed(here.replica.heldMarks())).toBe(false);
	expect([...here.replica.onTheWay()]).toEqual([...here.ledger.state.sales.values()].map(({ entry }) => entry.hash));
	// What is said of these chains within a second, and of all after five.
	await here.time.pass(6_000);
	expect(here.marksSaid().map(isNamed)).toEqual([false]);
	expect((await real.page(undefined, 10)).sealed).toEqual([]);
	expect(held).toEqual([]);
	disk.resolve(undefined);
	await heard;
	expect((await real.page(undefined, 10)).sealed).toHaveLength(1);
	expect(isNamed(here.replica.heldMarks())).toBe(true);
	expect(held).toEqual([true]);
	expect(here.replica.onTheWay().size).toBe(0);
	await here.time.pass(1_000);
	expect(here.marksSaid().map(isNamed)).toEqual([true]);
});

test('what is the store’s is on the disk before it is folded, also when it is heard by the lane', async () => {
	const real = createMemoryEntryStore();
	const disk = Promise.withResolvers<undefined>();
	let tries = 0;
	const { neighbour, here } = await pair({ ...real, add: (entries) => ((tries += 1), disk.promise.then(() => real.add(entries))) });
	const sealed = await settingOf(neighbour, 'setting-of-the-store');
	const heard = here.hearSealed(sealed);
	await eventually(() => tries > 0, 'it is on its way to the disk');
	expect([here.ledger.size(), here.replica.onTheWay().size]).toEqual([0, 0]);
	disk.resolve(undefined);
	await heard;
	expect([here.ledger.size(), (await real.page(undefined, 10)).sealed]).toEqual([1, [sealed]]);
});

test('what a hub covers by then needs no word more', async () => {
	const { neighbour, here } = await pair();
	await here.hearSealed(await saleOf(neighbour, 'covered-sale-1'));
	await here.hearWatermark('host');
	await here.time.pass(1_000);
	expect(here.marksSaid()).toEqual([]);
});

test('what somebody said stays known while it is away; a word about one chain leaves the others, and a hello that lags takes nothing back', async () => {
	const { own, neighbour, here } = await pair();
	const { device } = neighbour.signer;
	const markOf = (of: SealingTill, seq: number): Mark => ({ device: of.signer.device, scope: 'branch', seq, hash: of.told[seq - 1]!.hash });
	for (const key of ['own-sale-1', 'own-sale-2']) await own.sell(key);
	await neighbour.sell('its-sale-1');
	const known = () => (here.replica.findings().peerMarks.get(device) ?? []).map(({ device: of, seq }) => [of, seq]);
	here.hear({ t: 'marks', device, marks: [markOf(own, 1), markOf(neighbour, 1)] });
	here.hear({ t: 'marks', device, marks: [markOf(own, 2)] });
	const all = [
		[device, 1],
		[own.signer.device, 2],
	];
	expect(known()).toEqual(all);
	here.replica.setConnected(new Set());
	expect(known()).toEqual(all);
	here.replica.setConnected(new Set([device]), [{ device, role: 'till', marks: [markOf(own, 1)] }]);
	expect(known()).toEqual(all);
	// A disk that was put back says so itself.
	here.hear({ t: 'marks', device, marks: [markOf(own, 1)] });
	expect(known()).toContainEqual([own.signer.device, 1]);
});

test('of marks that a device names, those of devices that nobody knows are not kept, however many there are', async () => {
	const { neighbour, here } = await pair();
	const { device } = neighbour.signer;
	const markOf = (of: DeviceId): Mark => ({ device: of, scope: 'branch', seq: 1, hash: 'ab'.repeat(32) as EntryHash });
	here.hear({ t: 'marks', device, marks: [markOf(device)] });
	for (let message = 0; message < 3; message += 1)
		here.hear({
			...{ t: 'marks', device },
			marks: Array.from({ length: 2_000 }, (_, n) => markOf((message * 2_000 + n).toString(16).padStart(16, '0').padEnd(64, '0') as DeviceId)),
		});
	expect(here.replica.findings().peerMarks.get(device)).toEqual([markOf(device)]);
	await here.replica.close();
});

test('that a sale is in the cloud is told as soon as it is heard, however long the own disk takes to note it', async () => {
	const entryStore = createMemoryEntryStore();
	let isHeld = false;
	const disk = Promise.withResolvers<undefined>();
	const { here } = await pair({
		...entryStore,
		async setCache(name, bytes) {
			if (isHeld) await disk.promise;
			await entryStore.setCache(name, bytes);
		},
	});
	let told = 0;
	here.replica.onFindings(() => (told += 1));
	isHeld = true;
	await here.hearWatermark('host');
	await expect.poll(() => told).toBeGreaterThan(0);
	disk.resolve(undefined);
	await here.replica.close();
});

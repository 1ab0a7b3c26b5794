/** What a start need not do again: check signatures that were checked, fold what came to rest long ago. And how it is undone when that is wrong. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { latestHlc, NO_HLC } from '#core/entry/hlc.ts';
import { seenKey, seenOfMark } from '#core/entry/seen.ts';
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { encodeCheckpoint, openCheckpoint } from '#engine/checkpoints.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { EntryStore } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_800_000_000_000;
const shop = await openSealingShop();
const stops: Replica[] = [];

afterEach(async () => {
	for (const replica of stops.splice(0)) await replica.close();
});

interface Opened {
	readonly replica: Replica;
	readonly ledger: RenewableLedger;
	readonly verifier: Verifier;
	readonly time: ManualTime;
	readonly checked: () => number;
}

async function open(entryStore: EntryStore): Promise<Opened> {
	const real = createDigest();
	let checked = 0;
	const digest: typeof real = {
		...real,
		verify(...args) {
			checked += 1;
			return real.verify(...args);
		},
	};
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	const time = createManualTime(NOW_MS);
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: false, entryStore, ledger, verifier, digest },
		...{ clock: time.clock, timers: time.timers, random: systemRandom },
	});
	stops.push(replica);
	await replica.load();
	await replica.attach(noDocuments());
	return { replica, ledger, verifier, time, checked: () => checked };
}

/** Documents that nobody writes to. */
function noDocuments(): Parameters<Replica['attach']>[0] {
	const nothing = (): void => undefined;
	return {
		...{
			openSegment: () => Promise.resolve(),
			closeSegment: () => Promise.resolve(),
			restSegment: () => Promise.resolve(),
			append: () => Promise.resolve(),
			changeFloor: () => Promise.resolve(),
			close: () => Promise.resolve(),
		},
		...{ onItems: nothing, onFloor: nothing, broadcast: nothing, onLane: nothing, onDamage: nothing },
		...{ sendTo: nothing, onDirect: nothing, onLinked: nothing },
		floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
		genesis: () => Promise.resolve(undefined),
	};
}

/** Sells at days before now, each sale a minute after the one before. Of others it has heard what `heard` says. */
async function sellerAt(...daysAgo: readonly number[]): Promise<SealingTill> {
	const till = await openSeller([]);
	for (const days of daysAgo) await till.sellAt(days);
	return till;
}

async function openSeller(heard: readonly SealingTill[]): Promise<SealingTill & { sellAt(daysAgo: number): Promise<void> }> {
	let nowMs = NOW_MS;
	const till = await shop.till({
		...{ vault: createMemoryVault(), nowMs: () => nowMs },
		seen() {
			const last = heard.flatMap(({ told }) => told.at(-1) ?? []);
			const marks = last.map(({ header, hash }) => seenOfMark({ device: header.device, scope: header.scope, seq: header.seq, hash }));
			return {
				vector: new Map(marks.map((mark) => [seenKey(mark), mark])),
				hlc: last.reduce((most, { header }) => latestHlc(most, header.hlc), NO_HLC),
			};
		},
	});
	let sold = 0;
	return Object.assign(till, {
		async sellAt(daysAgo: number) {
			sold += 1;
			nowMs = NOW_MS - daysAgo * DAY_MS + sold * 60_000;
			await till.sell(`${till.signer.device.slice(0, 8)}-${sold}`);
		},
	});
}

async function storeOf(...tills: readonly SealingTill[]): Promise<EntryStore> {
	const entryStore = createMemoryEntryStore();
	for (const till of tills) {
		await entryStore.add(till.told);
		await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	}
	return entryStore;
}

async function keepCheckpoint({ time }: Opened): Promise<void> {
	await time.pass(61_000);
}

test('1: a signature is checked once, however often the process starts', async () => {
	const till = await sellerAt(3, 2, 1);
	const entryStore = await storeOf(till);
	const first = await open(entryStore);
	const ofChains = (await open(createMemoryEntryStore())).checked();
	expect(first.checked() - ofChains).toBeGreaterThanOrEqual(3);
	const second = await open(entryStore);
	expect(second.ledger.state.sales.size).toBe(3);
	// Two signatures of the certificate's chain; none of an entry.
	expect(second.checked()).toBe(2);
});

test('1: what hangs on no mark is checked: bytes that were changed on the disk are found', async () => {
	const till = await sellerAt(3, 2, 1);
	const entryStore = await storeOf(till);
	await open(entryStore);
	const [first, ...others] = till.told;
	if (first === undefined) throw new Error('nothing sold');
	const flipped = first.sealed.map((byte, place) => (place === 60 ? byte ^ 1 : byte));
	const broken: EntryStore = {
		...entryStore,
		page: (after) =>
			Promise.resolve({
				sealed: after === undefined ? [flipped, ...others.map(({ sealed }) => sealed)] : [],
				cursor: after === undefined ? ['a', 'b', 1, 'c'] : undefined,
			}),
	};
	const { ledger, replica } = await open(broken);
	expect(ledger.state.sales.size).toBe(2);
	expect(replica.findings().damaged).toHaveLength(1);
});

test('5: a start folds only what lies above the checkpoint, and stands as it stood', async () => {
	const till = await sellerAt(100, 90, 80, 2, 1);
	const entryStore = await storeOf(till);
	const first = await open(entryStore);
	const marks = first.ledger.marks();
	await keepCheckpoint(first);
	const second = await open(entryStore);
	expect(second.ledger.deps.checkpoint?.chains.map(({ seq }) => seq)).toEqual([3]);
	expect(second.ledger.state.sales.size).toBe(2);
	expect(second.ledger.marks()).toEqual(marks);
	expect(second.replica.findings()).toMatchObject({ damaged: [], recalculating: false });
});

test('5: which side of a fork its own is, an end of the checkpoint leaves to others; of what lies below nothing is known', async () => {
	const till = await sellerAt(100, 90);
	const entryStore = await storeOf(till);
	await keepCheckpoint(await open(entryStore));
	const { ledger } = await open(entryStore);
	expect(ledger.deps.checkpoint?.chains.map(({ seq }) => seq)).toEqual([2]);
	expect(till.told.map(({ hash }) => ledger.sideStanding(hash))).toEqual(['unknown', undefined]);
});

test('5: no checkpoint is kept while something is on its way to the disk; a minute after it is there one is', async () => {
	const till = await sellerAt(100, 90);
	const neighbour = await openSeller([till]);
	await neighbour.sellAt(1);
	const real = await storeOf(till);
	await real.addCertificates([{ device: neighbour.signer.device, chain: neighbour.chain }]);
	const disk = Promise.withResolvers<undefined>();
	const here = await open({ ...real, add: (entries) => disk.promise.then(() => real.add(entries)) });
	here.replica.take(neighbour.told.map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'a neighbour' })));
	await eventually(() => here.ledger.state.sales.size === 3, 'the sale shows');
	await keepCheckpoint(here);
	expect(await real.getCache('checkpoint')).toBeUndefined();
	disk.resolve(undefined);
	await here.replica.idle();
	await keepCheckpoint(here);
	expect((await real.getCache('checkpoint'))?.length).toBeGreaterThan(0);
});

test('5: a copy of something old is recognised, and costs no checkpoint', async () => {
	const till = await sellerAt(100, 90, 1);
	const entryStore = await storeOf(till);
	await keepCheckpoint(await open(entryStore));
	const { replica, ledger } = await open(entryStore);
	replica.take(till.told.map(({ sealed }) => ({ bytes: sealed, route: 'document', source: 'a segment' })));
	await replica.idle();
	expect(ledger.state.sales.size).toBe(1);
	expect(replica.findings()).toMatchObject({ recalculating: false, damaged: [] });
	expect((await entryStore.getCache('checkpoint'))?.length).toBeGreaterThan(0);
});

test('5: a till that was alone for months comes back: everything is folded again, apart, and nothing of it is missing', async () => {
	const [till, alone] = [await sellerAt(100, 90, 1), await sellerAt(95, 94)];
	const entryStore = await storeOf(till);
	await keepCheckpoint(await open(entryStore));
	const { replica, ledger } = await open(entryStore);
	const told: number[] = [];
	replica.onFolded(({ sales }) => told.push(sales.size));
	await replica.takeChain(alone.chain);
	replica.take(alone.told.map(({ sealed }) => ({ bytes: sealed, route: 'document', source: 'a segment' })));
	await replica.idle();
	await eventually(() => !replica.findings().recalculating && ledger.state.sales.size === 5, 'all five sales');
	expect(told.at(-1)).toBe(5);
	expect(ledger.needsHistory()).toBe(false);
	const again = await open(entryStore);
	expect(again.ledger.state.sales.size).toBe(5);
});

test('5: an old entry that the disk has not is stored only after the checkpoint is given up: a crash between the two loses nothing', async () => {
	const till = await sellerAt(100, 90, 1);
	const [missing, ...rest] = till.told;
	if (missing === undefined) throw new Error('nothing sold');
	const entryStore = await storeOf(till);
	await keepCheckpoint(await open(entryStore));
	// The same disk, but for one old entry, which some backup program lost.
	const steps: string[] = [];
	const lossy = createMemoryEntryStore();
	await lossy.add(rest);
	await lossy.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	await lossy.setCache('checkpoint', (await entryStore.getCache('checkpoint')) ?? new Uint8Array());
	const { replica } = await open({
		...lossy,
		setCache(name, bytes) {
			if (name === 'checkpoint') steps.push(`checkpoint of ${bytes.length} bytes`);
			return lossy.setCache(name, bytes);
		},
		add(entries) {
			steps.push(`${entries.length} stored`);
			return lossy.add(entries);
		},
	});
	replica.take([{ bytes: missing.sealed, route: 'document', source: 'a segment' }]);
	await replica.idle();
	expect(steps.slice(0, 2)).toEqual(['checkpoint of 0 bytes', '1 stored']);
});

test('5: an old side of a fork that comes after this run has kept a checkpoint is there after the next start, too', async () => {
	const till = await sellerAt(100, 90, 80);
	const clone = await shop.till({ vault: createMemoryVault(), signer: till.signer, nowMs: () => NOW_MS - 95 * DAY_MS });
	await clone.sell('of-the-clone');
	const entryStore = await storeOf(till);
	const first = await open(entryStore);
	await keepCheckpoint(first);
	first.replica.take(clone.told.map(({ sealed }) => ({ bytes: sealed, route: 'document', source: 'a segment' })));
	await first.replica.idle();
	const isForked = ({ ledger }: Opened): boolean | undefined => ledger.chain(till.signer.device, 'branch')?.forks;
	expect(isForked(first)).toBe(true);
	const again = await open(entryStore);
	await eventually(() => !again.replica.findings().recalculating, 'all is folded');
	expect(isForked(again)).toBe(true);
});

test('own entries below the checkpoint, which lie in the vault, are not folded twice, and are there when history is needed', async () => {
	const alone = await sellerAt(97);
	const both: SealingTill[] = [];
	const [till, own] = [await openSeller(both), await openSeller(both)];
	both.push(till, own);
	for (const days of [100, 90, 1]) for (const one of [till, own]) await one.sellAt(days);
	const entryStore = await storeOf(till);
	await entryStore.addCertificates([{ device: own.signer.device, chain: own.chain }]);
	const first = await open(entryStore);
	first.replica.recover(own.told);
	await keepCheckpoint(first);
	const { replica, ledger } = await open(entryStore);
	replica.recover(own.told);
	expect(ledger.needsHistory()).toBe(false);
	expect(ledger.state.sales.size).toBe(2);
	await replica.takeChain(alone.chain);
	replica.take(alone.told.map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'lane' })));
	await replica.idle();
	await eventually(() => ledger.state.sales.size === 7, 'all seven sales');
});

test('an own entry that itself needs history is in what is folded again: it lies in the vault, and nowhere that is read', async () => {
	const [till, own] = [await sellerAt(100, 90, 1), await sellerAt(95, 94)];
	const entryStore = await storeOf(till);
	await entryStore.addCertificates([{ device: own.signer.device, chain: own.chain }]);
	await keepCheckpoint(await open(entryStore));
	const { replica, ledger } = await open(entryStore);
	replica.recover(own.told);
	await eventually(() => !replica.findings().recalculating, 'the folding');
	expect(ledger.state.sales.size).toBe(5);
});

test('an old receipt that is asked for is there again, and its goods are not moved twice', async () => {
	const till = await sellerAt(100, 90, 1);
	const entryStore = await storeOf(till);
	await keepCheckpoint(await open(entryStore));
	const { replica, ledger } = await open(entryStore);
	const old = till.told[0];
	if (old === undefined) throw new Error('nothing sold');
	const before = [...ledger.state.stock.values()].map(({ onHandMilli }) => onHandMilli);
	await replica.recall(({ hash }) => hash === old.hash);
	expect(ledger.state.sales.get(old.hash)?.refundedMilli).toEqual([0]);
	expect([...ledger.state.stock.values()].map(({ onHandMilli }) => onHandMilli)).toEqual(before);
});

test('2: a checkpoint is the same bytes after reading and writing; torn, flipped, foreign and older ones are none', async () => {
	const till = await sellerAt(3, 2, 1);
	const { verifier, ledger } = await open(await storeOf(till));
	const deps = { store: shop.store, branch: shop.branch, certificateOf: (device: DeviceId) => verifier.certificateOf(device) };
	const checkpoint = checkpointOf(ledger, deps, NOW_MS);
	if (checkpoint === undefined) throw new Error('no checkpoint');
	const bytes = encodeCheckpoint(checkpoint);
	const read = await openCheckpoint(bytes, shop.store, verifier);
	expect(read && encodeCheckpoint(read)).toEqual(bytes);
	expect(createLedger({ ...deps, checkpoint: read }).marks()).toEqual(ledger.marks());
	for (let cut = 0; cut < bytes.length; cut += 7) expect(await openCheckpoint(bytes.slice(0, cut), shop.store, verifier)).toBeUndefined();
	expect(await openCheckpoint(bytes, 'ff'.repeat(16) as never, verifier)).toBeUndefined();
	expect(await openCheckpoint(encodeCheckpoint({ ...checkpoint, fold: 0 as never }), shop.store, verifier)).toBeUndefined();
	expect(await openCheckpoint(undefined, shop.store, verifier)).toBeUndefined();
});

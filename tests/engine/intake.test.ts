/** The one door for bytes from others: what gets in, what waits, what is named, and what counts once. */
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { decodeChain, encodeChain } from '#core/entry/certificate.ts';
import { isRefusal } from '#core/intent.ts';
import { createIntake, type Incoming, type Intake, type IntakeDeps } from '#engine/intake.ts';
import { createVerifier } from '#engine/verify.ts';
import { StorageError, type DamagedBytes, type Digest, type EntryStore, type Turns } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const plain = createDigest();
let checked = 0;
/** Says how many signatures it has been asked for. */
const digest: Digest = {
	...plain,
	verify(...asked) {
		checked += 1;
		return plain.verify(...asked);
	},
};

interface Opened {
	readonly intake: Intake;
	readonly entryStore: EntryStore;
	readonly entries: Entry[];
	readonly certificates: Certificate[];
	readonly findings: DamagedBytes[];
	readonly time: ManualTime;
	/** Takes them in and waits until they are through. */
	take(bytes: readonly Uint8Array[], route?: Incoming['route']): Promise<void>;
}

function open(
	entryStore: EntryStore = createMemoryEntryStore(),
	onEntries: (entries: readonly Entry[]) => void = () => undefined,
	{ day, turns, foldsAhead, isBelowCheckpoint }: Pick<IntakeDeps, 'day' | 'turns' | 'foldsAhead' | 'isBelowCheckpoint'> = {},
): Opened {
	const time = createManualTime();
	const [entries, certificates, findings]: [Entry[], Certificate[], DamagedBytes[]] = [[], [], []];
	const intake = createIntake({
		...{ day, turns, ...(foldsAhead && { foldsAhead }), ...(isBelowCheckpoint && { isBelowCheckpoint }) },
		...{ entryStore, digest, verifier: createVerifier({ digest, store: shop.store }), clock: time.clock, timers: time.timers },
		onEntries(added) {
			entries.push(...added);
			onEntries(added);
		},
		onCertificate: (certificate) => certificates.push(certificate),
		onFinding: (finding) => findings.push(finding),
	});
	return {
		...{ intake, entryStore, entries, certificates, findings, time },
		async take(bytes, route = 'document') {
			intake.take(bytes.map((one) => ({ bytes: one, route, source: 'a segment' })));
			await intake.idle();
		},
	};
}

async function seller(sales: number): Promise<SealingTill & { readonly sealed: readonly Uint8Array[] }> {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < sales; n += 1) await till.sell(`${till.signer.device.slice(0, 8)}-sale-${n}`);
	return { ...till, sealed: till.told.map(({ sealed }) => sealed) };
}

test('1: what is told is verified and on disk; chains of the same batch count, wherever in it they lie', async () => {
	const till = await seller(3);
	const stored: number[] = [];
	const it = open(undefined, () => void it.entryStore.page(undefined, 10).then(({ sealed }) => stored.push(sealed.length)));
	await it.take([...till.sealed, till.chain]);
	expect(it.entries.map(({ hash }) => hash).sort()).toEqual(till.told.map(({ hash }) => hash).sort());
	expect(stored).toEqual([3]);
	expect(await it.entryStore.certificates()).toEqual([till.chain]);
	expect(it.findings).toEqual([]);
});

test('1: what a till hears by the lane is folded before its disk has it, and is on the way until then; what comes in documents is not', async () => {
	const till = await seller(3);
	const [byLane, inDocument, forged] = [
		till.sealed[0]!,
		till.sealed[1]!,
		till.sealed[2]!.map((byte, place, { length }) => (place === length - 1 ? byte ^ 1 : byte)),
	];
	const real = createMemoryEntryStore();
	let disk = Promise.withResolvers<undefined>();
	const it = open({ ...real, add: (entries) => disk.promise.then(() => real.add(entries)) }, undefined, { foldsAhead: () => true });
	await it.intake.takeChain(till.chain);
	it.intake.take([byLane, forged].map((bytes) => ({ bytes, route: 'lane', source: 'x' })));
	await eventually(() => it.intake.onTheWay().size > 0, 'it is folded');
	expect(it.entries.map(({ header }) => header.seq)).toEqual([1]);
	expect(it.findings).toHaveLength(1);
	expect(it.intake.isBusy()).toBe(true);
	disk.resolve(undefined);
	await it.intake.idle();
	expect(it.intake.onTheWay().size).toBe(0);
	expect((await real.page(undefined, 10)).sealed).toEqual([byLane]);
	disk = Promise.withResolvers();
	const taken = it.take([byLane, inDocument]);
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(it.entries).toHaveLength(1);
	disk.resolve(undefined);
	await taken;
	expect(it.entries.map(({ header }) => header.seq)).toEqual([1, 2]);
});

test('1: where folding fails, which is our own mistake, the disk has it all the same', async () => {
	const till = await seller(1);
	const broken = (): void => {
		throw new Error('our own mistake');
	};
	const it = open(undefined, broken, { foldsAhead: () => true });
	await it.intake.takeChain(till.chain);
	it.intake.take(till.sealed.map((bytes) => ({ bytes, route: 'lane', source: 'x' })));
	await expect(it.intake.idle()).rejects.toThrow('our own mistake');
	expect((await it.entryStore.page(undefined, 10)).sealed).toEqual(till.sealed);
	expect(it.intake.onTheWay().size).toBe(0);
});

test('5: what comes by the lane goes before a backlog that lies in the documents', async () => {
	const [backlog, newest] = [await seller(400), await seller(1)];
	const it = open();
	await it.take([backlog.chain, newest.chain]);
	it.intake.take(backlog.sealed.map((bytes) => ({ bytes, route: 'document', source: 'a segment' })));
	it.intake.take(newest.sealed.map((bytes) => ({ bytes, route: 'lane', source: 'live lane' })));
	await it.intake.idle();
	expect(it.entries).toHaveLength(401);
	// One batch may have been under way.
	expect(it.entries.findIndex(({ hash }) => hash === newest.told[0]?.hash)).toBeLessThan(129);
});

test('5: a branch with a thousand waiting does not keep another’s sales out of the next slice, nor its own sale of just now', async () => {
	const turns = createTurns();
	const [month, live, behind] = [await seller(1_000), await seller(1), await seller(40)];
	const order: string[] = [];
	const slices: number[] = [];
	const nameOf = new Map([
		[month.signer.device, 'month'],
		[live.signer.device, 'just now'],
		[behind.signer.device, 'another'],
	]);
	const told = (entries: readonly Entry[]): void => {
		slices.push(entries.length);
		order.push(nameOf.get(entries[0]!.header.device) ?? '');
	};
	const [it, other] = [open(undefined, told, { turns }), open(undefined, told, { turns })];
	for (const one of [it, other]) await one.take([month.chain, live.chain, behind.chain]);
	const documents = (sealed: readonly Uint8Array[]): Incoming[] => sealed.map((bytes) => ({ bytes, route: 'document', source: 'a segment' }));
	it.intake.take(documents(month.sealed));
	other.intake.take(documents(behind.sealed));
	it.intake.take(live.sealed.map((bytes) => ({ bytes, route: 'lane', source: 'live lane' })));
	await Promise.all([it.intake.idle(), other.intake.idle()]);
	expect(order.filter((one) => one === 'month').length).toBeGreaterThan(30);
	expect(Math.max(...slices)).toBe(32);
	expect(order.indexOf('just now')).toBe(0);
	// Two slices of its own, in turn with the other’s.
	expect(order.lastIndexOf('another')).toBeLessThan(6);
});

test('5: of a backlog eight entries are read in a turn, and whoever asks for one meanwhile has it after them', async () => {
	const month = await seller(100);
	const shared = createTurns();
	const read: number[] = [];
	const turns: Turns = {
		take: (slice) =>
			shared.take(async () => {
				const before = checked;
				const answer = await slice();
				read.push(checked - before);
				return answer;
			}),
	};
	const it = open(undefined, undefined, { turns });
	await it.take([month.chain]);
	const before = checked;
	it.intake.take(month.sealed.map((bytes) => ({ bytes, route: 'catch-up', source: 'a page' })));
	const readBeforeAnother = await new Promise((resolve) => setImmediate(resolve)).then(() => shared.take(() => checked - before));
	await it.intake.idle();
	expect(readBeforeAnother).toBeLessThanOrEqual(16);
	expect(Math.max(...read)).toBe(8);
	expect(read.reduce((sum, one) => sum + one, 0)).toBe(100);
	expect(it.entries).toHaveLength(100);
});

test('5: while a branch’s disk does not answer, another’s backlog goes on', async () => {
	const turns = createTurns();
	const [stuck, behind] = [await seller(40), await seller(40)];
	const store = createMemoryEntryStore();
	const [it, other] = [open({ ...store, add: () => new Promise(() => undefined) }, undefined, { turns }), open(undefined, undefined, { turns })];
	await it.take([stuck.chain]);
	it.intake.take(stuck.sealed.map((bytes) => ({ bytes, route: 'document', source: 'a segment' })));
	await other.take([behind.chain, ...behind.sealed]);
	expect(other.entries).toHaveLength(40);
});

test('1: forged, cut, foreign and random bytes are findings with document and route, and enter nothing', async () => {
	const till = await seller(1);
	const [good] = till.sealed;
	if (good === undefined) throw new Error('nothing sold');
	const otherShop = await openSealingShop();
	const stranger = await otherShop.till({ vault: createMemoryVault() });
	await stranger.sell('in-another-store');
	const forged = good.map((byte, place) => (place === good.length - 1 ? byte ^ 1 : byte));
	const chainOf = decodeChain(till.chain) ?? [];
	const bad = [
		forged,
		good.slice(0, -1),
		stranger.told[0]?.sealed ?? good,
		stranger.chain,
		encodeChain(chainOf.slice(0, 1)),
		new Uint8Array([1, 2, 3]),
		new Uint8Array(),
		new Uint8Array(300).fill(0x82),
	];
	const it = open();
	await it.take([till.chain, ...bad], 'lane');
	expect(it.entries).toEqual([]);
	expect((await it.entryStore.page(undefined, 10)).sealed).toEqual([]);
	expect(it.findings).toHaveLength(bad.length);
	for (const finding of it.findings) expect(finding).toMatchObject({ document: 'a segment', route: 'lane', atMs: it.time.clock.nowMs() });
	// A forgery first does not keep the true one out.
	await it.take([good]);
	expect(it.entries).toHaveLength(1);
});

test('2: an entry counts once, by whatever route and however often; only second copies in documents are duplicates', async () => {
	const till = await seller(1);
	const [sealed] = till.sealed;
	if (sealed === undefined) throw new Error('nothing sold');
	const it = open();
	await it.take([till.chain, sealed, sealed], 'lane');
	expect(it.entries).toHaveLength(1);
	const [entry] = it.entries;
	if (entry === undefined) throw new Error('no entry');
	expect(it.intake.cameByDocument(entry)).toBe(false);
	await it.take([sealed]);
	expect([it.intake.cameByDocument(entry), it.intake.duplicates()]).toEqual([true, 0]);
	await it.take([sealed], 'lane');
	expect(it.intake.duplicates()).toBe(0);
	await it.take([sealed, sealed]);
	expect(it.intake.duplicates()).toBe(2);
	expect(it.entries).toHaveLength(1);
});

test('2: two copies in one batch are one entry, and that one of them lay in a document is not forgotten', async () => {
	for (const routes of [
		['document', 'lane'],
		['lane', 'document'],
	] as const) {
		const till = await seller(1);
		const [sealed] = till.sealed;
		if (sealed === undefined) throw new Error('nothing sold');
		const it = open();
		await it.intake.takeChain(till.chain);
		it.intake.take(routes.map((route) => ({ bytes: sealed, route, source: 'x' })));
		await it.intake.idle();
		const [entry] = it.entries;
		expect(it.entries).toHaveLength(1);
		expect(entry !== undefined && it.intake.cameByDocument(entry)).toBe(true);
		expect(it.intake.duplicates()).toBe(0);
	}
});

test('2: own entries that come back are known', async () => {
	const till = await seller(2);
	const it = open();
	await it.intake.takeChain(till.chain);
	it.intake.know(till.told);
	await it.take(till.sealed);
	expect([it.entries, it.findings, it.intake.duplicates()]).toEqual([[], [], 0]);
});

test('3: entries of a device that nobody has introduced wait, and go on when its certificate comes by whatever way', async () => {
	const [byChain, byRoster] = [await seller(2), await seller(2)];
	const it = open();
	await it.take([...byChain.sealed, ...byRoster.sealed], 'lane');
	expect([it.entries, it.findings]).toEqual([[], []]);
	await it.intake.takeChain(byChain.chain);
	await it.intake.idle();
	expect(it.entries.map(({ hash }) => hash)).toEqual(byChain.told.map(({ hash }) => hash));
	// The roster travels in the ledger: an entry of somebody known introduces the other.
	const fact: Fact = {
		...{ type: 'device.enrolled', v: 1, device: byRoster.signer.device, branch: shop.branch, role: 'till', name: 'Till 2', till: 2 },
		...{ rights: [...shop.certificate(byRoster.signer).rights], chain: hexOf(byRoster.chain) },
	};
	const enrolment = await byChain.commit({ key: 'enrols-the-other' as never, decide: () => ({ branch: [], store: [fact], takesReceipt: false }) });
	if (isRefusal(enrolment) || 'trouble' in enrolment) throw new Error('not enrolled');
	await it.take(enrolment.entries.map(({ sealed }) => sealed));
	await it.intake.idle();
	expect(it.entries.map(({ hash }) => hash)).toEqual(expect.arrayContaining(byRoster.told.map(({ hash }) => hash)));
	expect(it.certificates.map(({ device }) => device).sort()).toEqual([byChain.signer.device, byRoster.signer.device].sort());
});

test('3: strangers fill no memory, and what fell out comes again', async () => {
	const till = await seller(1);
	const [sealed] = till.sealed;
	if (sealed === undefined) throw new Error('nothing sold');
	const copies = Math.ceil((4 * 1024 * 1024) / sealed.length) + 10;
	const it = open();
	await it.take(
		Array.from({ length: copies }, () => sealed),
		'lane',
	);
	const other = await seller(1);
	await it.take(other.sealed, 'lane'); // No room.
	await it.intake.takeChain(other.chain);
	await it.intake.idle();
	expect(it.entries).toEqual([]);
	await it.intake.takeChain(till.chain);
	await it.intake.idle();
	expect(it.entries).toHaveLength(1);
	await it.take(other.sealed);
	expect(it.entries).toHaveLength(2);
});

test('4: a disk that is full keeps the batch, tries again, and nothing is told before it is there', async () => {
	const till = await seller(2);
	const real = createMemoryEntryStore();
	let isFull = true;
	let tries = 0;
	const it = open({
		...real,
		add(entries) {
			tries += 1;
			return isFull ? Promise.reject(new StorageError('full', 'no room')) : real.add(entries);
		},
	});
	await it.intake.takeChain(till.chain);
	it.intake.take(till.sealed.map((bytes) => ({ bytes, route: 'lane', source: 'x' })));
	// Signatures are checked by other threads, in their own time; the test's own deadline ends it.
	while (tries < 3) {
		await new Promise((resolve) => setTimeout(resolve, 5));
		await it.time.pass(500);
	}
	expect(it.entries).toEqual([]);
	isFull = false;
	await it.time.pass(500);
	await it.intake.idle();
	expect(it.entries).toHaveLength(2);
});

test('4: a disk that cannot be read for a moment keeps the batch, too: what lies below the checkpoint, and what may have been taken before', async () => {
	const till = await seller(2);
	const real = createMemoryEntryStore();
	let failing = 2;
	const mayFail = async <Answer>(read: () => Promise<Answer>): Promise<Answer> => {
		failing -= 1;
		if (failing >= 0) throw new StorageError('failed', 'no answer');
		return read();
	};
	const it = open({ ...real, chain: (...asked) => mayFail(() => real.chain(...asked)) }, undefined, {
		isBelowCheckpoint: ({ header }) => header.seq === 1,
		day: { mayBeBack: () => false, budget: { full: () => ({ devices: new Set(), untilMs: 0 }), take: (entries) => mayFail(async () => entries) } },
	});
	await it.intake.takeChain(till.chain);
	it.intake.take(till.sealed.map((bytes) => ({ bytes, route: 'document', source: 'x' })));
	await eventually(
		async () => {
			await it.time.pass(500);
			return it.entries.length === 2;
		},
		'both are taken in',
		2_000,
	);
});

test('a listener that throws is seen, and the next batch is taken in all the same', async () => {
	const till = await seller(2);
	let isBroken = true;
	const it = open(undefined, () => {
		if (isBroken) throw new Error('our own mistake');
	});
	await it.intake.takeChain(till.chain);
	it.intake.take(till.sealed.slice(0, 1).map((bytes) => ({ bytes, route: 'lane', source: 'x' })));
	await expect(it.intake.idle()).rejects.toThrow('our own mistake');
	isBroken = false;
	await it.take(till.sealed.slice(1));
	expect(it.entries).toHaveLength(2);
});

test('closing ends a batch that waits for its disk, and takes nothing more', async () => {
	const till = await seller(1);
	const it = open({ ...createMemoryEntryStore(), add: () => Promise.reject(new StorageError('full', 'no room')) });
	await it.intake.takeChain(till.chain);
	it.intake.take(till.sealed.map((bytes) => ({ bytes, route: 'lane', source: 'x' })));
	await new Promise((resolve) => setTimeout(resolve, 20));
	const closing = it.intake.close();
	await it.time.pass(500);
	await closing;
	await it.take(till.sealed);
	await it.intake.idle();
	expect(it.entries).toEqual([]);
});

test('7: what is put off is neither stored nor known, but taken from a file; a forgery in a full device’s name is not even looked at', async () => {
	const [full, other] = [await seller(3), await seller(1)];
	const device = full.signer.device;
	let devices: ReadonlySet<DeviceId> = new Set();
	const it = open(undefined, undefined, {
		day: {
			mayBeBack: ({ seq }) => seq === 1,
			budget: {
				full: () => ({ devices, untilMs: 0 }),
				take: async (entries) => entries.filter(({ header }) => header.device !== device || header.seq < 2),
			},
		},
	});
	await it.take([full.chain, other.chain, ...full.sealed.slice(0, 2), ...other.sealed]);
	expect(it.entries.map(({ header }) => header.seq)).toEqual([1, 1]);
	expect((await it.entryStore.page(undefined, 10)).sealed).toHaveLength(2);
	devices = new Set([device]);
	const forged = full.sealed[2]!.map((byte, place) => (place === full.sealed[2]!.length - 1 ? byte ^ 1 : byte));
	await it.take([forged]);
	expect(it.findings).toEqual([]);
	await it.take(full.sealed.slice(2), 'file');
	expect(it.entries.map(({ header }) => header.seq)).toEqual([1, 1, 3]);
	devices = new Set();
	await it.take([forged]);
	expect(it.findings).toHaveLength(1);
});

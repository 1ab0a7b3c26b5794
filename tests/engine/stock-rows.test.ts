/** Stock as rows: few bytes for few changes, right after every restart and every other server, and nothing that nobody signed. */
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createStockRows, type StockRows } from '#engine/stock-rows.ts';
import type { EntryStore, Signer } from '#ports';
import { decode, encode } from '#schemas/cbor.ts';
import type { BranchId, EntryHash, Sku, StoreId } from '#schemas/ids.ts';
import { directMessage, MAX_DIRECT_BYTES, type DirectMessage } from '#schemas/wire/direct.ts';
import * as v from 'valibot';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime } from '../support/manual-time.ts';
import { relayUnder } from '../support/successions.ts';

const STORE = '5a'.repeat(16) as StoreId;
const HIGH = 'b1'.repeat(16) as BranchId;
const HARBOUR = 'b2'.repeat(16) as BranchId;
const digest = createDigest();
const [hubKey, relayKey, strangerKey] = await Promise.all([newKey(), newKey(), newKey()]);

async function newKey(): Promise<Signer> {
	return signerOf(await generateSigningKey(false));
}

interface Peer {
	readonly name: string;
	readonly rows: StockRows;
	readonly stock: Map<Sku, { onHandMilli: number }>;
	readonly entryStore: EntryStore;
	readonly changed: Sku[];
	readonly failed: string[];
	/** Bytes that came to it. */
	readonly heard: { bytes: number; messages: DirectMessage[] };
	readonly time: ReturnType<typeof createManualTime>;
	hear(message: DirectMessage, from: string): void;
	link(other: Peer, isLinked?: boolean): void;
}

interface PeerOptions {
	readonly branch?: BranchId;
	readonly signer?: Signer;
	readonly entryStore?: EntryStore;
	readonly elsewhere?: (branch: BranchId) => StockRows | undefined;
	readonly sends?: (message: DirectMessage) => DirectMessage;
	readonly nowMs?: number;
	/** How far it has the one chain that there is. */
	readonly seq?: () => number;
}

const open: Peer[] = [];
afterEach(() => {
	for (const { rows } of open.splice(0)) rows.close();
});

function peer(name: string, options: PeerOptions = {}): Peer {
	const { branch = HIGH, signer, elsewhere, sends = (message) => message, seq = () => 1 } = options;
	const stock: Peer['stock'] = new Map();
	const entryStore = options.entryStore ?? createMemoryEntryStore();
	const [onDirect, onLinked]: [((message: DirectMessage, from: string) => void)[], ((peer: string, isLinked: boolean) => void)[]] = [[], []];
	const others = new Map<string, Peer>();
	const time = createManualTime(options.nowMs ?? 1_000);
	const heard: Peer['heard'] = { bytes: 0, messages: [] };
	const [changed, failed]: [Sku[], string[]] = [[], []];
	const one: Peer = {
		...{ name, stock, entryStore, heard, time, changed, failed },
		rows: createStockRows({
			documents: {
				sendTo(to, message) {
					const bytes = encode(sends(message));
					if (bytes.length >= MAX_DIRECT_BYTES) throw new Error(`a direct message of ${bytes.length} bytes`);
					others.get(to)?.hear(v.parse(directMessage, decode(bytes)), name);
				},
				onDirect: (listener) => onDirect.push(listener),
				onLinked: (listener) => onLinked.push(listener),
			},
			ledger: {
				...{ store: STORE, branch, marks: () => [{ device: hubKey.device, scope: 'branch', seq: seq(), hash: '0b'.repeat(32) as EntryHash }] },
				state: { stock, settings: { value: () => 'High Street' }, devices: new Map([HIGH, HARBOUR].map((of) => [of, { branch: of }])) } as never,
			},
			...{ entryStore, digest, clock: time.clock, timers: time.timers, signer, elsewhere },
			maySpeak: ({ issuer }) => issuer === hubKey.device || issuer === relayKey.device,
			onChanged: (_, skus) => changed.push(...skus),
			onFailed: (words) => failed.push(words),
		}),
		hear(message, from) {
			heard.bytes += encode(message).length;
			heard.messages.push(message);
			for (const listener of onDirect) listener(message, from);
		},
		link(other, isLinked = true) {
			if (isLinked) others.set(other.name, other);
			else others.delete(other.name);
			for (const listener of onLinked) listener(other.name, isLinked);
		},
	};
	open.push(one);
	return one;
}

function meet(a: Peer, b: Peer): void {
	a.link(b);
	b.link(a);
}

const sku = (n: number): Sku => `SKU-${String(n).padStart(5, '0')}` as Sku;
function fill({ stock, rows }: Peer, products: number): void {
	for (let n = 0; n < products; n += 1) stock.set(sku(n), { onHandMilli: n * 1_000 });
	rows.note();
}
function change({ stock, rows }: Peer, from: number, to: number, onHandMilli: number): void {
	const skus = new Set(Array.from({ length: to - from }, (_, place) => sku(from + place)));
	for (const one of skus) stock.set(one, { onHandMilli });
	rows.note(skus);
}
const shown = ({ rows }: Peer, branch: BranchId, n: number): number | undefined => rows.of(branch)?.onHandMilli(sku(n));
async function askAgain(...peers: readonly Peer[]): Promise<void> {
	// By the second: an answer takes real time, in which none of theirs passes.
	for (let second = 0; second <= 60; second += 1)
		for (const { time, rows } of peers) {
			await time.pass(1_000);
			await rows.idle();
		}
}

test('a till that was away fetches what changed: under 50 KB for 200 of 50,000 products, and a few hundred bytes for nothing', async () => {
	const hub = peer('hub', { signer: hubKey });
	const till = peer('till');
	fill(hub, 50_000);
	meet(hub, till);
	await till.time.pass(1_500);
	await eventually(() => shown(till, HIGH, 49_999) === 49_999_000, 'all rows');
	expect(till.heard.messages.length).toBeGreaterThan(10);

	till.link(hub, false);
	change(hub, 1_000, 1_200, 7_000);
	till.heard.bytes = 0;
	till.changed.length = 0;
	till.link(hub);
	await askAgain(hub, till);
	await eventually(() => shown(till, HIGH, 1_199) === 7_000, 'the changed ones');
	expect(till.changed).toHaveLength(200);
	expect(till.heard.bytes).toBeLessThan(50_000);
	expect(till.heard.bytes).toBeGreaterThan(200 * 10);

	till.heard.bytes = 0;
	await askAgain(till);
	expect(till.heard.bytes).toBeLessThan(300);
});

test('a hub that starts again goes on where it was, and what its till knows of stays true', async () => {
	const first = peer('hub', { signer: hubKey });
	const till = peer('till');
	fill(first, 300);
	meet(first, till);
	await till.time.pass(1_500);
	await eventually(() => shown(till, HIGH, 10) === 10_000, 'all rows');
	const before = till.rows.of(HIGH)?.head;
	till.link(first, false);
	first.rows.close();

	const again = peer('hub', { signer: hubKey, entryStore: first.entryStore, nowMs: 200_000 });
	fill(again, 300);
	change(again, 10, 12, 500);
	till.heard.bytes = 0;
	meet(again, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 11) === 500, 'what changed');
	expect(till.rows.of(HIGH)?.head.version).toBe((before?.version ?? 0) + 2);
	expect(till.heard.messages.some((message) => message.t === 'stock' && message.next === 'parts')).toBe(false);
	expect(till.heard.bytes).toBeLessThan(1_500);
});

test('of another server, and of one that was put back, only the parts that differ come', async () => {
	const hub = peer('hub', { signer: hubKey });
	const till = peer('till');
	fill(hub, 5_000);
	meet(hub, till);
	await till.time.pass(1_500);
	await eventually(() => shown(till, HIGH, 4_999) === 4_999_000, 'all rows');
	till.link(hub, false);

	const relay = peer('relay', { signer: relayKey, nowMs: 500_000, elsewhere: () => undefined });
	fill(relay, 5_001);
	change(relay, 3, 5, -1_000);
	till.heard.bytes = 0;
	meet(relay, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 4) === -1_000, 'from the relay');
	expect(till.rows.of(HIGH)?.head.issuer).toBe(relayKey.device);
	expect(shown(till, HIGH, 5_000)).toBe(5_000_000);
	expect(shown(till, HIGH, 4_000)).toBe(4_000_000);
	const whole = encode(Array.from({ length: 5_000 }, (_, n) => [sku(n), n * 1_000, n])).length;
	expect(till.heard.bytes).toBeLessThan(whole / 10);

	// Rows whose versions were another's mean something to whoever asks this till now.
	const third = peer('third');
	meet(till, third);
	await third.time.pass(1_500);
	await eventually(() => shown(third, HIGH, 5_000) === 5_000_000, 'passed on');
	change(relay, 5, 6, 42_000);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 5) === 42_000, 'the next change');
	await askAgain(third);
	await eventually(() => shown(third, HIGH, 5) === 42_000, 'the next change, passed on');

	// The relay lost its disk: its counter begins again below what the till has heard of.
	till.link(relay, false);
	relay.rows.close();
	const restored = peer('relay', { signer: relayKey, nowMs: 900_000, elsewhere: () => undefined });
	fill(restored, 5_001);
	restored.stock.set(sku(1), { onHandMilli: 11_000 });
	restored.rows.note();
	change(restored, 3, 5, -1_000);
	meet(restored, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 1) === 11_000, 'from the relay that was put back');
	expect(shown(till, HIGH, 5)).toBe(5_000);
});

test('rows that a wrong clock dated ahead yield to those that reflect more, and do not come back', async () => {
	const ahead = peer('hub', { signer: hubKey, nowMs: 1_000_000_000 });
	fill(ahead, 3);
	const till = peer('till');
	meet(ahead, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 2) === 2_000, 'the rows of the hub');
	till.link(ahead, false);

	let seq = 2;
	const relay = peer('relay', { signer: relayKey, seq: () => seq });
	fill(relay, 3);
	change(relay, 2, 3, 7_000);
	meet(relay, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 2) === 7_000, 'what has been sold since');
	expect(till.rows.of(HIGH)?.head.issuer).toBe(relayKey.device);

	till.link(ahead);
	change(ahead, 0, 1, 9_000);
	await askAgain(till);
	expect([shown(till, HIGH, 0), shown(till, HIGH, 2)]).toEqual([0, 7_000]);

	seq = 3;
	change(relay, 2, 3, 8_000);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 2) === 8_000, 'the relay’s next');
});

test('what an earlier run of a till heard is there before anybody is linked; a table that was cut in half is none', async () => {
	const hub = peer('hub', { signer: hubKey });
	const till = peer('till');
	fill(hub, 50);
	meet(hub, till);
	await till.time.pass(1_500);
	await eventually(() => shown(till, HIGH, 49) === 49_000, 'all rows');
	const alone = peer('till', { entryStore: till.entryStore });
	await eventually(() => shown(alone, HIGH, 49) === 49_000, 'from its disk');

	const parts = await Promise.all(
		Array.from({ length: 256 }, async (_, part) => [part, await till.entryStore.getCache(`stock:${HIGH}:${part}`)] as const),
	);
	const [part] = parts.find(([, bytes]) => (bytes?.length ?? 0) > 1) ?? [0];
	await till.entryStore.setCache(`stock:${HIGH}:${part}`, encode([]));
	const torn = peer('till', { entryStore: till.entryStore });
	await torn.rows.idle();
	expect(torn.rows.of(HIGH)).toBeUndefined();
	meet(hub, torn);
	await torn.time.pass(1_500);
	await eventually(() => shown(torn, HIGH, 49) === 49_000, 'made whole');
});

test('a relay answers for the branches that it holds apart, also when two ask each other at once', async () => {
	const branches = new Map<BranchId, Peer>();
	const elsewhere = (branch: BranchId): StockRows | undefined => branches.get(branch)?.rows;
	const high = peer('relay-high', { signer: relayKey, elsewhere });
	const harbour = peer('relay-harbour', { branch: HARBOUR, signer: relayKey, elsewhere });
	branches.set(HIGH, high).set(HARBOUR, harbour);
	fill(high, 20);
	fill(harbour, 30);
	const hub = peer('hub', { signer: hubKey });
	const there = peer('hub-there', { branch: HARBOUR, signer: hubKey });
	const till = peer('till');
	meet(high, hub);
	meet(harbour, there);
	meet(hub, till);
	await Promise.all([hub.time.pass(1_500), there.time.pass(1_500)]);
	await eventually(() => shown(hub, HARBOUR, 29) === 29_000 && shown(there, HIGH, 19) === 19_000, 'across');
	expect(shown(hub, HARBOUR, 30)).toBeUndefined();
	await askAgain(till);
	await eventually(() => shown(till, HARBOUR, 29) === 29_000, 'to the till, by way of its hub');
	expect(till.rows.of(HARBOUR)?.head.issuer).toBe(relayKey.device);
	expect(till.rows.all().map(({ head }) => head.branch)).toContain(HARBOUR);
});

test('nothing is taken that its issuer did not sign, and nothing from who may not speak', async () => {
	const tamper = (message: DirectMessage): DirectMessage =>
		message.t === 'stock' ? { ...message, rows: message.rows.map(([one, milli, version]) => [one, milli + 1_000, version]) } : message;
	const liar = peer('hub', { signer: hubKey, sends: tamper });
	const stranger = peer('stranger', { signer: strangerKey });
	const till = peer('till');
	fill(liar, 20);
	fill(stranger, 20);
	meet(liar, till);
	meet(stranger, till);
	await till.time.pass(1_500);
	await askAgain(till, till);
	expect(liar.heard.messages.length).toBeGreaterThan(0);
	expect(stranger.heard.messages.length).toBeGreaterThan(0);
	expect(till.rows.of(HIGH)).toBeUndefined();

	// An honest one helps; the liar changes nothing any more.
	const honest = peer('hub-2', { signer: hubKey, nowMs: 5_000_000 });
	fill(honest, 20);
	meet(honest, till);
	await askAgain(till);
	await eventually(() => shown(till, HIGH, 19) === 19_000, 'from the honest one');
	await askAgain(till);
	expect(shown(till, HIGH, 19)).toBe(19_000);
});

test('a relay that has renewed its key signs its rows anew, though nothing in them is new, and they are its rows still', async () => {
	const disk = createMemoryEntryStore();
	const before = peer('relay', { signer: relayKey, entryStore: disk });
	const till = peer('till');
	fill(before, 20);
	meet(before, till);
	await till.time.pass(1_500);
	await eventually(() => shown(till, HIGH, 19) === 19_000, 'under the first key');
	before.rows.close();
	const after = peer('relay', { signer: relayUnder(relayKey, strangerKey), entryStore: disk, nowMs: 5_000_000 });
	fill(after, 20);
	meet(after, till);
	await askAgain(till);
	await eventually(() => String(till.rows.of(HIGH)?.head.key) === strangerKey.device, 'under the next');
	expect([till.rows.of(HIGH)?.head.issuer, shown(till, HIGH, 19)]).toEqual([relayKey.device, 19_000]);
});

test('of a branch that the store has not, nothing is looked for, nor kept', async () => {
	const looked: string[] = [];
	const entryStore = createMemoryEntryStore();
	const hub = peer('hub', {
		signer: hubKey,
		entryStore: { ...entryStore, getCache: (name) => (looked.push(name), entryStore.getCache(name)) },
	});
	fill(hub, 3);
	for (let n = 0; n < 100; n += 1)
		expect(await hub.rows.answer({ t: 'want-stock', id: n, branch: n.toString(16).padStart(32, '0') as BranchId })).toEqual({
			...{ t: 'stock', id: n, next: 'none', rows: [] },
		});
	expect(looked).toEqual([]);
	expect((await hub.rows.answer({ t: 'want-stock', id: 100, branch: HIGH })).rows.length).toBe(3);
});

test('a hub whose disk is full answers nothing that it would not remember', async () => {
	const disk = createMemoryEntryStore();
	const full = { ...disk, setCache: () => Promise.reject(new Error('the disk is full')) };
	const hub = peer('hub', { signer: hubKey, entryStore: full });
	const till = peer('till');
	fill(hub, 20);
	meet(hub, till);
	await till.time.pass(1_500);
	await eventually(() => hub.failed.length > 0, 'the hub says so');
	expect(till.rows.of(HIGH)).toBeUndefined();
	expect(hub.failed).toContain('Error: the disk is full');
});

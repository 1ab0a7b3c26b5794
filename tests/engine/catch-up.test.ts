/** "What have you after these marks?": pages, certificates first, until both hold the same. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Documents } from '#ports';
import { decode, encode } from '#schemas/cbor.ts';
import { directMessage, MAX_DIRECT_BYTES, PAGE_ENTRIES, type DirectMessage } from '#schemas/wire/direct.ts';
import * as v from 'valibot';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();
const stops: Replica[] = [];

afterEach(async () => {
	for (const replica of stops.splice(0)) await replica.close();
});

interface Peer {
	readonly replica: Replica;
	readonly ledger: RenewableLedger;
	readonly time: ManualTime;
	/** What it sent, in order. */
	readonly sent: DirectMessage[];
	readonly documents: Documents;
	hear(message: DirectMessage, from: string): void;
	link(name: string, other: Peer | undefined): void;
}

async function open(name: string, tills: readonly SealingTill[] = []): Promise<Peer> {
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, certificateOf: (device) => verifier.certificateOf(device) });
	const entryStore = createMemoryEntryStore();
	for (const till of tills) {
		await entryStore.add(till.told);
		await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	}
	const time = createManualTime();
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: false, entryStore, ledger, verifier, digest },
		...{ clock: time.clock, timers: time.timers, random: systemRandom },
	});
	stops.push(replica);
	const [direct, linked]: [Parameters<Documents['onDirect']>[0][], Parameters<Documents['onLinked']>[0][]] = [[], []];
	const others = new Map<string, Peer>();
	const nothing = (): void => undefined;
	const peer: Peer = {
		...{ replica, ledger, time, sent: [] },
		documents: {
			...{
				openSegment: () => Promise.resolve(),
				closeSegment: () => Promise.resolve(),
				append: () => Promise.resolve(),
				changeFloor: () => Promise.resolve(),
				close: () => Promise.resolve(),
			},
			...{ onItems: nothing, onFloor: nothing, broadcast: nothing, onLane: nothing, onDamage: nothing, genesis: () => Promise.resolve(undefined) },
			floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
			onDirect: (listener) => direct.push(listener),
			onLinked: (listener) => linked.push(listener),
			sendTo(to, message) {
				peer.sent.push(message);
				const bytes = encode(message);
				expect(bytes.length).toBeLessThan(MAX_DIRECT_BYTES);
				others.get(to)?.hear(v.parse(directMessage, decode(bytes)), name);
			},
		},
		hear(message, from) {
			for (const listener of direct) listener(message, from);
		},
		link(to, other) {
			if (other === undefined) others.delete(to);
			else others.set(to, other);
			for (const listener of linked) listener(to, other !== undefined);
		},
	};
	await replica.load();
	await replica.attach(peer.documents);
	return peer;
}

async function meet(a: Peer, b: Peer): Promise<void> {
	a.link('b', b);
	b.link('a', a);
	await Promise.all([a.time.pass(3_000), b.time.pass(3_000)]);
}

async function seller(sales: number): Promise<SealingTill> {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < sales; n += 1) await till.sell(`${till.signer.device.slice(0, 8)}-${n}`);
	return till;
}

test('a newcomer is told everything, page by page, with the certificates that prove it', async () => {
	const [first, second] = [await seller(300), await seller(5)];
	const old = await open('a', [first, second]);
	const fresh = await open('b');
	await meet(old, fresh);
	await eventually(() => fresh.ledger.state.sales.size === 305, 'all sales');
	expect(fresh.ledger.marks()).toEqual(old.ledger.marks());
	const pages = old.sent.filter((message) => message.t === 'page');
	expect(pages.length).toBeGreaterThan(1);
	for (const page of pages) expect(page.sealed.length).toBeLessThanOrEqual(PAGE_ENTRIES + 1);
});

test('who holds the same is told nothing, once a minute', async () => {
	const till = await seller(3);
	const [a, b] = [await open('a', [till]), await open('b', [till])];
	await meet(a, b);
	await eventually(() => b.sent.some(({ t }) => t === 'page') && a.sent.some(({ t }) => t === 'page'), 'both answered');
	expect(a.sent.filter(({ t }) => t === 'page')).toMatchObject([{ sealed: [], chains: [], more: false }]);
	await a.time.pass(60_000);
	expect(a.sent.filter(({ t }) => t === 'ask')).toHaveLength(2);
});

test('of a fork, the side that the other lacks is told', async () => {
	const till = await seller(2);
	const copied = await shop.till({ vault: createMemoryVault(), signer: till.signer });
	for (let n = 0; n < 3; n += 1) await copied.sell(`copied-till-${n}`);
	const [a, b] = [await open('a', [till]), await open('b', [copied])];
	await meet(a, b);
	await eventually(() => a.ledger.size() === 5 && b.ledger.size() === 5, 'both sides on both');
	expect(a.ledger.marks()).toEqual(b.ledger.marks());
	expect(a.ledger.conflicts().map(({ kind }) => kind)).toContain('chain-forked');
	const before = a.sent.length;
	await a.time.pass(60_000);
	await eventually(() => b.sent.some((message) => message.t === 'page' && message.sealed.length === 0), 'nothing more to tell');
	expect(a.sent.length).toBeGreaterThan(before);
});

test('3: a page that nobody asked for, or of another, is not looked at', async () => {
	const till = await seller(1);
	const peer = await open('a');
	peer.link('b', undefined);
	peer.hear({ t: 'page', id: 1, chains: [], sealed: till.told.map(({ sealed }) => Buffer.from(sealed).toString('hex')), more: true }, 'b');
	await peer.replica.idle();
	expect([peer.ledger.size(), peer.sent]).toEqual([0, []]);
});

test('3: whoever does not answer is asked no more until the next look, and holds up nobody else', async () => {
	const till = await seller(2);
	const [a, b] = [await open('a'), await open('b', [till])];
	const silent = await open('c');
	a.link('c', { ...silent, hear: () => undefined });
	a.link('b', b);
	b.link('a', a);
	await a.time.pass(3_000);
	expect(a.ledger.size()).toBe(0);
	await a.time.pass(10_000);
	await eventually(() => a.ledger.size() === 2, 'the other answered');
});

test('4: entries of another branch’s tills stay there, but for the store’s', async () => {
	const till = await seller(1);
	const a = await open('a', [till]);
	const away = await openSealingShop({ root: shop.root, hub: shop.hub });
	expect(away.store).toBe(shop.store);
	const stranger = await away.till({ vault: createMemoryVault() });
	await stranger.sell('in-another-branch');
	await a.replica.takeChain(stranger.chain);
	a.replica.take(stranger.told.map(({ sealed }) => ({ bytes: sealed, route: 'catch-up', source: 'x' })));
	await a.replica.idle();
	const b = await open('b');
	await meet(a, b);
	await eventually(() => b.ledger.state.sales.size === 1, 'its own branch’s sale');
	expect(b.ledger.entries().map(({ header }) => header.device)).toEqual([till.signer.device]);
});

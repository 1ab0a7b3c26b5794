/** "What have you after these marks?": pages, certificates first, until both hold the same. */
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createCatchUp } from '#engine/catch-up.ts';
import type { Documents } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { PAGE_ENTRIES, type DirectMessage } from '#schemas/wire/direct.ts';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { meet, openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const stops: LinkedReplica[] = [];

afterEach(async () => {
	for (const { replica } of stops.splice(0)) await replica.close();
});

async function open(name: string, tills: readonly SealingTill[] = []): Promise<LinkedReplica> {
	const peer = await openLinked(shop, name, { tills });
	stops.push(peer);
	return peer;
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

test('1: whoever asks and asks is answered one at a time, the newest question last', async () => {
	const peer = await open('a', [await seller(3)]);
	peer.link('b', undefined);
	for (let id = 1; id <= 500; id += 1) peer.hear({ t: 'ask', id, above: [] }, 'b');
	peer.hear({ t: 'ask', id: 1, above: [] }, 'c');
	const answered = (): number[] => peer.sent.flatMap((message) => (message.t === 'page' ? [message.id] : []));
	await eventually(() => answered().includes(500), 'the newest is answered');
	expect(answered().toSorted((a, b) => a - b)).toEqual([1, 1, 500]);
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

test('5: where a process has many branches a page is taken in by pieces, in its order, and others have their turns between', async () => {
	const turns = createTurns();
	const a = await open('a');
	const hear: Parameters<Documents['onDirect']>[0][] = [];
	const asked = Promise.withResolvers<DirectMessage>();
	const order: string[] = [];
	const taken: string[] = [];
	const caughtUp = Promise.withResolvers<undefined>();
	const catchUp = createCatchUp({
		documents: {
			sendTo: (_, message) => {
				asked.resolve(message);
			},
			onDirect: (listener) => void hear.push(listener),
			onLinked: (listener) => {
				listener('b', true);
			},
		},
		...{ entryStore: a.entryStore, ledger: a.ledger, verifier: a.verifier, timers: a.time.timers, turns, own: undefined },
		...{ locate: async () => [], held: () => taken.length, ownChain: () => undefined, idle: async () => undefined },
		take(incoming) {
			order.push('page');
			taken.push(...incoming.map(({ bytes }) => hexOf(bytes)));
		},
		onCaughtUp: () => {
			caughtUp.resolve(undefined);
		},
	});
	catchUp.askAll();
	const { id } = (await asked.promise) as Extract<DirectMessage, { t: 'ask' }>;
	const sealed = Array.from({ length: PAGE_ENTRIES }, (_, n) => n.toString(16).padStart(4, '0'));
	for (const listener of hear) listener({ t: 'page', id, chains: ['ffff'], sealed, more: false }, 'b');
	for (let n = 0; n < 3; n += 1) await turns.take(() => order.push('another'));
	await caughtUp.promise;
	catchUp.close();
	expect(taken).toEqual(['ffff', ...sealed]);
	expect(order.slice(0, 6)).toEqual(['page', 'another', 'page', 'another', 'page', 'another']);
	expect(order.filter((one) => one === 'page')).toHaveLength(9);
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

/** "What have you after these marks?": pages, certificates first, until both hold the same. */
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { compareText } from '#core/entry/order.ts';
import { createCatchUp, type CatchUpDeps } from '#engine/catch-up.ts';
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

test('3: whoever has a thin line answers late: others are asked meanwhile, and every page of it is taken when it comes', async () => {
	const far = await seller(600);
	const [a, b] = [await open('a'), await open('b', [far])];
	const near = await open('c', [await seller(2)]);
	for (const [peer, arrivesAfterMs] of [
		[b, 15_000],
		[near, 0],
	] as const) {
		a.link(peer.name, peer);
		peer.link('a', {
			...a,
			hear(message, from) {
				a.time.timers.after(arrivesAfterMs, () => {
					a.hear(message, from);
				});
			},
		});
	}
	await a.time.pass(14_000);
	await eventually(async () => {
		await a.time.pass(1);
		return a.ledger.size() === 2;
	}, 'the near one is heard');
	await eventually(
		async () => {
			await a.time.pass(1_000);
			return a.ledger.size() === 602;
		},
		'the far one, too',
		5_000,
	);
	expect(a.sent.filter(({ t }) => t === 'ask').length).toBeLessThan(12);
});

test('3: who is gone before its late page is asked anew, and what came late of the link before is not looked at', async () => {
	const asker = await openAsker({ take: () => taken.push('page') });
	const taken: string[] = [];
	await asker.linkAll('b');
	await asker.time.pass(10_000);
	await asker.unlink('b');
	await asker.answers('b', { id: 1, chains: ['ffff'] });
	expect(taken).toEqual([]);
});

test('5: behind a gap that nobody can fill lies more than a page, and what stands behind that in the answer comes all the same', async () => {
	const tills = await Promise.all(Array.from({ length: 4 }, () => shop.till({ vault: createMemoryVault() })));
	const [torn, ...others] = tills.toSorted((a, b) => compareText(a.signer.device, b.signer.device)) as [SealingTill, ...SealingTill[]];
	for (let n = 0; n < 300; n += 1) await torn.sell(`torn-sale-${n}`);
	for (const [place, till] of others.entries()) for (let n = 0; n < 3; n += 1) await till.sell(`other-sale-${place}-${n}`);
	const withGap = { ...torn, told: torn.told.filter(({ header }) => header.seq !== 10) };
	const [a, b] = [await open('a', [withGap]), await open('b', [withGap, ...others])];
	await meet(a, b);
	await eventually(
		async () => {
			await a.time.pass(1_000);
			return a.ledger.size() === 299 + 9;
		},
		'the others’ sales',
		5_000,
	);
	const before = a.sent.length;
	await a.time.pass(60_000);
	await eventually(() => a.sent.length > before, 'it asks on');
	expect(a.sent.length - before).toBeLessThan(4);
});

test('5: whoever holds a chain whole is told nothing by one that lacks an entry of it', async () => {
	const torn = await seller(300);
	const a = await open('a', [torn]);
	const b = await open('b', [{ ...torn, told: torn.told.filter(({ header }) => header.seq !== 10) }]);
	a.link('b', b);
	b.link('a', { ...a, hear: (message, from) => message.t === 'page' && a.hear(message, from) });
	await a.time.pass(3_000);
	await eventually(() => b.sent.some(({ t }) => t === 'page'), 'it has answered');
	expect(b.sent.filter(({ t }) => t === 'page')).toMatchObject([{ sealed: [], more: false }]);
});

type Page = Extract<DirectMessage, { t: 'page' }>;

/** Who asks, alone: what it is linked to and hears, the test says. What it takes in is through when `idle` says so. */
async function openAsker({ turns, take = () => undefined, idle = async () => undefined, onCaughtUp }: Partial<CatchUpDeps> = {}) {
	const { entryStore, ledger, verifier, time } = await open('a');
	let [hear, link]: [Parameters<Documents['onDirect']>[0], Parameters<Documents['onLinked']>[0]] = [() => undefined, () => undefined];
	const asks: { readonly of: string; readonly id: number }[] = [];
	const catchUp = createCatchUp({
		documents: {
			sendTo(of, message) {
				if (message.t === 'ask') asks.push({ of, id: message.id });
			},
			onDirect: (listener) => void (hear = listener),
			onLinked: (listener) => void (link = listener),
		},
		...{ entryStore, ledger, verifier, timers: time.timers, turns, own: undefined, take, idle },
		...{ locate: async () => [], held: () => 0, ownChain: () => undefined, ...(onCaughtUp && { onCaughtUp }) },
	});
	const idOf = (peer: string): number => asks.findLast(({ of }) => of === peer)?.id ?? 0;
	return {
		...{ catchUp, time },
		asked: () => asks.map(({ of }) => of),
		linkAll(...peers: readonly string[]) {
			for (const peer of peers) link(peer, true);
			catchUp.askAll();
			return settled();
		},
		unlink(peer: string) {
			link(peer, false);
			return settled();
		},
		/** The page of the question that this one was asked last. */
		answers(peer: string, page: Partial<Page> = {}) {
			hear({ t: 'page', id: idOf(peer), chains: [], sealed: [], more: false, ...page }, peer);
			return settled();
		},
	};
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('3: whoever has answered is given up by no timer, however long its page takes to be taken in', async () => {
	const through = Promise.withResolvers<undefined>();
	const asker = await openAsker({ idle: () => through.promise });
	await asker.linkAll('b', 'c');
	await asker.answers('b');
	await asker.time.pass(30_000);
	expect(asker.asked()).toEqual(['b']);
	through.resolve(undefined);
	await settled();
	expect(asker.asked()).toEqual(['b', 'c']);
});

test('3: neither the page of one who is gone nor the timer of its question ends the question to the next', async () => {
	const through = Promise.withResolvers<undefined>();
	const asker = await openAsker({ idle: () => through.promise });
	await asker.linkAll('b', 'c', 'd', 'e');
	await asker.answers('b');
	await asker.unlink('b');
	expect(asker.asked()).toEqual(['b', 'c']);
	through.resolve(undefined);
	await settled();
	expect(asker.asked()).toEqual(['b', 'c']);
	await asker.time.pass(6_000);
	await asker.unlink('c');
	expect(asker.asked()).toEqual(['b', 'c', 'd']);
	// Ten seconds after the question to who went without a word.
	await asker.time.pass(6_000);
	expect(asker.asked()).toEqual(['b', 'c', 'd']);
	await asker.time.pass(4_000);
	await settled();
	expect(asker.asked()).toEqual(['b', 'c', 'd', 'e']);
});

test('6: where a process has many branches a page is taken in by pieces, in its order, and others have their turns between', async () => {
	const turns = createTurns();
	const order: string[] = [];
	const taken: string[] = [];
	const caughtUp = Promise.withResolvers<undefined>();
	const asker = await openAsker({
		turns,
		take(incoming) {
			order.push('page');
			taken.push(...incoming.map(({ bytes }) => hexOf(bytes)));
		},
		onCaughtUp: () => {
			caughtUp.resolve(undefined);
		},
	});
	await asker.linkAll('b');
	const sealed = Array.from({ length: PAGE_ENTRIES }, (_, n) => n.toString(16).padStart(4, '0'));
	void asker.answers('b', { chains: ['ffff'], sealed });
	for (let n = 0; n < 3; n += 1) await turns.take(() => order.push('another'));
	await caughtUp.promise;
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

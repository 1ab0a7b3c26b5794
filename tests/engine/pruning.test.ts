/** What is old leaves a till once others keep it, no figure changes, and what is asked for again is fetched. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { takeBack as continued } from '#core/entry/taken-back.ts';
import type { Decision } from '#core/intent.ts';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { MANAGER_RIGHTS } from '#schemas/rights.ts';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { meet, openLinked, type LinkedOptions, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, sale, type SealingTill } from '../support/sealing-till.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_800_000_000_000;
const OLD = 1_020;
const RECENT = 3;
const shop = await openSealingShop();
const stops: LinkedReplica[] = [];

afterEach(async () => {
	for (const { replica } of stops.splice(0)) await replica.close();
});

async function open(name: string, options: LinkedOptions = {}): Promise<LinkedReplica> {
	const peer = await openLinked(shop, name, { nowMs: NOW_MS, ...options });
	stops.push(peer);
	return peer;
}

const seller = await sellerOf(OLD, RECENT);

/** `renumbered`: what its receipts bear, where that is not what it was enrolled with. */
async function sellerOf(old: number, recent: number, renumbered?: number): Promise<SealingTill> {
	let nowMs = NOW_MS - 60 * DAY_MS;
	const till = await shop.till({ vault: createMemoryVault(), nowMs: () => nowMs });
	const sell = async (n: number): Promise<void> => {
		nowMs += 60_000;
		const key = `${till.signer.device.slice(0, 8)}-${n}`;
		if (renumbered === undefined) await till.sell(key);
		else await till.commit({ key: key as IntentKey, decide: (number) => withNumber(sale(key)(number), { till: renumbered, number }) });
	};
	if (renumbered !== undefined) await till.commit({ key: 'renumbered-key' as IntentKey, decide: () => renumbering(till, renumbered) });
	for (let n = 0; n < old; n += 1) await sell(n);
	nowMs = NOW_MS - DAY_MS;
	for (let n = 0; n < recent; n += 1) await sell(old + n);
	return till;
}

function renumbering({ signer: { device }, chain }: SealingTill, till: number): Decision {
	const enrolment = { type: 'device.enrolled', v: 1, device, branch: shop.branch, role: 'till', name: 'Till 1', till: 1, rights: [] } as const;
	const facts: Fact[] = [
		{ ...enrolment, rights: [...MANAGER_RIGHTS], chain: hexOf(chain) },
		{ type: 'device.renamed', v: 1, device, till },
	];
	return { branch: [], store: facts, takesReceipt: false };
}

function withNumber(decision: Decision, receipt: Receipt): Decision {
	return { ...decision, branch: decision.branch.map((fact) => ('receipt' in fact ? { ...fact, receipt } : fact)) };
}

const openHub = (): Promise<LinkedReplica> => open('hub', { tills: [seller], signs: { tier: 'host', signer: shop.hub } });
const takings = ({ ledger }: LinkedReplica): number =>
	[...new Set(ledger.chains().map(({ device }) => device))].reduce(
		(sum, device) => sum + (ledger.state.books.zs.get(device)?.open.cashInMinor ?? 0),
		0,
	);
const held = async ({ entryStore }: LinkedReplica): Promise<number> => (await entryStore.page(undefined, 5_000)).sealed.length;

/** A till that has kept a checkpoint, and was opened again. */
async function oldTill(of = seller): Promise<LinkedReplica> {
	const before = await open('till', { tills: [of], prunes: true });
	await before.time.pass(61_000);
	await eventually(async () => ((await before.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'a checkpoint');
	await before.replica.close();
	return open('till', { entryStore: before.entryStore, prunes: true });
}

async function prunedTill(hub: LinkedReplica, of = seller): Promise<LinkedReplica> {
	const till = await oldTill(of);
	await till.replica.takeChain(shop.hubChain);
	await hub.time.pass(1_000);
	await eventually(() => hub.replica.findings().watermarks.length > 0, 'the hub has said what it has');
	await meet(hub, till);
	await eventually(() => till.replica.findings().watermarks.length > 0, 'the till has heard it');
	await till.time.pass(50_000);
	await eventually(async () => (await held(till)) < 1_000, 'pruned');
	return till;
}

test('a whole segment that the hub has leaves the till; every figure is as before, now and after a restart, and no word is said of it', async () => {
	const hub = await openHub();
	const till = await prunedTill(hub);
	expect(await held(till)).toBe(OLD + RECENT - 1_000);
	expect(await held(hub)).toBe(OLD + RECENT);
	const again = await open('till', { entryStore: till.entryStore, prunes: true });
	for (const one of [till, again]) {
		expect(takings(one)).toBe((OLD + RECENT) * 250);
		expect(one.ledger.marks()).toEqual(hub.ledger.marks());
		expect(one.replica.findings()).toMatchObject({ adopted: undefined, recalculating: false, damaged: [] });
	}
	// And the hub, met again, sends nothing of it back.
	await meet(hub, again);
	await again.time.pass(120_000);
	expect(await held(again)).toBe(OLD + RECENT - 1_000);
});

test('nothing leaves a till that nobody has told of keeping it', async () => {
	const till = await oldTill();
	await till.time.pass(120_000);
	expect(await held(till)).toBe(OLD + RECENT);
});

test('an old receipt is fetched from the hub, and can be given back; alone it is not found, and nothing is made up', async () => {
	const hub = await openHub();
	const till = await prunedTill(hub);
	const wanted = seller.told[511]!;
	const receipt = { till: 1, number: 512 };
	const alone = await open('till', { entryStore: till.entryStore, prunes: true });
	await alone.replica.recallReceipt(receipt);
	expect(alone.ledger.entry(wanted.hash)).toBeUndefined();

	await till.replica.recallReceipt(receipt);
	expect(till.ledger.entry(wanted.hash)?.hash).toBe(wanted.hash);
	expect(till.ledger.state.sales.get(wanted.hash)).toBeDefined();
	expect(takings(till)).toBe((OLD + RECENT) * 250);
	expect(till.sent.filter(({ t }) => t === 'recall').length).toBeLessThan(15);
	await till.replica.recallReceipt({ till: 1, number: 99_999 });
	expect(till.replica.findings().damaged).toEqual([]);
});

test('an old receipt is fetched from the hub although a neighbour that let go of it as well is linked for longer, as after a restart of the hub', async () => {
	const hub = await openHub();
	const till = await prunedTill(hub);
	const neighbour = await open('neighbour', { entryStore: till.entryStore, prunes: true });
	till.link('hub', undefined);
	await meet(till, neighbour);
	await meet(till, hub);
	await till.replica.recallReceipt({ till: 1, number: 512 });
	expect(till.ledger.state.sales.get(seller.told[511]!.hash)).toBeDefined();
});

test('an old receipt of a till that was given another number is fetched by the number that it bears', async () => {
	const renamed = await sellerOf(OLD, RECENT, 7);
	const hub = await open('hub', { tills: [renamed], signs: { tier: 'host', signer: shop.hub } });
	const till = await prunedTill(hub, renamed);
	expect(await held(till)).toBeLessThan(OLD);
	await till.replica.recallReceipt({ till: 7, number: 512 });
	const wanted = renamed.told.find(({ facts }) => facts.some((fact) => 'receipt' in fact && fact.receipt.number === 512));
	expect(till.ledger.entry(wanted!.hash)?.hash).toBe(wanted!.hash);
});

test('something that needs history brings everything back first: the figures are those of the entries', async () => {
	const hub = await openHub();
	const till = await prunedTill(hub);
	const late = await sellerOf(2, 0);
	const incoming = [late.chain, ...late.told.map(({ sealed }) => sealed)].map((bytes) => ({ bytes, route: 'file' as const, source: 'a journal' }));
	till.replica.take(incoming);
	await till.replica.idle();
	expect(till.replica.findings().recalculating).toBe(true);
	await eventually(async () => {
		await till.time.pass(1_000);
		return (await held(till)) >= OLD + RECENT;
	}, 'everything is here again');
	await eventually(async () => {
		await till.time.pass(1_000);
		return !till.replica.findings().recalculating;
	}, 'recalculated');
	expect(takings(till)).toBe((OLD + RECENT + 2) * 250);
	expect(till.replica.findings().damaged).toEqual([]);
});

test('a checkpoint that today’s code cannot read any more: what had left is fetched again', async () => {
	const hub = await openHub();
	const till = await prunedTill(hub);
	await till.replica.close();
	await till.entryStore.setCache('checkpoint', new Uint8Array([1]));
	const again = await open('updated', { entryStore: till.entryStore, prunes: true });
	await meet(hub, again);
	for (let n = 0; n < 4; n += 1) await again.time.pass(60_000);
	await eventually(() => again.ledger.state.sales.size === OLD + RECENT, 'everything again');
	expect(takings(again)).toBe((OLD + RECENT) * 250);
});

/** The seller's own till: what it sold lies in its vault alone, of which a copy is pruned. */
async function ownTill(): Promise<SealingTill> {
	const vault = createMemoryVault();
	const till = await shop.till({ vault, signer: seller.signer, nowMs: () => NOW_MS });
	const taken = continued(await vault.read(), seller.told);
	if (taken === undefined) throw new Error('nothing to take back');
	await vault.takeBack({ version: 0, ownership: till.ownership, taken });
	return till;
}

const inVault = async ({ vault }: SealingTill): Promise<number> => (await vault.ownEntries('branch', 1, 5_000)).length;

async function openOwn(own: SealingTill, entryStore?: LinkedReplica['entryStore'], sends?: LinkedOptions['sends']): Promise<LinkedReplica> {
	const till = await open('till', {
		own,
		prunes: true,
		...(entryStore === undefined ? {} : { entryStore }),
		...(sends === undefined ? {} : { sends }),
	});
	till.replica.onOwnPrunable((upToSeq) => void own.vault.prune(upToSeq, own.ownership));
	return till;
}

/** With a checkpoint of an earlier run, and what the hub has said. */
async function prunedOwnTill(own: SealingTill, hub: LinkedReplica): Promise<LinkedReplica> {
	const before = await openOwn(own);
	await before.time.pass(61_000);
	await eventually(async () => ((await before.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'a checkpoint');
	await before.replica.close();
	const till = await openOwn(own, before.entryStore);
	await till.replica.takeChain(shop.hubChain);
	await hub.time.pass(1_000);
	await eventually(() => hub.replica.findings().watermarks.length > 0, 'the hub has said what it has');
	await meet(hub, till);
	await eventually(() => till.replica.findings().watermarks.length > 0, 'the till has heard it');
	await till.time.pass(50_000);
	await eventually(async () => (await inVault(own)) < 1_000, 'the journal is pruned');
	return till;
}

test('a whole segment of the till’s own journal leaves once the hub has it: every figure, chain and receipt goes on, now and after restarts', async () => {
	const hub = await openHub();
	const own = await ownTill();
	const heads = await own.vault.read();
	const till = await prunedOwnTill(own, hub);
	expect(await inVault(own)).toBe(OLD + RECENT - 1_000);
	expect(await own.vault.read()).toEqual(heads);
	const again = await openOwn(own, till.entryStore);
	for (const one of [till, again]) {
		expect(takings(one)).toBe((OLD + RECENT) * 250);
		expect(one.ledger.marks()).toEqual(hub.ledger.marks());
		expect(one.replica.findings()).toMatchObject({ adopted: undefined, recalculating: false, damaged: [] });
	}
	await meet(hub, again);
	await again.time.pass(120_000);
	expect([await held(again), await inVault(own)]).toEqual([0, OLD + RECENT - 1_000]);
	const next = await own.sell('sold-after-pruning');
	again.replica.hear(next.entries);
	expect(next.entries[0]).toMatchObject({
		header: { seq: OLD + RECENT + 1, prev: seller.told.at(-1)!.hash },
		facts: [{ receipt: { number: OLD + RECENT + 1 } }],
	});
	expect(takings(again)).toBe((OLD + RECENT + 1) * 250);
	expect(again.ledger.conflicts()).toEqual([]);
});

test('a hub that was put back between two of its words: what it lost stays in the journal', async () => {
	const hub = await openHub();
	const lesser = await storeOf(seller.told.slice(0, 700));
	const putBack = await open('hub', { entryStore: lesser, signs: { tier: 'host', signer: shop.hub }, nowMs: NOW_MS + 60_000 });
	const own = await ownTill();
	const before = await openOwn(own);
	await before.time.pass(61_000);
	await before.replica.close();
	const till = await openOwn(own, before.entryStore, (message) => (message.t === 'page' ? { ...message, sealed: [], more: false } : message));
	await till.replica.takeChain(shop.hubChain);
	await hub.time.pass(1_000);
	await meet(hub, till);
	const covered = (): number => Math.max(0, ...till.replica.findings().watermarks.flatMap(({ marks }) => marks.map(({ seq }) => seq)));
	await eventually(() => covered() === OLD + RECENT, 'the hub has said what it has');
	await putBack.time.pass(1_000);
	await meet(putBack, till);
	await eventually(() => covered() === 700, 'and now has less');
	await till.time.pass(120_000);
	expect(await inVault(own)).toBe(OLD + RECENT);
});

async function storeOf(entries: readonly Entry[]) {
	const store = createMemoryEntryStore();
	await store.add(entries);
	await store.addCertificates([{ device: seller.signer.device, chain: seller.chain }]);
	return store;
}

test('an old receipt of the till’s own is fetched from the hub like any other; alone it is not found', async () => {
	const hub = await openHub();
	const own = await ownTill();
	const till = await prunedOwnTill(own, hub);
	const wanted = seller.told[511]!;
	const alone = await openOwn(own, till.entryStore);
	await alone.replica.recallReceipt({ till: 1, number: 512 });
	expect(alone.ledger.entry(wanted.hash)).toBeUndefined();
	await till.replica.recallReceipt({ till: 1, number: 512 });
	expect(till.ledger.state.sales.get(wanted.hash)).toBeDefined();
	expect(takings(till)).toBe((OLD + RECENT) * 250);
});

test('a checkpoint that today’s code cannot read: alone the till sells on and numbers its receipts, and the hub brings the rest of its own past', async () => {
	const hub = await openHub();
	const own = await ownTill();
	const till = await prunedOwnTill(own, hub);
	await till.replica.close();
	await till.entryStore.setCache('checkpoint', new Uint8Array([1]));
	const again = await openOwn(own, till.entryStore);
	again.replica.hear((await own.sell('sold-after-update')).entries);
	expect(again.ledger.chain(own.signer.device, 'branch')).toMatchObject({ heldSeq: OLD + RECENT + 1, forks: false });
	await meet(hub, again);
	for (let n = 0; n < 4; n += 1) await again.time.pass(60_000);
	await eventually(() => again.ledger.state.sales.size === OLD + RECENT + 1, 'everything again');
	expect(takings(again)).toBe((OLD + RECENT + 1) * 250);
});

test('something that needs history brings the own past back first: the figures are those of the entries', async () => {
	const hub = await openHub();
	const own = await ownTill();
	const till = await prunedOwnTill(own, hub);
	const late = await sellerOf(2, 0);
	till.replica.take([late.chain, ...late.told.map(({ sealed }) => sealed)].map((bytes) => ({ bytes, route: 'file' as const, source: 'a journal' })));
	await till.replica.idle();
	expect(till.replica.findings().recalculating).toBe(true);
	await eventually(async () => {
		await till.time.pass(1_000);
		return !till.replica.findings().recalculating;
	}, 'recalculated');
	expect(takings(till)).toBe((OLD + RECENT + 2) * 250);
	expect(till.replica.findings().damaged).toEqual([]);
	// And what came back leaves again at a later start.
	expect(await held(till)).toBeGreaterThanOrEqual(1_000);
});

test('a profile put back from a copy that was pruned already takes back what it sold since', async () => {
	const hub = await openHub();
	const own = await ownTill();
	const till = await prunedOwnTill(own, hub);
	await till.replica.close();
	const vault = createMemoryVault();
	const restored = await shop.till({ vault, signer: seller.signer });
	const backup = continued(await vault.read(), seller.told.slice(0, OLD + 1));
	if (backup === undefined) throw new Error('nothing in the backup');
	await vault.takeBack({ version: 0, ownership: restored.ownership, taken: backup });
	await vault.prune(1_000, restored.ownership);
	const again = await openOwn(restored, till.entryStore);
	await meet(hub, again);
	await again.time.pass(120_000);
	const lacked = async (): Promise<readonly Entry[]> => again.replica.ownAbove((await vault.read()).heads);
	await eventually(async () => (await lacked()).length === RECENT - 1, 'what it lacks is here');
	expect(continued(await vault.read(), await lacked())?.lastReceiptNumber).toBe(OLD + RECENT);
	expect(again.ledger.conflicts()).toEqual([]);
	expect(takings(again)).toBe((OLD + RECENT) * 250);
});

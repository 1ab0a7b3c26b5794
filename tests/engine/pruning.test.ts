/** What is old leaves a till once others keep it, no figure changes, and what is asked for again is fetched. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { prunableEnds } from '#engine/prunable.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { meet, openLinked, type LinkedOptions, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

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

async function sellerOf(old: number, recent: number): Promise<SealingTill> {
	let nowMs = NOW_MS - 60 * DAY_MS;
	const till = await shop.till({ vault: createMemoryVault(), nowMs: () => nowMs });
	const sell = async (n: number): Promise<void> => {
		nowMs += 60_000;
		await till.sell(`${till.signer.device.slice(0, 8)}-${n}`);
	};
	for (let n = 0; n < old; n += 1) await sell(n);
	nowMs = NOW_MS - DAY_MS;
	for (let n = 0; n < recent; n += 1) await sell(old + n);
	return till;
}

const openHub = (): Promise<LinkedReplica> => open('hub', { tills: [seller], signs: { tier: 'host', signer: shop.hub } });
const takings = ({ ledger }: LinkedReplica): number =>
	[...new Set(ledger.chains().map(({ device }) => device))].reduce(
		(sum, device) => sum + (ledger.state.books.zs.get(device)?.open.cashInMinor ?? 0),
		0,
	);
const held = async ({ entryStore }: LinkedReplica): Promise<number> => (await entryStore.page(undefined, 5_000)).sealed.length;

/** A till that has kept a checkpoint, and was opened again. */
async function oldTill(): Promise<LinkedReplica> {
	const before = await open('till', { tills: [seller], prunes: true });
	await before.time.pass(61_000);
	await eventually(async () => ((await before.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'a checkpoint');
	await before.replica.close();
	return open('till', { entryStore: before.entryStore, prunes: true });
}

async function prunedTill(hub: LinkedReplica): Promise<LinkedReplica> {
	const till = await oldTill();
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

test('what may leave: whole segments of the branch, covered by the relay where there is one, and nothing of the till’s own or of a fork', () => {
	const device = (name: string): DeviceId => name.repeat(32) as DeviceId;
	const mark = (name: string, seq: number, scope: 'branch' | 'store' = 'branch') => ({
		device: device(name),
		scope,
		seq,
		hash: '00'.repeat(32) as never,
	});
	const ends = [mark('a1', 3_400), mark('b2', 5_000), mark('b2', 9_000, 'store'), mark('c3', 2_000), mark('d4', 900)];
	const keepers: Pick<Watermark, 'tier' | 'marks'>[] = [
		{ tier: 'host', marks: ends },
		{ tier: 'cloud', marks: [mark('a1', 2_700), mark('b2', 5_001), mark('c3', 2_000), mark('d4', 900)] },
	];
	const ask = (tier: 'host' | 'cloud', own?: string, forked?: string) =>
		prunableEnds(ends, keepers, { tier, own: own && device(own), isForked: (one: DeviceId) => one === (forked && device(forked)) } as never).map(
			(end) => `${end.device.slice(0, 2)} ${end.seq}`,
		);
	expect(ask('host')).toEqual(['a1 3000', 'b2 5000', 'c3 2000']);
	expect(ask('cloud')).toEqual(['a1 2000', 'b2 5000', 'c3 2000']);
	expect(ask('cloud', 'b2', 'c3')).toEqual(['a1 2000']);
});

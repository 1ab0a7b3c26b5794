/** Older copies put back, and disks that died: a till's, a hub's, the relay's. What was lost comes back from whoever has it. Real HTTP, libp2p and SQLite, on loopback. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDataFolder } from '#server/data-folder.ts';
import type { SaleDone } from '#engine/commands.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/shop-processes.ts';

const LOOPBACK = '127.0.0.1';
const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) await close(one);
});

async function close(one: { close(): Promise<void> }): Promise<void> {
	open.delete(one);
	await one.close();
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-rolled-back-'));

async function hubAt(path: string, port: number, relay?: number): Promise<Hub> {
	const hub = await startHub({
		...{ folder: openDataFolder(path, 'hub'), port, host: LOOPBACK, app: undefined, log: () => undefined },
		relay: relay === undefined ? undefined : `ws://${LOOPBACK}:${relay}`,
	});
	open.add(hub);
	return hub;
}

async function relayAt(path: string, port: number): Promise<Relay> {
	const relay = await startRelay({
		folder: openDataFolder(path, 'relay'),
		port,
		host: LOOPBACK,
		name: 'Cloud',
		mostBranches: 5,
		log: () => undefined,
	});
	open.add(relay);
	return relay;
}

async function tillAt(folder: string, hub: Hub, claims = false): Promise<HeadlessTill> {
	const till = await startHeadlessTill({
		...{ hub: `http://${LOOPBACK}:${hub.port}`, folder },
		...(claims ? { claim: { kind: 'demo' } } : { code: hub.code() }),
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.add(till);
	return till;
}

let keys = 0;
/** The receipt number. */
async function sell(till: HeadlessTill): Promise<number> {
	const key = `rolled-back-sale-${(keys += 1)}` as IntentKey;
	const done = await till.till.sell(
		{
			key,
			lines: [{ id: 'a', name: 'Bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 25_000, taxRate: 'standard', taxPercentMilli: 20_000 }],
			changedAtMs: 1,
		},
		[{ type: 'cash', amountMinor: 250, givenMinor: 250, changeMinor: 0 }],
	);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	return (done as SaleDone).receipt.number;
}

const tillKey = ({ number, branch }: HeadlessTill): string => [...branch.ledger.state.devices.values()].find(({ till }) => till === number)!.device;
const branchOf = (hub: Hub) => hub.shop()!.branch;
const salesIn = ({ branch }: { readonly branch: { readonly ledger: { readonly state: { readonly sales: { readonly size: number } } } } }): number =>
	branch.ledger.state.sales.size;
const kindsOf = (hub: Hub): readonly string[] =>
	branchOf(hub)
		.ledger.conflicts()
		.map(({ kind }) => kind);

test('a till that is put back to an older copy takes its own sales back before it sells: no fork, receipts go on', async () => {
	const [hubFolder, folder, copy] = [temporary(), temporary(), temporary()];
	const hub = await hubAt(hubFolder, await freePort());
	let till = await tillAt(folder, hub, true);
	for (let n = 1; n <= 3; n += 1) await sell(till);
	await close(till);
	cpSync(folder, copy, { recursive: true });
	till = await tillAt(folder, hub);
	for (let n = 4; n <= 7; n += 1) expect(await sell(till)).toBe(n);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 7, 'the hub has all', 20_000);
	await close(till);
	rmSync(folder, { recursive: true });
	cpSync(copy, folder, { recursive: true });

	till = await tillAt(folder, hub);
	// At once: the sale itself waits for what is missing.
	expect(await sell(till)).toBe(8);
	expect(salesIn(till)).toBe(8);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 8, 'the hub has the new one', 20_000);
	expect(kindsOf(hub)).not.toContain('chain-forked');
	expect((await till.branch.writer!.vault.ownEntries('branch', 1, 100)).length).toBe(8);
}, 60_000);

test.each([
	['its databases are gone', (folder: string) => rmSync(join(folder, 'branch'), { recursive: true })],
	[
		'it is put back to an older copy',
		(folder: string, copy: string) => {
			rmSync(join(folder, 'branch'), { recursive: true });
			cpSync(join(copy, 'branch'), join(folder, 'branch'), { recursive: true });
		},
	],
] as const)(
	'a hub is refilled by a till, and goes on with its own chain where it was: %s',
	async (_, breakIt) => {
		const [hubFolder, copy] = [temporary(), temporary()];
		const port = await freePort();
		let hub = await hubAt(hubFolder, port);
		const till = await tillAt(temporary(), hub, true);
		await sell(till);
		await close(hub);
		cpSync(hubFolder, copy, { recursive: true });
		hub = await hubAt(hubFolder, port);
		const second = await tillAt(temporary(), hub);
		await sell(till);
		await sell(second);
		await eventually(() => salesIn({ branch: branchOf(hub) }) === 3 && salesIn(till) === 3, 'everybody has all', 20_000);
		const { size, marks } = { size: branchOf(hub).ledger.size(), marks: till.branch.ledger.marks() };
		await close(hub);
		breakIt(hubFolder, copy);

		hub = await hubAt(hubFolder, port);
		await eventually(() => branchOf(hub).ledger.size() >= size, 'the hub has everything again', 30_000);
		await sell(till);
		const third = await tillAt(temporary(), hub);
		expect(third.number).toBe(3);
		await sell(third);
		await eventually(() => salesIn({ branch: branchOf(hub) }) === 5 && salesIn(till) === 5, 'and what is new', 20_000);
		expect(kindsOf(hub)).not.toContain('chain-forked');
		for (const mark of marks) expect(branchOf(hub).ledger.entry(mark.hash)).toBeDefined();
	},
	90_000,
);

test('a hub whose databases are gone is refilled by the relay alone', async () => {
	const hubFolder = temporary();
	const [port, relayPort] = [await freePort(), await freePort()];
	const relay = await relayAt(temporary(), relayPort);
	let hub = await hubAt(hubFolder, port, relayPort);
	const till = await tillAt(temporary(), hub, true);
	await sell(till);
	await eventually(
		() => relay.branches()[0]?.branch.ledger.size() === branchOf(hub).ledger.size() && salesIn(relay.branches()[0]!) === 1,
		'the relay has all',
		20_000,
	);
	await close(till);
	const size = branchOf(hub).ledger.size();
	await close(hub);
	rmSync(join(hubFolder, 'branch'), { recursive: true });
	hub = await hubAt(hubFolder, port, relayPort);
	await eventually(() => branchOf(hub).ledger.size() === size, 'the hub has everything again', 30_000);
	const second = await tillAt(temporary(), hub);
	expect(second.number).toBe(2);
	expect(kindsOf(hub)).not.toContain('chain-forked');
}, 60_000);

test('a relay that is put back to an older copy is refilled by the shop, and the shop says so until it is', async () => {
	const [relayFolder, copy] = [temporary(), temporary()];
	const [port, relayPort] = [await freePort(), await freePort()];
	let relay = await relayAt(relayFolder, relayPort);
	const hub = await hubAt(temporary(), port, relayPort);
	const till = await tillAt(temporary(), hub, true);
	await sell(till);
	await eventually(() => relay.branches().length === 1 && salesIn(relay.branches()[0]!) === 1, 'the relay has the first', 20_000);
	await close(relay);
	cpSync(relayFolder, copy, { recursive: true });
	relay = await relayAt(relayFolder, relayPort);
	for (let n = 2; n <= 6; n += 1) await sell(till);
	await eventually(() => salesIn(relay.branches()[0]!) === 6, 'the relay has six', 30_000);
	const covered = (): number =>
		hub
			.shop()!
			.branch.replica.findings()
			.watermarks.find(({ tier }) => tier === 'cloud')
			?.marks.find(({ device, scope }) => device === tillKey(till) && scope === 'branch')?.seq ?? 0;
	await eventually(() => covered() === 6, 'the shop knows', 10_000);
	await close(relay);
	rmSync(relayFolder, { recursive: true });
	cpSync(copy, relayFolder, { recursive: true });
	relay = await relayAt(relayFolder, relayPort);
	await eventually(() => relay.branches().length === 1 && salesIn(relay.branches()[0]!) === 6, 'the relay has six again', 30_000);
	await eventually(() => covered() === 6, 'the shop knows', 10_000);
	const findings = branchOf(hub).replica.findings();
	await eventually(
		() => findings.log.some(({ event }) => event.event === 'refilled' && event.tier === 'cloud'),
		'it is told that all is back',
		15_000,
	);
	expect(branchOf(hub).replica.findings().owed).toEqual([]);
	expect(findings.log.flatMap(({ event }) => (event.event === 'watermark-behind' ? [[event.tier, event.entries]] : []))).toContainEqual(['cloud', 5]);
}, 120_000);

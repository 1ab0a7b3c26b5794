/** Older copies put back, and disks that died: a till's, a hub's, the relay's. What was lost comes back from whoever has it. Real HTTP, libp2p and SQLite, on loopback. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, hubAt, newFolder, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { freePort } from '../support/free-port.ts';

afterAll(closeAll);

const tillKey = ({ number, branch }: HeadlessTill): string => [...branch.ledger.state.devices.values()].find(({ till }) => till === number)!.device;
const branchOf = (hub: Hub) => hub.shop()!.branch;
const salesIn = ({ branch }: { readonly branch: { readonly ledger: { readonly state: { readonly sales: { readonly size: number } } } } }): number =>
	branch.ledger.state.sales.size;
const kindsOf = (hub: Hub): readonly string[] =>
	branchOf(hub)
		.ledger.conflicts()
		.map(({ kind }) => kind);

test.concurrent('a till that is put back to an older copy takes its own sales back before it sells: no fork, receipts go on', async () => {
	const [hubFolder, folder, copy] = [newFolder(), newFolder(), newFolder()];
	const hub = await hubAt({ folder: hubFolder, port: await freePort() });
	let till = await tillAt(hub, { folder, claims: true });
	for (let n = 1; n <= 3; n += 1) await sellBread(till);
	await close(till);
	cpSync(folder, copy, { recursive: true });
	till = await tillAt(hub, { folder });
	for (let n = 4; n <= 7; n += 1) expect((await sellBread(till)).receipt.number).toBe(n);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 7, 'the hub has all');
	await close(till);
	rmSync(folder, { recursive: true });
	cpSync(copy, folder, { recursive: true });

	till = await tillAt(hub, { folder });
	// At once: the sale itself waits for what is missing.
	expect((await sellBread(till)).receipt.number).toBe(8);
	expect(salesIn(till)).toBe(8);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 8, 'the hub has the new one');
	expect(kindsOf(hub)).not.toContain('chain-forked');
	expect((await till.branch.writer!.vault.ownEntries('branch', 1, 100)).length).toBe(8);
});

test.concurrent.each([
	['its databases are gone', (folder: string) => rmSync(join(folder, 'branch'), { recursive: true })],
	[
		'it is put back to an older copy',
		(folder: string, copy: string) => {
			rmSync(join(folder, 'branch'), { recursive: true });
			cpSync(join(copy, 'branch'), join(folder, 'branch'), { recursive: true });
		},
	],
] as const)('a hub is refilled by a till, and goes on with its own chain where it was: %s', async (_, breakIt) => {
	const [hubFolder, copy] = [newFolder(), newFolder()];
	const port = await freePort();
	let hub = await hubAt({ folder: hubFolder, port: port });
	const till = await tillAt(hub, { claims: true });
	await sellBread(till);
	await close(hub);
	cpSync(hubFolder, copy, { recursive: true });
	hub = await hubAt({ folder: hubFolder, port: port });
	const second = await tillAt(hub);
	await sellBread(till);
	await sellBread(second);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 3 && salesIn(till) === 3, 'everybody has all');
	const { size, marks } = { size: branchOf(hub).ledger.size(), marks: till.branch.ledger.marks() };
	await close(hub);
	breakIt(hubFolder, copy);

	hub = await hubAt({ folder: hubFolder, port: port });
	await eventually(() => branchOf(hub).ledger.size() >= size, 'the hub has everything again');
	await sellBread(till);
	const third = await tillAt(hub);
	expect(third.number).toBe(3);
	await sellBread(third);
	await eventually(() => salesIn({ branch: branchOf(hub) }) === 5 && salesIn(till) === 5, 'and what is new');
	expect(kindsOf(hub)).not.toContain('chain-forked');
	for (const mark of marks) expect(branchOf(hub).ledger.entry(mark.hash)).toBeDefined();
});

test.concurrent('a hub whose databases are gone is refilled by the relay alone', async () => {
	const hubFolder = newFolder();
	const [port, relayPort] = [await freePort(), await freePort()];
	const relay = await relayAt(relayPort);
	let hub = await hubAt({ folder: hubFolder, port: port, relay: relayPort });
	const till = await tillAt(hub, { claims: true });
	await sellBread(till);
	await eventually(
		() => relay.branches()[0]?.branch.ledger.size() === branchOf(hub).ledger.size() && salesIn(relay.branches()[0]!) === 1,
		'the relay has all',
	);
	await close(till);
	const size = branchOf(hub).ledger.size();
	await close(hub);
	rmSync(join(hubFolder, 'branch'), { recursive: true });
	hub = await hubAt({ folder: hubFolder, port: port, relay: relayPort });
	await eventually(() => branchOf(hub).ledger.size() === size, 'the hub has everything again');
	const second = await tillAt(hub);
	expect(second.number).toBe(2);
	expect(kindsOf(hub)).not.toContain('chain-forked');
});

test.concurrent('a relay that is put back to an older copy is refilled by the shop, and the shop says so until it is', async () => {
	const [relayFolder, copy] = [newFolder(), newFolder()];
	const [port, relayPort] = [await freePort(), await freePort()];
	let relay = await relayAt(relayPort, relayFolder);
	const hub = await hubAt({ folder: newFolder(), port: port, relay: relayPort });
	const till = await tillAt(hub, { claims: true });
	await sellBread(till);
	await eventually(() => relay.branches().length === 1 && salesIn(relay.branches()[0]!) === 1, 'the relay has the first');
	await close(relay);
	cpSync(relayFolder, copy, { recursive: true });
	relay = await relayAt(relayPort, relayFolder);
	for (let n = 2; n <= 6; n += 1) await sellBread(till);
	await eventually(() => salesIn(relay.branches()[0]!) === 6, 'the relay has six');
	const covered = (): number =>
		hub
			.shop()!
			.branch.replica.findings()
			.watermarks.find(({ tier }) => tier === 'cloud')
			?.marks.find(({ device, scope }) => device === tillKey(till) && scope === 'branch')?.seq ?? 0;
	await eventually(() => covered() === 6, 'the shop knows');
	await close(relay);
	rmSync(relayFolder, { recursive: true });
	cpSync(copy, relayFolder, { recursive: true });
	relay = await relayAt(relayPort, relayFolder);
	await eventually(() => relay.branches().length === 1 && salesIn(relay.branches()[0]!) === 6, 'the relay has six again');
	await eventually(() => covered() === 6, 'the shop knows');
	const findings = branchOf(hub).replica.findings();
	await eventually(() => findings.log.some(({ event }) => event.event === 'refilled' && event.tier === 'cloud'), 'it is told that all is back');
	expect(branchOf(hub).replica.findings().owed).toEqual([]);
	expect(findings.log.flatMap(({ event }) => (event.event === 'watermark-behind' ? [[event.tier, event.entries]] : []))).toContainEqual(['cloud', 5]);
});

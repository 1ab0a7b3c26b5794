/** A till is removed: its links end within seconds; away at that moment, it hears of it when it comes back. Real HTTP, libp2p and SQLite, on loopback. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SaleDone } from '#engine/commands.ts';
import type { DeviceId, IntentKey } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';

const LOOPBACK = '127.0.0.1';
/** Seconds, as an owner counts them. */
const SOON_MS = 5_000;
const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) {
		open.delete(one);
		await one.close();
	}
});

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-revocation-'));

async function openHub(): Promise<Hub> {
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: LOOPBACK, app: undefined, relay: undefined, log: () => undefined },
	});
	open.add(hub);
	return hub;
}

async function tillAt(hub: Hub, claims = false): Promise<HeadlessTill> {
	const till = await startHeadlessTill({
		...{ hub: `http://${LOOPBACK}:${hub.port}`, folder: temporary() },
		...(claims ? { claim: { kind: 'demo' } } : { code: hub.code() }),
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.add(till);
	await eventually(() => till.lan.peers().some(({ role }) => role === 'hub'), 'it is linked', 20_000);
	return till;
}

let keys = 0;
async function sell(till: HeadlessTill): Promise<SaleDone> {
	const line = {
		id: 'a',
		name: 'Bread',
		quantityMilli: 1000,
		unit: 'each',
		unitPriceE4: 25_000,
		taxRate: 'standard',
		taxPercentMilli: 20_000,
	} as const;
	const done = await till.till.sell({ key: `revoked-sale-${(keys += 1)}` as IntentKey, lines: [line], changedAtMs: 1 }, [
		{ type: 'cash', amountMinor: 250, givenMinor: 250, changeMinor: 0 },
	]);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	return done as SaleDone;
}

const branchOf = (hub: Hub) => hub.shop()!.branch;
const salesThatCount = ({ ledger }: HeadlessTill['branch']): number => [...ledger.state.sales.values()].filter(({ counts }) => counts).length;
const deviceOf = (hub: Hub, till: HeadlessTill): DeviceId =>
	[...branchOf(hub).ledger.state.devices.values()].find((one) => one.till === till.number)!.device;
const standingAt = ({ ledger }: HeadlessTill['branch'], device: DeviceId) => ledger.state.devices.get(device)?.standing;

async function remove(by: HeadlessTill, device: DeviceId): Promise<void> {
	const done = await by.till.perform({ intent: 'revoke-device', device, reason: 'lost' }, `remove-${device}` as IntentKey);
	expect(done).toHaveProperty('entry');
}

test('a till that is linked is cut off within seconds of its removal, and knows', async () => {
	const hub = await openHub();
	const manager = await tillAt(hub, true);
	const lost = await tillAt(hub);
	await sell(lost);
	const device = deviceOf(hub, lost);
	await eventually(() => manager.branch.ledger.state.sales.size === 1, 'the manager has its sale', 20_000);
	await remove(manager, device);
	await eventually(() => lost.lan.peers().length === 0, 'no link is left', SOON_MS);
	expect(manager.lan.peers().map((peer) => peer.device)).not.toContain(device);
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'it knows', 20_000);
	// What it sold before stays, and what it sells from now on gets nowhere.
	await sell(lost);
	expect(salesThatCount(branchOf(hub))).toBe(1);
}, 60_000);

test('a till that was away hears of its removal at the hub, and what it brings later is put aside for a person to look at', async () => {
	const hub = await openHub();
	const manager = await tillAt(hub, true);
	const lost = await tillAt(hub);
	await sell(lost);
	const device = deviceOf(hub, lost);
	await eventually(() => manager.branch.ledger.state.sales.size === 1, 'the manager has its sale', 20_000);
	await lost.lan.stop();
	await sell(lost);
	await remove(manager, device);
	await eventually(() => standingAt(branchOf(hub), device) === 'revoked', 'the hub knows', 20_000);
	await lost.lan.start();
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'the till knows, though nobody links with it', 30_000);
	expect(lost.lan.peers()).toEqual([]);

	// Carried to another till as a file: it waits for a person, and counts for nothing until then.
	const sealed = await lost.branch.writer!.vault.ownEntries('branch', 1, 100);
	manager.branch.replica.take(sealed.map((bytes) => ({ bytes, route: 'file', source: 'a journal' })));
	await manager.branch.replica.idle();
	expect(salesThatCount(manager.branch)).toBe(1);
	expect(manager.branch.ledger.quarantined()).toHaveLength(1);
	expect(manager.branch.ledger.conflicts().map(({ kind }) => kind)).toContain('not-allowed');
}, 90_000);

test('a till that was away since it joined, and knows not even its own enrolment, hears of its removal, too', async () => {
	const hub = await openHub();
	const manager = await tillAt(hub, true);
	const lost = await tillAt(hub);
	await lost.lan.stop();
	const device = deviceOf(hub, lost);
	await sell(lost);
	await eventually(() => manager.branch.ledger.state.devices.has(device), 'the manager knows the till', 20_000);
	await remove(manager, device);
	await eventually(() => standingAt(branchOf(hub), device) === 'revoked', 'the hub knows', 20_000);
	await lost.lan.start();
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'the till knows, though nobody links with it', 30_000);
}, 90_000);

/** A till is removed: its links end within seconds; away at that moment, it hears of it when it comes back. Real HTTP, libp2p and SQLite, on loopback. */
import { afterEach, expect, test } from 'vitest';
import type { DeviceId, IntentKey } from '#schemas/ids.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';
import { closeAll, hubAt, sellBread, tillAt } from '../support/live-shop.ts';

/** Seconds, as an owner counts them, and what a busy machine adds. */
const SOON_MS = 15_000;
afterEach(closeAll);

async function linkedTill(hub: Hub, claims = false): Promise<HeadlessTill> {
	const till = await tillAt(hub, { claims });
	await eventually(() => till.lan.peers().some(({ role }) => role === 'hub'), 'it is linked');
	return till;
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
	const hub = await hubAt();
	const manager = await linkedTill(hub, true);
	const lost = await linkedTill(hub);
	await sellBread(lost);
	const device = deviceOf(hub, lost);
	await eventually(() => manager.branch.ledger.state.sales.size === 1, 'the manager has its sale');
	await remove(manager, device);
	await eventually(() => lost.lan.peers().length === 0, 'no link is left', SOON_MS);
	expect(manager.lan.peers().map((peer) => peer.device)).not.toContain(device);
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'it knows');
	// What it sold before stays, and what it sells from now on gets nowhere.
	await sellBread(lost);
	expect(salesThatCount(branchOf(hub))).toBe(1);
});

test('a till that was away hears of its removal at the hub, and what it brings later is put aside for a person to look at', async () => {
	const hub = await hubAt();
	const manager = await linkedTill(hub, true);
	const lost = await linkedTill(hub);
	await sellBread(lost);
	const device = deviceOf(hub, lost);
	await eventually(() => manager.branch.ledger.state.sales.size === 1, 'the manager has its sale');
	await lost.lan.stop();
	await sellBread(lost);
	await remove(manager, device);
	await eventually(() => standingAt(branchOf(hub), device) === 'revoked', 'the hub knows');
	await lost.lan.start();
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'the till knows, though nobody links with it');
	expect(lost.lan.peers()).toEqual([]);

	// Carried to another till as a file: it waits for a person, and counts for nothing until then.
	const sealed = await lost.branch.writer!.vault.ownEntries('branch', 1, 100);
	manager.branch.replica.take(sealed.map((bytes) => ({ bytes, route: 'file', source: 'a journal' })));
	await manager.branch.replica.idle();
	expect(salesThatCount(manager.branch)).toBe(1);
	expect(manager.branch.ledger.quarantined()).toHaveLength(1);
	expect(manager.branch.ledger.conflicts().map(({ kind }) => kind)).toContain('not-allowed');
});

test('a till that was away since it joined, and knows not even its own enrolment, hears of its removal, too', async () => {
	const hub = await hubAt();
	const manager = await linkedTill(hub, true);
	const lost = await linkedTill(hub);
	await lost.lan.stop();
	const device = deviceOf(hub, lost);
	await sellBread(lost);
	await eventually(() => manager.branch.ledger.state.devices.has(device), 'the manager knows the till');
	await remove(manager, device);
	await eventually(() => standingAt(branchOf(hub), device) === 'revoked', 'the hub knows');
	await lost.lan.start();
	await eventually(() => standingAt(lost.branch, device) === 'revoked', 'the till knows, though nobody links with it');
});

/** A till is removed: its links end within seconds; away at that moment, it hears of it when it comes back. Real HTTP, libp2p and SQLite, on loopback. */
import { afterEach, expect, test } from 'vitest';
import type { DeviceId, IntentKey } from '#schemas/ids.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';
import { DISPUTES_PATH } from '#schemas/wire/dispute-answer.ts';
import { REMOVED_PATH } from '#schemas/wire/enrolment.ts';
import { closeAll, hubAt, sellBread, tillAt } from '../support/live-shop.ts';

/** Seconds, as an owner counts them, and what a busy machine adds. */
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
	await eventually(() => lost.lan.peers().length === 0, 'no link is left');
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

test('two managers’ tills that removed each other are suspended, until the hub says on its own machine who stays', async () => {
	const hub = await hubAt();
	const first = await linkedTill(hub, true);
	const second = await tillAt(hub, { code: hub.managersCode() ?? '' });
	await eventually(() => second.branch.ledger.state.devices.size === 3, 'the second knows the first');
	await second.lan.stop();
	const [firstDevice, secondDevice] = [deviceOf(hub, first), deviceOf(hub, second)];
	await remove(second, firstDevice);
	await remove(first, secondDevice);
	await eventually(() => standingAt(branchOf(hub), secondDevice) === 'revoked', 'the hub heard the first alone');

	// As the second is told to: its journal is brought in at the hub.
	const sealed = await second.branch.writer!.vault.ownEntries('store', 1, 100);
	branchOf(hub).replica.take(sealed.map((bytes) => ({ bytes, route: 'file', source: 'a journal' })));
	await branchOf(hub).replica.idle();
	const standings = () => [firstDevice, secondDevice].map((device) => standingAt(branchOf(hub), device));
	expect(standings()).toEqual(['suspended', 'suspended']);
	await eventually(() => first.lan.peers().length === 0, 'no link is left');
	const dispute = branchOf(hub)
		.ledger.conflicts()
		.find(({ kind }) => kind === 'roster-disputed')!;
	const answer = (choice: string, headers: Readonly<Record<string, string>> = {}, conflict: object = dispute.id): Promise<Response> =>
		fetch(`http://127.0.0.1:${hub.port}${DISPUTES_PATH}`, {
			...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
			body: JSON.stringify({ conflict, choice, key: `answer-${choice}` }),
		});
	const keepFirst = `keep:${firstDevice.slice(0, 16)}`;
	expect((await answer(keepFirst, { 'x-forwarded-for': '192.168.1.9' })).status).toBe(403);
	expect((await answer('keep-nobody')).status).toBe(409);
	expect((await answer(keepFirst, {}, { kind: 'not-allowed', subject: 'any' })).status).toBe(400);
	expect(standings()).toEqual(['suspended', 'suspended']);
	expect((await answer(keepFirst)).status).toBe(200);
	expect(standings()).toEqual(['active', 'revoked']);
	expect((await answer(keepFirst)).status).toBe(200);
	// Refused for half a minute, the first links again by itself; the second is told why not.
	const isRemoved = async (device: DeviceId): Promise<boolean> => (await fetch(`http://127.0.0.1:${hub.port}${REMOVED_PATH}?device=${device}`)).ok;
	expect([await isRemoved(firstDevice), await isRemoved(secondDevice)]).toEqual([false, true]);
});

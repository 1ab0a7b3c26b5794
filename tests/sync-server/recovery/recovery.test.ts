/** Every device of a shop is lost, and the shop goes on: from paper, from the file, from a till's journal, or with the tills that are left. Real HTTP, libp2p and SQLite, on loopback. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeJournal } from '#engine/journal-file.ts';
import { codeAnswer, fileAnswer, type RecoveryState } from '#schemas/wire/recovery.ts';
import type { Hub } from '#server/hub-process.ts';
import * as v from 'valibot';
import { eventually } from '../../support/eventually.ts';
import { close, closeAll, hubAt, LOOPBACK, newFolder, relayAt, sellBread, tillAt } from '../../support/live-shop.ts';
import { freePort } from '../../support/free-port.ts';

afterAll(closeAll);

/** On the hub's own machine, as its page asks. */
async function ask(hub: Hub, path: string, body?: object): Promise<{ readonly status: number; readonly json: unknown }> {
	const json = { 'content-type': 'application/json' };
	const answer = await fetch(
		`http://${LOOPBACK}:${hub.port}${path}`,
		body === undefined ? {} : { method: 'POST', headers: json, body: JSON.stringify(body) },
	);
	return { status: answer.status, json: await answer.json() };
}
const codeOf = async (hub: Hub): Promise<string> => v.parse(codeAnswer, (await ask(hub, '/recovery/code', {})).json).groups.join(' ');
const stateOf = async (hub: Hub): Promise<RecoveryState> => (await ask(hub, '/recovery')).json as RecoveryState;
const branchOf = (hub: Hub) => hub.shop()!.branch;
const salesIn = (hub: Hub): number => branchOf(hub).ledger.state.sales.size;
const standings = (hub: Hub) => [...branchOf(hub).ledger.state.devices.values()].map(({ name, standing }) => `${name} ${standing}`).sort();
const back = (hub: Hub): Promise<void> => eventually(() => !hub.isComingBack(), 'the record is back');

test.concurrent('with every device lost, the code on paper and the relay bring the shop back, and the old devices stay out', async () => {
	const [relayPort, port] = [await freePort(), await freePort()];
	const relay = await relayAt(relayPort);
	const lostFolder = newFolder();
	const lostHub = await hubAt({ folder: lostFolder, port, relay: relayPort });
	const tillFolder = newFolder();
	const lostTill = await tillAt(lostHub, { claims: true, folder: tillFolder });
	for (let n = 1; n <= 3; n += 1) await sellBread(lostTill);
	const code = await codeOf(lostHub);
	await eventually(() => relay.branches()[0]?.branch.ledger.state.sales.size === 3, 'the relay has all');
	await close(lostTill);
	await close(lostHub);

	const hub = await hubAt({ port, relay: relayPort, recover: { code, removeOthers: true } });
	await back(hub);
	expect(salesIn(hub)).toBe(3);
	expect(branchOf(hub).ledger.state.products.size).toBe(205);
	expect(standings(hub)).toEqual(['Hub 2 active', 'Hub revoked', 'Till 1 revoked']);
	const till = await tillAt(hub);
	expect(till.number).toBe(2);
	await sellBread(till);
	await eventually(() => relay.branches()[0]?.branch.ledger.state.sales.size === 4, 'the relay hears the new till');
	expect(await stateOf(hub)).toEqual({ state: 'none' });

	// The thief's till is let in by nobody, and what it sells now counts nowhere.
	await expect(tillAt(hub, { folder: tillFolder })).rejects.toThrow('removed from the shop');
	// A restart needs the code no more.
	await close(till);
	await close(hub);
	await close(relay);
});

test.concurrent('with the file, a new hub takes over from a dead one while its tills go on', async () => {
	const port = await freePort();
	const lostHub = await hubAt({ port });
	const till = await tillAt(lostHub, { claims: true });
	await sellBread(till);
	const { text } = v.parse(fileAnswer, (await ask(lostHub, '/recovery/file', { passphrase: 'three crabs in a bucket' })).json);
	await close(lostHub);
	await sellBread(till);

	const recover = { file: text, passphrase: 'three crabs in a bucket', removeOthers: false };
	await expect(hubAt({ recover: { ...recover, passphrase: 'two crabs in a bucket' } })).rejects.toThrow('does not open');
	const hub = await hubAt({ port, recover });
	// Nobody gets a number before it knows which are taken.
	await expect(tillAt(hub)).rejects.toThrow('getting the shop’s record back');
	await back(hub);
	expect(salesIn(hub)).toBe(2);
	expect(standings(hub)).toEqual(['Hub 2 active', 'Hub active', 'Till 1 active']);
	await sellBread(till);
	await eventually(() => salesIn(hub) === 3, 'it serves the till that was there');
	expect((await tillAt(hub)).number).toBe(2);
});

test.concurrent('without a relay, a till’s journal and the code bring the shop back', async () => {
	const lostHub = await hubAt();
	const lostTill = await tillAt(lostHub, { claims: true });
	await sellBread(lostTill);
	await sellBread(lostTill);
	const code = await codeOf(lostHub);
	const { ledger, entryStore, verifier } = branchOf(lostHub);
	await eventually(() => salesIn(lostHub) === 2, 'the hub has both');
	const sealed = await Promise.all(ledger.chains().map(({ device, scope }) => entryStore.chain(device, scope, 1, 10_000)));
	const { store, branch } = lostHub.shop()!.file;
	const device = verifier.devices()[0]!.device;
	const journal = encodeJournal({
		...{ store, branch, device, savedAtMs: 1, sealed: sealed.flat() },
		chains: verifier.devices().flatMap((one) => verifier.chainOf(one.device) ?? []),
	});
	await close(lostTill);
	await close(lostHub);

	await expect(hubAt({ recover: { code, removeOthers: false } })).rejects.toThrow('bring a till’s journal');
	const folder = newFolder();
	const hub = await hubAt({ folder, recover: { code, journal, removeOthers: false } });
	await back(hub);
	expect(salesIn(hub)).toBe(2);
	const till = await tillAt(hub);
	expect(till.number).toBe(2);
	await sellBread(till);
	await close(till);
	await close(hub);
	// What it knows is on its disk: it starts again by itself.
	const again = await hubAt({ folder });
	expect(again.isComingBack()).toBe(false);
	expect(standings(again)).toEqual(['Hub 2 active', 'Hub active', 'Till 1 active', 'Till 2 active']);
});

test.concurrent('the key leaves the hub when it has been shown that it is kept elsewhere, and not before', async () => {
	const folder = newFolder();
	const hub = await hubAt({ folder });
	expect(await stateOf(hub)).toEqual({ state: 'none' });
	await tillAt(hub, { claims: true });
	expect(await stateOf(hub)).toEqual({ state: 'unsaved', here: true });
	const groups = (await codeOf(hub)).split(' ');
	expect(await ask(hub, '/recovery/saved', { group: 3, typed: groups[3] })).toMatchObject({ status: 403 });
	expect(await ask(hub, '/recovery/saved', { group: 99, typed: groups[3] })).toMatchObject({ status: 403 });
	expect(existsSync(join(folder, 'keys', 'root.key'))).toBe(true);
	expect(await ask(hub, '/recovery/file', { passphrase: 'short' })).toMatchObject({ status: 400 });
	expect(await ask(hub, '/recovery/saved', { group: 3, typed: groups[2]?.toLowerCase() })).toMatchObject({ status: 200 });
	expect(existsSync(join(folder, 'keys', 'root.key'))).toBe(false);
	expect(await stateOf(hub)).toMatchObject({ state: 'saved' });
	expect(await ask(hub, '/recovery/code', {})).toMatchObject({ status: 409 });
});

test.concurrent('the code is told to the hub’s own machine alone', async () => {
	const hub = await hubAt();
	await tillAt(hub, { claims: true });
	const elsewhere = { 'content-type': 'application/json', 'x-forwarded-for': '192.168.1.20' };
	for (const path of ['/recovery/code', '/recovery/file', '/recovery/saved', '/recovery/begin', '/recovery/entries']) {
		const answer = await fetch(`http://${LOOPBACK}:${hub.port}${path}`, { method: 'POST', headers: elsewhere, body: '{}' });
		expect([path, answer.status]).toEqual([path, 403]);
	}
});

test.concurrent('what cannot bring a shop back is one sentence each', async () => {
	const relayPort = await freePort();
	await relayAt(relayPort);
	const hub = await hubAt();
	await tillAt(hub, { claims: true });
	const code = await codeOf(hub);
	for (const [recover, words] of [
		[{ code: code.slice(7), removeOthers: false }, 'has 66 letters, and these are 60'],
		[{ code: `${code.startsWith('2') ? '3' : '2'}${code.slice(1)}`, removeOthers: false }, 'Group 1 of the code'],
		[{ file: '{}', passphrase: 'x', removeOthers: false }, 'no recovery file'],
		[{ code, removeOthers: false }, 'holds nothing of this shop'],
	] as const)
		await expect(hubAt({ recover, relay: relayPort })).rejects.toThrow(words);
});

/** Devices take new keys and go on: a till, a hub, with a relay that counts along. Real HTTP, libp2p, websockets and SQLite, on loopback. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { keyInForce } from '#core/entry/certificate.ts';
import { auditBranch } from '#engine/audit.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { RENEWED_PATH } from '#schemas/wire/enrolment.ts';
import type { WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import { printProofText } from '#schemas/wire/print.ts';
import type { Branch } from '#server/branch.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { openIdentity } from '#server/identity.ts';
import { openSource } from '#server/ledger/sources.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, codeAt, hubAt, LOOPBACK, newFolder, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { nextKeyOf, renewedChain } from '../support/renewing.ts';
import { freePort } from '../support/free-port.ts';

afterEach(closeAll);

const branchOf = (hub: Hub): Branch => hub.shop()!.branch;
const isLinked = (till: HeadlessTill): boolean => till.lan.peers().some(({ role }) => role === 'hub');
const generationAt = ({ verifier }: Branch, device: DeviceId): number => verifier.keyLine(device).inForce.length;

function receiptsAt({ ledger }: Branch, device: DeviceId): readonly number[] {
	return [...ledger.state.sales.values()]
		.filter(({ counts, entry }) => counts && entry.header.device === device)
		.map(({ fact }) => fact.receipt.number)
		.sort((a, b) => a - b);
}

async function linkedTill(hub: Hub, how: Parameters<typeof tillAt>[1] = {}): Promise<HeadlessTill> {
	const till = await tillAt(hub, how);
	await eventually(() => isLinked(till), 'it is linked');
	return till;
}

/** Its keys are renewed, and it starts again as its own machine starts it. */
async function renewed(till: HeadlessTill, hub: Hub, folder: string): Promise<HeadlessTill> {
	expect(await till.renewKeys(hub.code())).toBe('renewed');
	await close(till);
	return linkedTill(hub, { folder });
}

/** 404: it may print, and there is no such printer. */
async function answerToPrint(hub: Hub, { device, sign }: Signer): Promise<number> {
	const at = `http://${LOOPBACK}:${hub.port}`;
	const { nonce } = (await (await fetch(`${at}/enrol/nonce`)).json()) as { readonly nonce: string };
	const bytes = Buffer.from('a receipt');
	const text = printProofText({ printer: 'counter', nonce }, hexOf(await createNodeDigest().sha256(bytes)));
	const proof = hexOf(await sign(new TextEncoder().encode(text)));
	const body = JSON.stringify({ device, printer: 'counter', bytes: bytes.toString('base64'), nonce, proof });
	return (await fetch(`${at}/print`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
}

async function isSound(folder: string): Promise<void> {
	const digest = createNodeDigest();
	expect((await auditBranch(await openSource(folder, '', digest), digest)).findings).toEqual([]);
}

test('a till sells, takes new keys and sells on: receipts without a gap, one chain, and hub, relay and another till count all; the record verifies', async () => {
	const port = await freePort();
	const relayFolder = newFolder();
	await relayAt(port, relayFolder);
	const hubFolder = newFolder();
	const hub = await hubAt({ folder: hubFolder, relay: port });
	const other = await linkedTill(hub, { claims: true });
	const folder = newFolder();
	const before = await linkedTill(hub, { folder });
	await sellBread(before);
	await sellBread(before);
	await eventually(() => receiptsAt(branchOf(hub), before.device).length === 2, 'the hub has them');
	const device = before.device;
	const after = await renewed(before, hub, folder);
	await sellBread(after);
	const first = branchOf(hub).verifier.keyLine(device).inForce[0]!.renewal;
	expect(generationAt(branchOf(hub), device)).toBe(1);
	const ada = await other.branch.keys!.makeCustomer();
	await eventually(() => branchOf(hub).keys!.customer(ada.customer) !== undefined, 'the hub has its key');
	const again = await renewed(after, hub, folder);
	await sellBread(again);
	expect(first.key).not.toBe(device);
	for (const branch of [branchOf(hub), other.branch, again.branch]) {
		await eventually(() => receiptsAt(branch, device).length === 4, 'everybody has all');
		expect(receiptsAt(branch, device)).toEqual([1, 2, 3, 4]);
		expect(generationAt(branch, device)).toBe(2);
		expect(branch.ledger.conflicts()).toEqual([]);
		expect(branch.ledger.chain(device, 'branch')?.forks).not.toBe(true);
		expect(branch.replica.findings().damaged).toEqual([]);
	}
	await eventually(
		() =>
			branchOf(hub)
				.replica.findings()
				.watermarks.some(
					({ tier, marks }) => tier === 'cloud' && marks.some((mark) => mark.device === device && mark.scope === 'branch' && mark.seq === 4),
				),
		'the relay has all, too',
	);
	// It asks for customers' keys under its new one, and the hub prints for it, and not for an old one.
	await eventually(() => again.branch.keys!.customer(ada.customer) !== undefined, 'it has the key that the other till made');
	expect(await answerToPrint(hub, (await openIdentity(folder, { inForce: keyInForce(again.branch.verifier.chainOf(device)!) })).signer)).toBe(404);
	expect(await answerToPrint(hub, (await openIdentity(folder)).signer)).toBe(403);
	await closeAll();
	await isSound(hubFolder);
	await isSound(relayFolder);
});

test('a copy of the till from before is let in nowhere, is told why, and what it sells is put aside; the till goes on', async () => {
	const hub = await hubAt();
	const other = await linkedTill(hub, { claims: true });
	const folder = newFolder();
	const before = await linkedTill(hub, { folder });
	await sellBread(before);
	const { device } = before;
	await eventually(() => receiptsAt(other.branch, device).length === 1, 'it is known');
	await close(before);
	const copied = newFolder();
	cpSync(folder, copied, { recursive: true });
	const copy = await linkedTill(hub, { folder: copied });
	await copy.lan.stop();
	const after = await renewed(await linkedTill(hub, { folder }), hub, folder);
	await sellBread(after);
	// Whoever has the copy has no code of the hub, and soon nobody who listens.
	await copy.lan.start();
	await eventually(() => copy.lan.ends().some(({ reason, here }) => reason === 'key-given-up' && !here), 'it is told why');
	expect(isLinked(copy)).toBe(false);
	expect(await copy.renewKeys(hub.code())).not.toBe('renewed');
	await sellBread(copy);
	const sealed = await copy.branch.writer!.vault.ownEntries('branch', 2, 10);
	expect(sealed).toHaveLength(1);
	for (const { branch } of [hub.shop()!, other]) {
		branch.replica.take(sealed.map((bytes) => ({ bytes, route: 'file', source: 'a journal' })));
		await branch.replica.idle();
		await eventually(() => receiptsAt(branch, device).length === 2, 'the till’s own count');
		expect(branch.ledger.quarantined()).toHaveLength(1);
	}
	expect(isLinked(after)).toBe(true);
	await close(copy);
	// It does not even get past the door again.
	await expect(tillAt(hub, { folder: copied })).rejects.toThrow();
});

test('a till whose key a copy has given up for others, too: hub and tills ask a manager, with who approved what; so they do after a restart', async () => {
	const hubFolder = newFolder();
	const hubPort = await freePort();
	const hub = await hubAt({ folder: hubFolder, port: hubPort });
	const managers = newFolder();
	const other = await linkedTill(hub, { claims: true, folder: managers });
	const folder = newFolder();
	const before = await linkedTill(hub, { folder });
	await sellBread(before);
	const { device } = before;
	await eventually(() => receiptsAt(other.branch, device).length === 1, 'it is known');
	const [first, countersigner] = [(await openIdentity(folder)).signer, (await openIdentity(managers)).signer];
	const certified = before.branch.verifier.chainOf(device)!;
	const own = before.branch.ledger.marks().find((mark) => mark.device === device && mark.scope === 'branch')!;
	await renewed(before, hub, folder);
	// At another till, with its right: what its program would not do.
	const rival = await renewedChain(
		{ store: branchOf(hub).ledger.store, hub: countersigner },
		{
			...{
				signer: first,
				chain: certified,
				ends: { branch: { seq: own.seq, hash: own.hash } },
				next: await nextKeyOf(first),
				atMs: Date.now() + 60_000,
			},
			countersigner: { signer: countersigner, chain: other.branch.verifier.chainOf(other.device) },
		},
	);
	const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chain: hexOf(rival) }) };
	expect((await fetch(`http://${LOOPBACK}:${hub.port}${RENEWED_PATH}`, init)).status).toBe(200);
	const isAsked = ({ ledger }: Branch): boolean =>
		ledger
			.conflicts()
			.some(
				({ kind, detail }) =>
					kind === 'renewed-twice' && detail.kind === kind && detail.device === device && detail.renewals.at(-1)?.countersigner === other.device,
			);
	await eventually(() => isAsked(branchOf(hub)), 'the hub asks');
	await eventually(() => isAsked(other.branch), 'so does the other till');
	expect(generationAt(branchOf(hub), device)).toBe(1);
	const self = branchOf(hub)
		.ledger.conflicts()
		.find(({ kind }) => kind === 'renewed-twice')
		?.members.at(-1)?.entry.header.device;
	expect(branchOf(hub).ledger.state.devices.get(self!)?.role).toBe('hub');
	await close(hub);
	// As after a kill between the two: what it wrote itself is in its vault alone.
	const entries = new DatabaseSync(join(hubFolder, 'branch', 'entries.sqlite'));
	entries.prepare('DELETE FROM heard WHERE device = ?').run(self!);
	entries.close();
	const again = await hubAt({ folder: hubFolder, port: hubPort });
	await eventually(() => isAsked(branchOf(again)), 'it still asks');
	expect(branchOf(again).replica.findings().damaged).toEqual([]);
});

test('a till whose disk is put back from after the renewal takes its own entries back, and goes on under the same keys', async () => {
	const hub = await hubAt();
	const folder = newFolder();
	const before = await linkedTill(hub, { claims: true, folder });
	await sellBread(before);
	await eventually(() => receiptsAt(branchOf(hub), before.device).length === 1, 'the hub has it');
	const after = await renewed(before, hub, folder);
	await sellBread(after);
	await close(after);
	const backup = newFolder();
	cpSync(folder, backup, { recursive: true });
	const later = await linkedTill(hub, { folder });
	await sellBread(later);
	await sellBread(later);
	await eventually(() => receiptsAt(branchOf(hub), later.device).length === 4, 'the hub has all');
	await close(later);
	const back = await linkedTill(hub, { folder: backup });
	expect((await sellBread(back)).receipt.number).toBe(5);
	await eventually(() => receiptsAt(branchOf(hub), back.device).length === 5, 'and goes on');
	expect(branchOf(hub).ledger.conflicts()).toEqual([]);
});

test('a hub takes new keys, countersigned by a manager’s till: its tills find it again, it goes on at the relay, and lets tills in under the new ones', async () => {
	const relayPort = await freePort();
	await relayAt(relayPort);
	const folder = newFolder();
	const port = await freePort();
	const before = await hubAt({ folder, port, relay: relayPort });
	const till = await linkedTill(before, { claims: true });
	await sellBread(till);
	const { device } = [...branchOf(before).ledger.state.devices.values()].find(({ role }) => role === 'hub')!;
	await eventually(() => receiptsAt(branchOf(before), till.device).length === 1 && before.relayState().state === 'connected', 'it is all there');
	await eventually(() => till.branch.ledger.chain(device, 'store') !== undefined, 'the till knows the hub');
	const copied = newFolder();
	await close(before);
	cpSync(folder, copied, { recursive: true });
	const asking = await hubAt({ folder, port, relay: relayPort });
	await eventually(() => isLinked(till), 'its till is back');
	await eventually(async () => (await asking.renewKeys()) === 'renewed', 'the manager’s till countersigns');
	await close(asking);
	const hub = await hubAt({ folder, port, relay: relayPort });
	await eventually(() => isLinked(till), 'its till is back');
	await eventually(() => generationAt(till.branch, device) === 1, 'the till knows');
	await eventually(() => hub.relayState().state === 'connected', 'it is at the relay');
	await sellBread(till);
	await eventually(() => receiptsAt(branchOf(hub), till.device).length === 2, 'it hears what is sold');
	const late = await linkedTill(hub);
	await sellBread(late);
	await eventually(() => receiptsAt(till.branch, late.device).length === 1, 'and what a newcomer sells');
	await eventually(
		() =>
			till.branch.replica
				.findings()
				.watermarks.some(({ tier, issuer, marks }) => tier === 'host' && issuer === device && marks.some((mark) => mark.device === late.device)),
		'its watermarks are believed',
	);
	expect(till.branch.ledger.conflicts()).toEqual([]);
	// A copy of its disk from before gets nowhere.
	const copy = await hubAt({ folder: copied, relay: relayPort });
	await eventually(() => copy.relayState().state === 'waiting', 'the relay refuses it');
	expect(copy.relayState()).toMatchObject({ state: 'waiting' });
	expect(hub.relayState().state).toBe('connected');
	await close(copy);
	await close(hub);
	await isSound(folder);
});

test('without the hub’s code, or without a hub, a till keeps its keys and sells on', async () => {
	const hub = await hubAt();
	const till = await linkedTill(hub, { claims: true });
	await sellBread(till);
	expect(await till.renewKeys()).toBe('wrong-code');
	expect(await till.renewKeys('AAAA-AAAA')).toBe('wrong-code');
	await till.lan.stop();
	expect(await till.renewKeys(hub.code())).toBe('nobody');
	await sellBread(till);
	expect(generationAt(till.branch, till.device)).toBe(0);
	expect(receiptsAt(till.branch, till.device)).toEqual([1, 2]);
	await till.lan.start();
	await eventually(() => receiptsAt(branchOf(hub), till.device).length === 2, 'the hub has it');
});

test('whoever tries codes for new keys gets no further than ten a minute, ends two codes with them, and keeps no till from joining', async () => {
	const hub = await hubAt();
	const till = await linkedTill(hub, { claims: true });
	const shown = new Set<string>();
	for (let n = 0; n < 30; n += 1) {
		shown.add(hub.code());
		expect(await till.renewKeys('AAAA-AAAA')).toBe('wrong-code');
	}
	expect(shown.size).toBe(3);
	expect(await till.renewKeys(hub.code())).toBe('wrong-code');
	expect(generationAt(branchOf(hub), till.device)).toBe(0);
	await linkedTill(hub);
});

test('a till that asks without a code waits for a manager’s till: a yes there renews its keys, a no leaves them', async () => {
	const hub = await hubAt();
	const other = await linkedTill(hub, { claims: true });
	const folder = newFolder();
	const till = await linkedTill(hub, { folder });
	await sellBread(till);
	await eventually(() => receiptsAt(branchOf(hub), till.device).length === 1, 'the hub has it');
	const waits = async (): Promise<readonly WaitingRenewal[]> => {
		const told = await other.branch.renewalDesk!.ask();
		return typeof told === 'string' ? [] : told;
	};
	expect(await till.renewKeys({ waits: true })).toBe('waiting');
	const [refused] = await waits();
	expect(refused?.device).toBe(till.device);
	expect(await other.branch.renewalDesk!.ask({ ...refused!, is: 'refused' })).toEqual([]);
	expect(await till.renewKeys({ waits: true })).toBe('refused');
	expect(await till.renewKeys({ waits: true })).toBe('waiting');
	const [one] = await waits();
	await other.branch.renewalDesk!.ask({ ...one!, is: 'approved' });
	expect(await till.renewKeys({ waits: true })).toBe('renewed');
	await close(till);
	const after = await linkedTill(hub, { folder });
	await sellBread(after);
	await eventually(() => receiptsAt(other.branch, till.device).length === 2, 'it goes on');
	expect(
		branchOf(hub)
			.verifier.keyLine(till.device)
			.inForce.map(({ renewal }) => renewal.key),
	).toEqual([one!.key]);
	expect(other.branch.ledger.conflicts()).toEqual([]);
});

test('every code that a manager’s till shows renews keys, the one for another manager’s till too', async () => {
	const hub = await hubAt();
	const till = await linkedTill(hub, { claims: true });
	expect(await till.renewKeys(await codeAt(till, 'manager'))).toBe('renewed');
});

test('a hub without a shop says so to whoever shows it new keys; keys of a device that it knows, older ones too, are no try to join', async () => {
	const hub = await hubAt();
	const statusAt = async ({ port }: Hub, chain: Uint8Array): Promise<number> => {
		const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chain: hexOf(chain) }) };
		return (await fetch(`http://${LOOPBACK}:${port}${RENEWED_PATH}`, init)).status;
	};
	const folder = newFolder();
	const before = await linkedTill(hub, { claims: true, folder });
	const old = before.branch.verifier.chainOf(before.device)!;
	const { device } = await renewed(before, hub, folder);
	expect(generationAt(branchOf(hub), device)).toBe(1);
	const statuses = new Set<number>();
	for (let n = 0; n < 70; n += 1) statuses.add(await statusAt(hub, old));
	expect([...statuses]).toEqual([200]);
	await linkedTill(hub);
	expect(await statusAt(await hubAt(), old)).toBe(409);
});

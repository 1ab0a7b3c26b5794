/** A relay takes a new key under the eyes of a shop. Real HTTP, libp2p, websockets and SQLite, on loopback; the terminal's words from processes of their own. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { auditBranch } from '#engine/audit.ts';
import type { SigningKey } from '#schemas/ids.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import type { Branch } from '#server/branch.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { openSource } from '#server/ledger/sources.ts';
import { renewRelayKeys } from '#server/relay-keys.ts';
import type { Relay } from '#server/relay-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { close, closeAll, hubAt, newFolder, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { serve } from '../support/shop-processes.ts';

const SOON_MS = 20_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const digest = createNodeDigest();
afterEach(closeAll);

const branchOf = (hub: Hub): Branch => hub.shop()!.branch;
const renew = (folder: string, nowMs = Date.now()): Promise<unknown> => renewRelayKeys(join(folder, 'keys'), { digest, nowMs });
const keysAt = ({ ledger }: Branch, { device }: Relay): readonly SigningKey[] => ledger.state.relays.get(device)?.keys ?? [];
const cloudAt = ({ replica }: Branch): Watermark | undefined => replica.findings().watermarks.find(({ tier }) => tier === 'cloud');
const coveredAt = (branch: Branch): number => (cloudAt(branch)?.marks ?? []).reduce((sum, { seq }) => sum + seq, 0);
const heldAt = ({ ledger }: Branch): number => ledger.marks().reduce((sum, { seq }) => sum + seq, 0);
const isAllInCloud = (branch: Branch): boolean => coveredAt(branch) >= heldAt(branch);

async function openShop() {
	const port = await freePort();
	const relayFolder = newFolder();
	const relay = await relayAt(port, relayFolder);
	const log: (readonly [event: string, refused: unknown])[] = [];
	const hubFolder = newFolder();
	const openHub = (more: { readonly newRelay?: boolean } = {}): Promise<Hub> =>
		hubAt({ folder: hubFolder, relay: port, log: (event, { refused }) => log.push([event, refused]), ...more });
	const hub = await openHub();
	const till = await tillAt(hub, { claims: true });
	await sellBread(till);
	await eventually(() => isAllInCloud(till.branch), 'what was sold is in the cloud', SOON_MS);
	return { port, relayFolder, relay, log, openHub, hub, till };
}

/** Somebody has a copy of the relay's keys; then the relay renews them, and the hub follows. */
async function openCopiedShop() {
	const shop = await openShop();
	const { port, relayFolder, relay, hub } = shop;
	await close(relay);
	const copy = newFolder();
	cpSync(relayFolder, copy, { recursive: true });
	await renew(relayFolder);
	const renewed = await relayAt(port, relayFolder);
	await becomes(() => keysAt(branchOf(hub), relay).length === 1, 'the hub has followed');
	const [key] = keysAt(branchOf(hub), relay);
	return { ...shop, copy, renewed, key };
}

const becomes = (is: () => boolean, what: string): Promise<unknown> => eventually(is, what, SOON_MS);
const isRefused = (log: Awaited<ReturnType<typeof openShop>>['log'], why: string): boolean =>
	log.some(([event, refused]) => event === 'relay refused' && refused === why);

async function sellsIntoCloud(till: HeadlessTill, key: SigningKey | undefined): Promise<void> {
	await sellBread(till);
	await becomes(() => isAllInCloud(till.branch), 'what is sold now is in the cloud');
	expect(cloudAt(till.branch)?.key).toBe(key);
}

test('a hub and its till that are linked follow a relay to its new key within seconds; nothing that was in the cloud waits again', async () => {
	const { port, relayFolder, relay, hub, till } = await openShop();
	const before = coveredAt(till.branch);
	const least = { covered: Infinity };
	till.branch.replica.onFindings(() => (least.covered = Math.min(least.covered, coveredAt(till.branch))));
	await renew(relayFolder);
	await close(relay);
	const after = await relayAt(port, relayFolder);
	expect(after.device).toBe(relay.device);
	await becomes(() => keysAt(till.branch, relay).length === 1, 'the till has heard of it');
	const [key] = keysAt(till.branch, relay);
	await becomes(() => cloudAt(till.branch)?.key === key, 'the new key speaks');
	await sellsIntoCloud(till, key);
	expect(least.covered).toBeGreaterThanOrEqual(before);
	for (const branch of [branchOf(hub), till.branch, after.branches()[0]!.branch]) {
		expect(keysAt(branch, relay)).toEqual([key]);
		expect([branch.ledger.conflicts(), branch.ledger.quarantined(), branch.replica.findings().damaged]).toEqual([[], [], []]);
	}
	await closeAll();
	const report = await auditBranch(await openSource(relayFolder, '', digest), digest);
	expect(report.findings).toEqual([]);
});

test('a hub that was off while a relay took two new keys follows from one to the next, and so does a till that comes back later', async () => {
	const { port, relayFolder, relay, openHub, hub, till } = await openShop();
	await close(till);
	await close(hub);
	await close(relay);
	await renew(relayFolder);
	await renew(relayFolder, Date.now() + DAY_MS);
	await relayAt(port, relayFolder);
	const back = await openHub();
	await becomes(() => keysAt(branchOf(back), relay).length === 2, 'the hub has followed');
	const other = await tillAt(back);
	await sellsIntoCloud(other, keysAt(branchOf(back), relay)[1]);
});

test('a relay with another key and no succession is not the shop’s, and the hub says so; it is if the owner says that it is a new one', async () => {
	const { port, relay, log, openHub, hub, till } = await openShop();
	await close(relay);
	const other = await relayAt(port);
	await becomes(() => isRefused(log, 'another'), 'the hub refuses it');
	await becomes(() => hub.relayState().state === 'stopped', 'the hub ends the link');
	await sellBread(till);
	expect(branchOf(hub).ledger.state.relays.has(other.device)).toBe(false);
	expect(isAllInCloud(till.branch)).toBe(false);
	await close(till);
	await close(hub);
	const again = await openHub({ newRelay: true });
	await becomes(() => branchOf(again).ledger.state.relays.has(other.device), 'the hub takes it');
	await becomes(() => cloudAt(branchOf(again))?.issuer === other.device && isAllInCloud(branchOf(again)), 'and it is filled');
	// The lost one's key is nobody's any more.
	expect([...branchOf(again).ledger.state.relays.keys()]).toEqual([other.device]);
});

test('a relay on the keys that it has given up is refused and believed in nothing, until it comes back with those that it has', async () => {
	const { port, relayFolder, log, till, copy, renewed, key } = await openCopiedShop();
	await sellsIntoCloud(till, key);
	await close(renewed);
	const thief = await relayAt(port, copy);
	await becomes(() => isRefused(log, 'given-up'), 'the hub refuses the copy');
	await sellBread(till);
	expect([cloudAt(till.branch)?.key, isAllInCloud(till.branch)]).toEqual([key, false]);
	await close(thief);
	await relayAt(port, relayFolder);
	await becomes(() => isAllInCloud(till.branch), 'what was sold meanwhile is in the cloud');
	expect(cloudAt(till.branch)?.key).toBe(key);
});

test('a copy of the old keys that renews apart is refused, and people at the tills are told that somebody has one', async () => {
	const { port, relay, log, till, copy, renewed, key } = await openCopiedShop();
	await close(renewed);
	await renew(copy);
	await relayAt(port, copy);
	await becomes(() => isRefused(log, 'renewed-apart'), 'the hub refuses the copy');
	await becomes(
		() => till.branch.ledger.conflicts().some(({ detail }) => detail.kind === 'renewed-twice' && detail.device === relay.device),
		'the till says so',
	);
	expect(keysAt(till.branch, relay)).toEqual([key]);
});

test('renewed by one process, the key is taken over by another one that has the same folder of keys; the terminal says what happened', async () => {
	const [port, otherPort] = [await freePort(), await freePort()];
	const [keys, data, otherData] = [newFolder(), newFolder(), newFolder()];
	const said = { first: '', other: '' };
	const flagsOf = (of: number, folder: string): Record<string, string> => ({ port: String(of), data: folder, keys });
	const running = await serve('relay', flagsOf(port, data), (text) => (said.first += text));
	const infoOf = async (of: number): Promise<{ readonly relay: string; readonly successions?: readonly string[] }> =>
		(await (await fetch(`http://127.0.0.1:${of}/hub.json`)).json()) as never;
	const before = await infoOf(port);
	expect(before.successions).toBeUndefined();
	const other = await serve('relay', { ...flagsOf(otherPort, otherData), 'renew-keys': 'on' }, (text) => (said.other += text));
	expect(said.other).toContain('Keys               renewed. Make a backup now');
	const after = await infoOf(otherPort);
	expect([after.relay, after.successions?.length]).toEqual([before.relay, 1]);
	await eventually(() => said.first.includes('renewed by another process'), 'the first one takes it over', SOON_MS);
	await eventually(async () => (await infoOf(port).catch(() => undefined))?.successions?.[0] === after.successions?.[0], 'and shows it', SOON_MS);
	await other.stop();
	said.other = '';
	const again = await serve('relay', { ...flagsOf(otherPort, otherData), 'renew-keys': 'on' }, (text) => (said.other += text));
	expect(said.other).toContain('renewed within this day; --renew-keys is not needed any more');
	expect(await again.stop()).toBe(0);
	expect(await running.stop()).toBe(0);
	const args = ['sync-server/relay.ts', '--port', String(port), '--data', newFolder(), '--renew-keys', 'on'];
	const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	expect([status, stderr]).toEqual([1, expect.stringContaining('There are no keys to renew in')]);
}, 60_000);

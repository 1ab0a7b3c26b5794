/** Two hubs of one branch: the second is let in by the first, they find each other by mDNS, and either is enough. Real HTTP, libp2p, SQLite and multicast, on loopback. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDataFolder } from '#server/data-folder.ts';
import { NotLetIn } from '#server/enrolment/join.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { MANAGER_RIGHTS, SELLING_RIGHTS } from '#schemas/rights.ts';
import { eventually } from '../support/eventually.ts';
import { codeAt, sellBread } from '../support/live-shop.ts';

const LOOPBACK = '127.0.0.1';
const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) await close(one);
});

async function close(one: { close(): Promise<void> }): Promise<void> {
	open.delete(one);
	await one.close();
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-hubs-'));

async function hubAt(path: string, joins?: { readonly hub: string; readonly code: string }): Promise<Hub> {
	const hub = await startHub({
		...{ folder: openDataFolder(path, 'hub'), port: 0, host: LOOPBACK, app: undefined, relay: undefined, log: () => undefined },
		...{ join: joins, networkInterface: LOOPBACK },
	});
	open.add(hub);
	return hub;
}

const managersCodeOf = (hub: Hub): string => hub.managersCode() ?? '';
const addressOf = (hub: Hub): string => `http://${LOOPBACK}:${hub.port}`;

async function tillOf(hub: Hub, claims = false, networkInterface?: string, code = hub.code()): Promise<HeadlessTill> {
	const till = await startHeadlessTill({
		...{ hub: addressOf(hub), folder: temporary(), ...(networkInterface === undefined ? {} : { networkInterface }) },
		...(claims ? { claim: { kind: 'demo' } } : { code }),
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.add(till);
	return till;
}

const namesIn = (hub: Hub): readonly string[] => [...(hub.shop()?.branch.ledger.state.devices.values() ?? [])].map(({ name }) => name).sort();
const sizeOf = (hub: Hub): number => hub.shop()?.branch.ledger.size() ?? 0;

test('a second hub is let in by a code, finds the first wherever it is, and goes on without it', async () => {
	const [firstFolder, secondFolder] = [temporary(), temporary()];
	const first = await hubAt(firstFolder);
	const till = await tillOf(first, true);
	const second = await hubAt(secondFolder, { hub: addressOf(first), code: managersCodeOf(first) });
	await eventually(() => sizeOf(second) === sizeOf(first) && sizeOf(first) > 0, 'the second holds what the first holds');
	expect(namesIn(first)).toEqual(['Hub', 'Hub 2', 'Till 1']);
	// The secret that the first made with the shop, and a customer's key that a till made, are everywhere.
	const ada = await till.branch.keys?.makeCustomer();
	const holders = [first.shop()?.branch, second.shop()?.branch, till.branch];
	await eventually(
		() => holders.every((branch) => branch?.keys?.secrets().length === 1 && ada !== undefined && branch.keys.customer(ada.customer) !== undefined),
		'the same keys',
	);

	// The first comes back at another port: nobody told the second, but for mDNS.
	const { port } = first;
	await close(till);
	await close(first);
	const again = await hubAt(firstFolder);
	expect(again.port).not.toBe(port);
	const later = await tillOf(again);
	await eventually(() => namesIn(second).includes(`Till ${later.number}`), 'the second has heard of it');

	// And the second lets tills in when the first is gone.
	await close(later);
	await close(again);
	const third = await tillOf(second);
	expect(third.number).toBe(3);
	await eventually(() => third.branch.ledger.size() === sizeOf(second), 'the second has it all');
});

test('a till without a screen that knows one hub finds the other by mDNS, and goes on with it when its own is gone', async () => {
	const first = await hubAt(temporary());
	const till = await tillOf(first, true, LOOPBACK);
	const second = await hubAt(temporary(), { hub: addressOf(first), code: managersCodeOf(first) });
	await eventually(() => till.lan.peers().filter(({ role }) => role === 'hub').length === 2, 'it is linked to both');
	await close(first);
	const before = sizeOf(second);
	await sellBread(till);
	await eventually(() => sizeOf(second) > before, 'the second has its sale');
});

test('a restart needs no code, and a hub that has a shop asks nobody', async () => {
	const [firstFolder, secondFolder] = [temporary(), temporary()];
	const first = await hubAt(firstFolder);
	await tillOf(first, true);
	const joins = { hub: addressOf(first), code: managersCodeOf(first) };
	await close(await hubAt(secondFolder, joins));
	const second = await hubAt(secondFolder, joins);
	expect(second.shop()?.file.made.kind).toBe('joined');
});

test('a wrong code, nobody there, and something that is no hub are each one sentence that says what to do', async () => {
	const first = await hubAt(temporary());
	await expect(hubAt(temporary(), { hub: addressOf(first), code: 'ABCDEF' })).rejects.toThrow('This hub has no shop yet. Make one first.');
	await tillOf(first, true);
	await expect(hubAt(temporary(), { hub: addressOf(first), code: 'ABCDEF' })).rejects.toThrow('That is not the code.');
	await expect(hubAt(temporary(), { hub: `http://${LOOPBACK}:9`, code: 'ABCDEF' })).rejects.toThrow(NotLetIn);
	await expect(hubAt(temporary(), { hub: `http://${LOOPBACK}:9`, code: 'ABCDEF' })).rejects.toThrow('No hub answers at');
});

test('a till whose new keys the first hub countersigned, and which nobody else has heard of, is let in by the second: its chain proves them', async () => {
	const first = await hubAt(temporary());
	const folder = temporary();
	const till = await startHeadlessTill({ ...{ hub: addressOf(first), folder, claim: { kind: 'demo' } }, onProblem: () => undefined });
	open.add(till);
	await sellBread(till);
	const second = await hubAt(temporary(), { hub: addressOf(first), code: managersCodeOf(first) });
	await eventually(() => sizeOf(second) === sizeOf(first) && sizeOf(first) > 0, 'the second holds what the first holds');
	await eventually(() => till.lan.peers().some(({ name }) => name === 'Hub'), 'the till is linked with the first');
	await eventually(async () => (await till.renewKeys(first.code())) === 'renewed', 'its keys are renewed');
	await Promise.all([close(first), close(till)]);
	expect(second.shop()?.branch.verifier.keyLine(till.device).inForce).toEqual([]);
	const after = await startHeadlessTill({ ...{ hub: addressOf(second), folder, code: 'spent already' }, onProblem: () => undefined });
	open.add(after);
	expect(after.device).toBe(till.device);
	await eventually(() => after.lan.peers().some(({ name }) => name === 'Hub 2'), 'the second lets it in');
	await sellBread(after);
	await eventually(() => second.shop()?.branch.ledger.state.sales.size === 2, 'and hears what it sells');
	expect(second.shop()?.branch.ledger.conflicts()).toEqual([]);
});

test('a hub comes in by no code for selling, and by none that a till shows', async () => {
	const first = await hubAt(temporary());
	const managers = await tillOf(first, true);
	const refused = 'A hub joins with the code for a manager’s till that the first hub shows';
	await expect(hubAt(temporary(), { hub: addressOf(first), code: first.code() })).rejects.toThrow(refused);
	await expect(hubAt(temporary(), { hub: addressOf(first), code: await codeAt(managers, 'manager') })).rejects.toThrow(refused);
	expect(namesIn(first)).toEqual(['Hub', 'Till 1']);
	expect((await hubAt(temporary(), { hub: addressOf(first), code: managersCodeOf(first) })).shop()?.file.made.kind).toBe('joined');
});

test('a manager’s till shows the codes of its hub: each lets one till in, for what it was asked for; a till for selling shows none', async () => {
	const hub = await hubAt(temporary());
	const managers = await tillOf(hub, true);
	const joinWith = async (till: 'selling' | 'manager'): Promise<{ readonly code: string; readonly joined: HeadlessTill }> => {
		const code = await codeAt(managers, till);
		return { code, joined: await tillOf(hub, false, undefined, code) };
	};
	const rightsOf = ({ number }: HeadlessTill): readonly string[] =>
		[...(hub.shop()?.branch.ledger.state.devices.values() ?? [])].find(({ till }) => till === number)?.rights ?? [];
	const selling = await joinWith('selling');
	const second = await joinWith('manager');
	expect([selling, second].map(({ joined }) => rightsOf(joined))).toEqual([SELLING_RIGHTS, MANAGER_RIGHTS]);
	await expect(tillOf(hub, false, undefined, second.code)).rejects.toThrow('That is not the code.');
	await eventually(async () => (await selling.joined.branch.joinCodes?.ask('selling')) === 'not-allowed', 'the hub shows it none');
	expect(await codeAt(second.joined, 'manager')).not.toBe(second.code);
});

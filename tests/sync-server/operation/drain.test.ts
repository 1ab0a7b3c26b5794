/** How a relay and a hub stop: first not ready, then nobody new, then what has come is signed for, then the links end, in bounded time. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { settle, type Drained } from '#server/operation/drain.ts';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { hubAt, isAllInCloud, relayAt, sellBread, temporaryFolder, tillThatClaims } from '../../support/relay-and-shop.ts';
import { freePort } from '../../support/free-port.ts';
import { entriesOf, serve } from '../../support/shop-processes.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
function closing<One extends { close(): Promise<void> }>(one: One): One {
	open.push(one);
	return one;
}

const ready = async (url: string): Promise<unknown> => {
	const answer = await fetch(`${url}/readyz`);
	return [answer.status, ((await answer.json()) as { because?: string }).because];
};
const upgradeAt = (url: string): Promise<number | undefined> =>
	new Promise((resolve) => {
		const socket = new WebSocket(url);
		socket.on('error', () => undefined);
		socket.on('unexpected-response', (_, response) => {
			resolve(response.statusCode);
			socket.terminate();
		});
	});

test('a relay and a hub that drain say so, live, and let nobody in; links go on until the end', async () => {
	const relay = closing(await relayAt(temporaryFolder()));
	const hub = closing(await hubAt(temporaryFolder(), `ws://127.0.0.1:${relay.port}`));
	const till = closing(await tillThatClaims(`http://127.0.0.1:${hub.port}`));
	await eventually(() => isAllInCloud(till), 'the cloud covers all');
	for (const [one, url, up] of [
		[relay, `http://127.0.0.1:${relay.port}`, `ws://127.0.0.1:${relay.port}/relay`],
		[hub, `http://127.0.0.1:${hub.port}`, `ws://127.0.0.1:${hub.port}/lan`],
	] as const) {
		expect(await ready(url)).toEqual([200, undefined]);
		const draining = one.drain();
		expect(await ready(url)).toEqual([503, 'it stops']);
		await draining;
		expect((await fetch(`${url}/healthz`)).status).toBe(200);
		// A relay asks for the proof first: whoever has none learns nothing of it.
		expect(await upgradeAt(up)).toBe(one === relay ? 401 : 503);
		expect(hub.relayState().state).toBe('connected');
		await sellBread(till);
		await eventually(() => isAllInCloud(till), 'what is sold meanwhile is taken all the same');
	}
});

test('a relay that is told to stop signs for what has come, ends with 0, and its hub comes back to the next one', async () => {
	const [path, port] = [temporaryFolder(), await freePort()];
	const flags = { data: path, port: String(port), log: 'json' };
	let output = '';
	const first = await serve('relay', flags, (text) => (output += text));
	const hub = closing(await hubAt(temporaryFolder(), `ws://127.0.0.1:${port}`));
	const till = closing(await tillThatClaims(`http://127.0.0.1:${hub.port}`));
	await eventually(() => hub.relayState().state === 'connected', 'the hub is linked');
	await eventually(() => isAllInCloud(till), 'the cloud covers all');
	for (let n = 0; n < 5; n += 1) await sellBread(till);
	await eventually(async () => (await entriesOf(first)) === till.branch.ledger.size(), 'the relay has folded the last sale');
	expect(await first.stop()).toBe(0);
	await eventually(() => isAllInCloud(till), 'the till was told before the link ended');
	const events = output
		.trim()
		.split('\n')
		.map((line) => (JSON.parse(line) as { event: string }).event);
	expect(events.slice(-2)).toEqual(['stopping', 'stopped']);

	await sellBread(till);
	expect(isAllInCloud(till)).toBe(false);
	const second = await serve('relay', flags);
	open.push({ close: () => second.stop().then(() => undefined) });
	await eventually(() => isAllInCloud(till), 'the next one has all of it');
});

test('what cannot be signed is waited for no longer than the bound, and not at all while the record is away', async () => {
	const timers = createSystemTimers(() => undefined);
	const branch = {
		replica: { idle: () => new Promise(() => undefined), findings: () => ({ watermarks: [] }) },
		ledger: { marks: () => [{ device: 'd', scope: 'branch', seq: 1, hash: 'h' }] },
	} as unknown as Drained;
	const deps = { issuer: 'r' as DeviceId, clock: systemClock, timers, mostMs: 80 };
	expect(await settle([branch], { ...deps, mayIssue: () => true })).toBe(1);
	expect(await settle([branch], { ...deps, mayIssue: () => false })).toBe(1);
	expect(await settle([], { ...deps, mayIssue: () => true })).toBe(0);
});

test('a second signal ends at once what does not end', async () => {
	const child = spawn(process.execPath, [fileURLToPath(new URL('stops-never.ts', import.meta.url))], { stdio: ['ignore', 'pipe', 'ignore'] });
	let output = '';
	child.stdout.on('data', (text: Buffer) => (output += text.toString()));
	await eventually(() => output.includes('up'), 'it runs');
	child.kill('SIGTERM');
	await eventually(() => output.includes('Stopping'), 'it stops');
	await eventually(() => {
		child.kill('SIGTERM');
		return child.exitCode !== null;
	}, 'the second signal ends it');
	expect(child.exitCode).toBe(130);
});

/** Hub and relay as processes: they stop when told to, are killed without harm, and say in one sentence why they do not start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill } from '#server/headless-till.ts';
import { startHub } from '#server/hub-process.ts';
import { startError } from '#server/terminal.ts';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { NODE_FLAGS } from '../../sync-server/launch/launch.mjs';
import { RELAY_NODE_FLAGS } from '../../sync-server/launch/relay-node-flags.mjs';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RELAY = 'sync-server/relay.ts';
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-process-'));
const children: Running[] = [];
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
	for (const { child } of children.splice(0)) child.kill('SIGKILL');
});

interface Running {
	readonly child: ChildProcess;
	readonly output: () => string;
	/** The exit code, or the signal that ended it. */
	readonly ended: Promise<number | string>;
}

/** With the flags of Node that its launcher gives it. */
function run(script: string, args: readonly string[]): Running {
	const child = spawn(process.execPath, [...NODE_FLAGS, ...(script === RELAY ? RELAY_NODE_FLAGS : []), join(ROOT, script), ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let text = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
	const ended = new Promise<number | string>((resolve) => {
		child.once('close', (code, signal) => {
			resolve(code ?? signal ?? 'nothing');
		});
	});
	const running = { child, ended, output: () => text };
	children.push(running);
	return running;
}

async function said(running: Running, words: RegExp): Promise<RegExpExecArray> {
	await eventually(() => {
		if (running.child.exitCode !== null && !words.test(running.output())) throw new Error(`it ended: ${running.output()}`);
		return words.test(running.output());
	}, `it says ${words.source}`);
	return words.exec(running.output()) ?? ([] as unknown as RegExpExecArray);
}

async function hubChild(path: string): Promise<Running & { readonly port: number; readonly url: string }> {
	const running = run('tests/sync-server/hub-child.ts', [path, '0']);
	const port = Number((await said(running, /port (\d+)/))[1]);
	return { ...running, port, url: `http://localhost:${port}` };
}

const relayChild = async (path: string): Promise<Running> => {
	const running = run(RELAY, ['--data', path, '--port', String(await freePort()), '--host', '127.0.0.1']);
	await said(running, /running on port/);
	return running;
};

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops a hub and a relay cleanly, with 0, once or twice', async (signal) => {
	const stops = async (start: typeof relayChild, times: number): Promise<void> => {
		const path = temporary();
		const running = await start(path);
		for (let n = 0; n < times; n += 1) running.child.kill(signal);
		expect(await running.ended, running.output()).toBe(0);
		expect(running.output()).toMatch(/Stopped\. Everything is on disk\.\s*$/);
		openDataFolder(path, start === hubChild ? 'hub' : 'relay').release();
	};
	await Promise.all([1, 2].flatMap((times) => [stops(hubChild, times), stops(relayChild, times)]));
});

test('a hub with a shop, a till and somebody who never hangs up still stops, with all that it acknowledged', async () => {
	const path = temporary();
	const hub = await hubChild(path);
	const till = await startHeadlessTill({
		...{ hub: hub.url, folder: temporary(), claim: { kind: 'demo' } },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.push(till);
	await eventually(() => till.branch.ledger.state.products.size === 205, 'the shop reaches the till');
	const hanging = new WebSocket(`ws://127.0.0.1:${hub.port}/lan`);
	hanging.on('error', () => undefined);
	await fetch(`${hub.url}/healthz`);
	hub.child.kill('SIGINT');
	const began = Date.now();
	expect(await hub.ended, hub.output()).toBe(0);
	expect(Date.now() - began).toBeLessThan(20_000);
	hanging.terminate();
});

test('a port that is taken is one sentence and exit 1', async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	try {
		const relay = run(RELAY, ['--data', temporary(), '--port', String(port), '--host', '127.0.0.1']);
		expect(await relay.ended).toBe(1);
		expect(relay.output()).toBe(`Port ${port} is taken by another program. Stop that one, or choose another port with --port N.\n`);
	} finally {
		server.close();
	}
});

test('a hub says which of its two ports is taken, that they must differ, and what is no port', async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const taken = (server.address() as AddressInfo).port;
	const free = await freePort();
	try {
		for (const [port, securePort, flag] of [
			[taken, free, '--port'],
			[free, taken, '--https-port'],
		] as const) {
			const hub = startHub({
				...{ folder: openDataFolder(temporary(), 'hub'), host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined },
				...{ port, secure: { port: securePort } },
			});
			const error: unknown = await hub.then(
				() => undefined,
				(reason: unknown) => reason,
			);
			expect(
				startError(error, [
					['--port', port],
					['--https-port', securePort],
				]),
			).toBe(`Port ${taken} is taken by another program. Stop that one, or choose another port with ${flag} N.`);
		}
	} finally {
		server.close();
	}
	for (const [securePort, sentence] of [
		[String(free), `--port and --https-port are both ${free}. Give each a port of its own, or --https-port off.\n`],
		['none', '--https-port "none": expected a whole number from 1 to 65535, or off.\n'],
	] as const) {
		const hub = run('sync-server/hub.ts', ['--data', temporary(), '--port', String(free), '--https-port', securePort, '--host', '127.0.0.1']);
		expect(await hub.ended).toBe(2);
		expect(hub.output()).toBe(sentence);
	}
});

test('an address that this machine does not have is one sentence', async () => {
	const relay = run(RELAY, ['--data', temporary(), '--port', String(await freePort()), '--host', '203.0.113.1']);
	expect(await relay.ended).toBe(1);
	expect(relay.output()).toBe('This machine does not have the address given with --host.\n');
});

test('a data folder that another process uses is one sentence and exit 1', async () => {
	const path = temporary();
	await relayChild(path);
	const second = run(RELAY, ['--data', path, '--port', String(await freePort()), '--host', '127.0.0.1']);
	expect(await second.ended).toBe(1);
	expect(second.output()).toMatch(/^Another Holdfast is using the data folder .*\n$/);
	const asHub = run('sync-server/hub.ts', ['--data', path, '--port', String(await freePort()), '--https-port', 'off', '--host', '127.0.0.1']);
	expect(await asHub.ended).toBe(1);
	expect(asHub.output()).toMatch(/^Another Holdfast is using the data folder .*\n$/);
});

test('a claim that a kill interrupts goes on at the next start, and ends with one whole shop', async () => {
	const productsAfter = async (afterMs: number): Promise<number> => {
		const path = temporary();
		const hub = await hubChild(path);
		const claiming = startHeadlessTill({ hub: hub.url, folder: temporary(), claim: { kind: 'demo' }, onProblem: () => undefined }).then(
			(till) => till,
			() => undefined,
		);
		await eventually(() => existsSync(join(path, 'shop.json')), 'the shop begins');
		await new Promise((resolve) => setTimeout(resolve, afterMs));
		hub.child.kill('SIGKILL');
		await hub.ended;
		await (await claiming)?.close();
		const again = await startHub({
			...{ folder: openDataFolder(path, 'hub'), port: 0, host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined },
		});
		open.push(again);
		const ledger = again.shop()?.branch.ledger;
		const products = ledger?.state.products.size ?? 0;
		expect(ledger?.state.settings.value('demo')).toBe(true);
		expect(ledger?.conflicts()).toEqual([]);
		const till = await startHeadlessTill({
			...{ hub: `http://localhost:${again.port}`, folder: temporary(), code: again.code() },
			onProblem: (error) => {
				throw error as Error;
			},
		});
		open.push(till);
		await eventually(() => till.branch.ledger.state.products.size === 205, 'the shop reaches a till');
		return products;
	};
	expect(await Promise.all([0, 15, 60, 200].map(productsAfter))).toEqual([205, 205, 205, 205]);
});

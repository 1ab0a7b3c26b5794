/** Strangers who are slow: handshakes that never end, requests that come byte by byte. Their sockets are ended, and the shop hears nothing of it. */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill } from '#server/headless-till.ts';
import { startHub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-slow-'));

test('handshakes that never end and requests that trickle are ended, and nobody waits for them', async () => {
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined },
	});
	open.push(hub);
	const hubUrl = `http://127.0.0.1:${hub.port}`;
	const first = await startHeadlessTill({ ...{ hub: hubUrl, folder: temporary(), claim: { kind: 'demo' } }, onProblem: () => undefined });
	open.push(first);

	let ended = 0;
	const strangers: Promise<unknown>[] = [];
	for (let n = 0; n < 10; n += 1) {
		// At the hub's door, and nothing said, or half of libp2p's first word.
		const socket = new WebSocket(`ws://127.0.0.1:${hub.port}/lan`);
		socket.on('error', () => undefined);
		socket.on('open', () => n % 2 === 0 || socket.send(Buffer.from('\u0013/multis')));
		// A request whose headers come a byte at a time.
		const trickle: Socket = connect(hub.port, '127.0.0.1');
		trickle.on('error', () => undefined);
		trickle.on('data', () => undefined);
		trickle.write('GET /hub.json HTTP/1.1\r\nHost: ');
		const drip = setInterval(() => trickle.write('a'), 500);
		strangers.push(
			once(socket, 'close').then(() => (ended += 1)),
			once(trickle, 'close').then(() => {
				clearInterval(drip);
				ended += 1;
			}),
		);
		open.push({
			close() {
				clearInterval(drip);
				trickle.destroy();
				socket.terminate();
			},
		});
	}

	// Beside them a newcomer is let in, links, and has the shop.
	const second = await startHeadlessTill({ ...{ hub: hubUrl, folder: temporary(), code: hub.code() }, onProblem: () => undefined });
	open.push(second);
	await eventually(() => second.branch.ledger.state.products.size === 205, 'the shop reaches the newcomer');
	await Promise.all(strangers);
	expect(ended).toBe(20);
	expect(first.lan.peers().some(({ role }) => role === 'hub')).toBe(true);
});

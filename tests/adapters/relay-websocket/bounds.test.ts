/** What one device may ask of a relay: real websockets at the door of a branch, with bounds that are small enough to be reached. */
import { encode } from 'cborg';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '#adapters/clock-system/clock-system.ts';
import { createRelayDoor } from '#adapters/relay-websocket/relay-door.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { RELAY_BOUNDS } from '#schemas/wire/bounds.ts';
import { eventually } from '../../support/eventually.ts';

const DOCUMENT = '4NMNnkMhL8jXrdJ9jamS58PAVdXu';
const open: { close(): void }[] = [];
afterEach(() => {
	for (const one of open.splice(0)) one.close();
});

interface Client {
	readonly socket: WebSocket;
	/** Of its closing frame; empty while it is open. */
	why(): string;
	send(type: 'direct' | 'doc-unavailable'): void;
}

async function doorWith(limits: Partial<Record<keyof typeof RELAY_BOUNDS, number>>, clock = systemClock) {
	const door = createRelayDoor({ self: 'relay', clock, limits });
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	await new Promise((resolve) => server.once('listening', resolve));
	server.on('connection', (socket, request) => {
		const [, device = '', name = ''] = (request.url ?? '').split('/');
		door.enter(socket, name, device as DeviceId);
	});
	open.push(server);
	const heard: string[] = [];
	door.network.on('message', ({ type, senderId }) => heard.push(`${type} ${senderId}`));
	door.network.connect('relay' as never, {});
	return {
		close: door.close,
		peers: door.peers,
		/** What reached automerge-repo. */
		heard: (line: string) => heard.filter((one) => one === line).length,
		/** Through the handshake of automerge-repo, as `name`; or ended before. */
		async join(device: string, name: string): Promise<Client> {
			const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/${device}/${name}`);
			let why = '';
			let isGreeted = false;
			socket.on('close', (_, reason) => (why = reason.toString()));
			socket.on('message', () => (isGreeted = true));
			await new Promise((resolve) => socket.once('open', resolve));
			socket.send(encode({ type: 'join', senderId: name, supportedProtocolVersions: ['1'] }));
			await eventually(() => isGreeted || why !== '', `${name} is greeted, or told why not`);
			open.push({ close: () => socket.terminate() });
			return {
				...{ socket, why: () => why },
				send(type) {
					const about = type === 'direct' ? { data: new Uint8Array([0xf6]) } : { documentId: DOCUMENT };
					socket.send(encode({ type, senderId: name, targetId: 'relay', ...about }));
				},
			};
		},
	};
}

const times = (count: number, act: () => void): void => {
	for (let n = 0; n < count; n += 1) act();
};

test('2: a device has a few links under names of its own making, and the oldest makes room; others keep theirs', async () => {
	const door = await doorWith({});
	const other = await door.join('other', 'other-1');
	const links: Client[] = [];
	for (let n = 0; n <= RELAY_BOUNDS.linksOfDevice; n += 1) links.push(await door.join('device', `device-${n}`));
	await eventually(() => links[0]?.why() === 'this device has connected again', 'the oldest is told');
	expect([...links.slice(1), other].map(({ why }) => why())).toEqual(links.map(() => ''));
});

test('3: what a device sends through several sockets, and through the next one, is counted as one', async () => {
	const door = await doorWith({ framesInWindow: 20, windowMs: 3_600_000 });
	const [first, second, other] = [await door.join('device', 'a'), await door.join('device', 'b'), await door.join('other', 'c')];
	times(10, () => first.send('doc-unavailable'));
	times(10, () => second.send('doc-unavailable'));
	await eventually(() => first.why() === 'too much at once' && second.why() === 'too much at once', 'both are ended');
	expect((await door.join('device', 'd')).why()).toBe('too much at once');
	times(10, () => other.send('doc-unavailable'));
	await eventually(() => door.heard('doc-unavailable c') === 10, 'another device is heard');
	expect(other.why()).toBe('');
});

test('4: while the branch sends more than its bound, whoever sends most is ended, whoever crossed it or not', async () => {
	const door = await doorWith({ branchFramesInWindow: 40, windowMs: 3_600_000 });
	const [greedy, modest] = [await door.join('greedy', 'a'), await door.join('modest', 'b')];
	times(33, () => greedy.send('doc-unavailable'));
	await eventually(() => door.heard('doc-unavailable a') === 33, 'it is heard');
	times(8, () => modest.send('doc-unavailable'));
	await eventually(() => greedy.why() === 'too much at once', 'it is ended');
	await eventually(() => door.heard('doc-unavailable b') === 8, 'the other one is heard');
	expect(modest.why()).toBe('');
});

test('5: who asks faster than it is answered waits; nothing of it is lost, and nobody waits with it', async () => {
	const door = await doorWith({ directInSecond: 10 });
	const [greedy, modest] = [await door.join('greedy', 'a'), await door.join('modest', 'b')];
	times(35, () => greedy.send('direct'));
	greedy.send('doc-unavailable');
	await eventually(() => door.heard('direct a') >= 10, 'it is heard');
	modest.send('direct');
	await eventually(() => door.heard('direct b') === 1, 'the other one is heard');
	expect(door.heard('direct a')).toBeLessThan(35);
	await eventually(() => door.heard('doc-unavailable a') === 1, 'all of it is heard');
	expect(door.heard('direct a')).toBe(35);
	expect(greedy.why()).toBe('');
});

test('3, 5: a clock that is set back counts nobody for hours, and keeps nobody waiting for as long', async () => {
	let backMs = 0;
	const door = await doorWith({ directInSecond: 10, framesInWindow: 20, windowMs: 500 }, { nowMs: () => Date.now() - backMs });
	const client = await door.join('device', 'a');
	client.send('direct');
	await eventually(() => door.heard('direct a') === 1, 'it is heard');
	backMs = 2 * 60 * 60_000;
	for (let n = 0; n < 30; n += 1) {
		client.send(n % 2 === 0 ? 'direct' : 'doc-unavailable');
		await new Promise((resolve) => setTimeout(resolve, 120));
	}
	await eventually(() => door.heard('direct a') === 16, 'all of it is heard', 5_000);
	expect(client.why()).toBe('');
});

test('6: who was on the way in when the door closed is told to come again', async () => {
	const door = await doorWith({});
	door.close();
	const late = await door.join('device', 'a');
	expect([late.why(), door.peers()]).toEqual(['this relay stops: connect again', []]);
});

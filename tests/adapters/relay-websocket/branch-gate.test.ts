import { NetworkAdapter, type Message, type NetworkAdapterInterface, type PeerId } from '@automerge/automerge-repo/slim';
import { expect, test } from 'vitest';
import { createBranchGate } from '#adapters/relay-websocket/branch-gate.ts';
import { RELAY_BOUNDS } from '#schemas/wire/bounds.ts';

/** What stands at the sockets, as the gate uses it. */
class Door extends NetworkAdapter {
	connects = 0;
	readonly sent: Message[] = [];
	isReady(): boolean {
		return true;
	}
	async whenReady(): Promise<void> {}
	connect(): void {
		this.connects += 1;
	}
	send(message: Message): void {
		this.sent.push(message);
	}
	disconnect(): void {
		throw new Error('the sockets are not ended');
	}
}

const HUB = 'hub' as PeerId;
const frame = (type: string, size = 1): Message => ({ type, senderId: HUB, targetId: 'relay', data: new Uint8Array(size) }) as Message;

function gated() {
	const door = new Door();
	let full = 0;
	const gate = createBranchGate({ door, clock: { nowMs: () => 0 }, onFull: () => (full += 1) });
	const stand = () => {
		const parts: NetworkAdapterInterface = gate.network();
		const heard: string[] = [];
		const peers: string[] = [];
		parts.on('message', ({ type }) => heard.push(type));
		parts.on('peer-candidate', ({ peerId }) => peers.push(peerId));
		parts.connect('relay' as PeerId, {});
		return { parts, heard, peers };
	};
	return { door, gate, stand, full: () => full };
}

test('who comes behind it is told who is linked, and ends no socket by going', () => {
	const { door, gate, stand } = gated();
	const first = stand();
	door.emit('peer-candidate', { peerId: HUB, peerMetadata: {} });
	gate.hold();
	first.parts.disconnect();
	const second = stand();
	gate.release();
	door.emit('message', frame('sync'));
	expect([first.peers, second.peers, door.connects]).toEqual([[HUB], [HUB], 1]);
	expect([first.heard, second.heard]).toEqual([[], ['sync']]);
});

test('while it rests, what is no news is dropped; the first news and all that follows wait, in order', () => {
	const { door, gate, stand } = gated();
	const first = stand();
	gate.hold();
	door.emit('message', frame('lease'));
	first.parts.disconnect();
	let woken = 0;
	gate.rest(
		({ type }) => type !== 'lease',
		() => (woken += 1),
	);
	door.emit('message', frame('lease'));
	expect(woken).toBe(0);
	for (const type of ['sync', 'lease', 'direct']) door.emit('message', frame(type));
	expect(woken).toBe(1);
	gate.hold();
	const second = stand();
	door.emit('message', frame('request'));
	expect(second.heard).toEqual([]);
	gate.release();
	expect(second.heard).toEqual(['sync', 'lease', 'direct', 'request']);
});

test('whoever was brought back by something else than a frame hears every frame', () => {
	const { door, gate, stand } = gated();
	stand().parts.disconnect();
	gate.hold();
	gate.rest(
		() => true,
		() => {
			throw new Error('nobody rests any more');
		},
	);
	gate.hold();
	const { heard } = stand();
	gate.release();
	for (const type of ['sync', 'ephemeral']) door.emit('message', frame(type));
	expect(heard).toEqual(['sync', 'ephemeral']);
});

test('what waits is bounded', () => {
	const { door, gate, full } = gated();
	gate.hold();
	const half = frame('sync', RELAY_BOUNDS.waitingBytes / 2);
	for (let n = 0; n < 3; n += 1) door.emit('message', half);
	expect(full()).toBe(1);
});

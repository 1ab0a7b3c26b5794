/** Invariants of `adapters/lan-libp2p/port-network.ts`: what a peer asks is taken at our pace, beside what else it brings. */
import { cbor, type Message, type PeerId } from '@automerge/automerge-repo/slim';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromRepo } from '#adapters/lan-libp2p/port-messages.ts';
import { createPortNetwork } from '#adapters/lan-libp2p/port-network.ts';
import { createFramePorts } from '#adapters/lan-libp2p/same-process.ts';
import type { DeviceId } from '#schemas/ids.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

const SELF = 'repo-of-the-hub';
const DOCUMENT = '4NMNnkMhL8jXrdJ9jamS58PAVdXu';
const [GREEDY, MODEST] = ['9d'.repeat(32), '3d'.repeat(32)] as DeviceId[];

function hub(directInSecond: number) {
	const [repoPort, lanPort] = createFramePorts();
	const network = createPortNetwork(repoPort, directInSecond);
	const heard: string[] = [];
	let acknowledged = 0;
	network.on('message', (message: Message) => heard.push(`${message.type} ${message.senderId}`));
	lanPort.addEventListener('message', ({ data }) => {
		if ((data as FromRepo).t === 'ack') acknowledged += 1;
	});
	network.connect(SELF as PeerId);
	return {
		network,
		heard: (what: string): number => heard.filter((one) => one === what).length,
		acknowledged: () => acknowledged,
		link(repoPeer: string, device: DeviceId | undefined) {
			lanPort.postMessage({ t: 'peer', peer: { repoPeer }, device }, []);
		},
		gone(repoPeer: string) {
			lanPort.postMessage({ t: 'gone', repoPeer }, []);
		},
		send(type: 'direct' | 'doc-unavailable', from: string, times = 1) {
			const body = type === 'direct' ? { data: new Uint8Array([1]) } : { documentId: DOCUMENT };
			for (let n = 0; n < times; n += 1)
				lanPort.postMessage({ t: 'frame', from, bytes: cbor.encode({ type, senderId: from, targetId: SELF, ...body }).slice() }, []);
		},
		async pass(ms: number) {
			await vi.advanceTimersByTimeAsync(ms);
		},
	};
}

test('3: who asks faster than a device may waits, and all of it is answered; documents, and everybody else, pass by it', async () => {
	const { link, send, heard, acknowledged, pass } = hub(10);
	link('a', GREEDY);
	link('b', MODEST);
	send('direct', 'a', 25);
	send('doc-unavailable', 'a');
	send('direct', 'b');
	await pass(0);
	expect([heard('direct a'), heard('doc-unavailable a'), heard('direct b')]).toEqual([10, 1, 1]);
	expect(acknowledged()).toBe(12); // What waits is not: the other half stops reading from it.
	await pass(1_000);
	expect(heard('direct a')).toBe(20);
	await pass(1_000);
	expect(heard('direct a')).toBe(25);
	expect(acknowledged()).toBe(27);
});

test('3: a device is one, through whatever links it makes; what a link left behind is not answered', async () => {
	const { link, gone, send, heard, pass } = hub(10);
	link('a', GREEDY);
	send('direct', 'a', 15);
	await pass(0);
	gone('a');
	link('again', GREEDY);
	send('direct', 'again', 5);
	await pass(0);
	expect([heard('direct a'), heard('direct again')]).toEqual([10, 1]);
	await pass(1_000);
	expect([heard('direct a'), heard('direct again')]).toEqual([10, 5]);
});

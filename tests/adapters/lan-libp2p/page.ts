/** What runs in the browser of `two-tills.test.ts`: a till's LAN, driven by the test through `window.till`. */
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Message, PeerId } from '@automerge/automerge-repo/slim';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import { startDevice, type Member } from './shop.ts';

export interface TillSetup {
	readonly store: StoreId;
	readonly name: string;
	readonly chain: string;
	readonly networkSeed: string;
	readonly peers: readonly string[];
	readonly hub: string;
}

export interface TillHandle {
	peers(): { name: string; transport: string }[];
	send(to: string, number: number, length: number): void;
	readonly heard: { from: string; number: number; length: number }[];
	readonly events: string[];
	/** From now on this till knows that the device was removed. */
	hearOfRemoval(device: DeviceId): void;
	start(): Promise<void>;
	stop(): Promise<void>;
}

declare global {
	interface Window {
		openTill: (setup: TillSetup) => Promise<void>;
		till: TillHandle;
	}
}

window.openTill = async (setup) => {
	const verifier = createVerifier({ digest: createDigest(), store: setup.store });
	const member = { chain: bytesOfHex(setup.chain), networkSeed: bytesOfHex(setup.networkSeed) } as Pick<Member, 'chain' | 'networkSeed'> as Member;
	const members = setup.peers.map((peer) => ({ peer }) as Member);
	const events: string[] = [];
	const removed = new Set<DeviceId>();
	const { lan, network } = startDevice({ store: setup.store, members, verifyChain: (bytes) => verifier.chain(bytes) }, member, {
		dial: () => [setup.hub],
		isRevoked: (device) => removed.has(device),
		log: (event, detail) => events.push(`${Math.round(performance.now())} ${event} ${JSON.stringify(detail)}`),
	});
	const heard: TillHandle['heard'] = [];
	network.on('message', (message) => {
		const { count } = message as Message & { count: number };
		heard.push({ from: message.senderId, number: count, length: message.data?.length ?? 0 });
	});
	network.connect(setup.name as PeerId);
	await lan.start();
	window.till = {
		peers: () => lan.peers().map(({ name, transport }) => ({ name, transport })),
		send(to, number, length) {
			const data = new Uint8Array(length).fill(7);
			network.send({
				type: 'ephemeral',
				senderId: setup.name as PeerId,
				targetId: to as PeerId,
				documentId: '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as Message['documentId'] & string,
				data,
				...{ count: number, sessionId: 'session' },
			});
		},
		heard,
		events,
		hearOfRemoval: (device) => removed.add(device),
		start: () => lan.start(),
		stop: () => lan.stop(),
	};
};

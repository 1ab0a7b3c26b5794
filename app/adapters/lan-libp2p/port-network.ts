/**
 * The Repo's side of the LAN: an automerge-repo NetworkAdapter over a MessagePort, without libp2p. The other side is `createLan`.
 *
 * 1. Nothing that arrives reaches the Repo before `parseRepoFrame` has looked at it; what is refused is counted and told to the LAN side.
 * 2. A frame is acknowledged when the Repo has taken it, so that the LAN side can hold back a peer that sends faster than we work.
 * 3. Of what a device asks, so much is taken in a second, through whatever links it makes; the rest waits in its order and is not acknowledged. Documents and the
 *    live lane pass by it.
 * 4. Ready at the first peer, or after a second without one: `find` must not wait for a network that may never come.
 */
import { cbor, NetworkAdapter, type Message, type PeerId, type PeerMetadata, type StorageId } from '@automerge/automerge-repo/slim';
import { createPace } from '#core/pace.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { LINK_BOUNDS } from '#schemas/wire/bounds.ts';
import type { FramePort, FromRepo, RepoIdentity, ToRepo } from './port-messages.ts';
import { parseRepoFrame } from './repo-frame.ts';

const READY_AT_LATEST_MS = 1_000;

export interface PortNetwork extends NetworkAdapter {
	/** How many frames were refused since the start, by reason. */
	readonly dropped: ReadonlyMap<string, number>;
}

export function createPortNetwork(port: FramePort, directInSecond: number = LINK_BOUNDS.directInSecond): PortNetwork {
	return new PortNetworkAdapter(port, directInSecond);
}

type Frame = Extract<ToRepo, { readonly t: 'frame' }>;

interface Linked {
	readonly device: DeviceId;
	/** Parsed already; undefined: nothing waits. */
	waiting: { readonly message: Message; readonly bytes: number }[] | undefined;
}

class PortNetworkAdapter extends NetworkAdapter implements PortNetwork {
	readonly dropped = new Map<string, number>();
	readonly #port: FramePort;
	readonly #peers = new Map<string, Linked>();
	readonly #documentIds = new Set<string>();
	readonly #ready = Promise.withResolvers<undefined>();
	#isReady = false;
	#connected = false;

	/** How long what this device asks next has to wait, ms. */
	readonly #waitOfDirect: (device: DeviceId) => number;

	constructor(port: FramePort, directInSecond: number) {
		super();
		this.#port = port;
		this.#waitOfDirect = createPace(() => performance.now(), directInSecond);
		port.addEventListener('message', ({ data }) => this.#hear(data as ToRepo));
		port.start?.();
	}

	override isReady(): boolean {
		return this.#isReady;
	}

	override async whenReady(): Promise<void> {
		await this.#ready.promise;
	}

	override connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
		this.peerId = peerId;
		if (peerMetadata !== undefined) this.peerMetadata = peerMetadata;
		this.#connected = true;
		this.#post({ t: 'connect', self: identityOf(peerId, this.peerMetadata) });
		setTimeout(() => this.#becomeReady(), READY_AT_LATEST_MS);
	}

	override disconnect(): void {
		if (!this.#connected) return;
		this.#connected = false;
		this.#post({ t: 'disconnect' });
		for (const repoPeer of this.#peers.keys()) this.emit('peer-disconnected', { peerId: repoPeer as PeerId });
		this.#peers.clear();
	}

	override send(message: Message): void {
		if (!this.#connected || !this.#peers.has(message.targetId)) return;
		const bytes = cbor.encode(message).slice() as Uint8Array<ArrayBuffer>; // The encoder writes into a buffer that it goes on using.
		// The live lane: among itself it keeps its order, which its counters ask for.
		this.#post({ t: 'frame', to: message.targetId, bytes, urgent: message.type === 'ephemeral' }, [bytes.buffer]);
	}

	#hear(message: ToRepo): void {
		if (message.t === 'frame') {
			this.#hearFrame(message);
		} else if (message.t === 'peer') {
			if (!this.#connected) return;
			this.#peers.set(message.peer.repoPeer, { device: message.device, waiting: undefined });
			this.emit('peer-candidate', { peerId: message.peer.repoPeer as PeerId, peerMetadata: metadataOf(message.peer) });
			this.#becomeReady();
		} else if (this.#peers.delete(message.repoPeer)) {
			this.emit('peer-disconnected', { peerId: message.repoPeer as PeerId });
		}
	}

	#hearFrame({ from, bytes }: Frame): void {
		const link = this.#peers.get(from);
		const message = link === undefined ? undefined : this.#parsed(from, bytes);
		if (message?.type === 'direct' && link?.waiting !== undefined) {
			link.waiting.push({ message, bytes: bytes.length });
			return;
		}
		if (message !== undefined) this.#take(from, message);
		this.#post({ t: 'ack', from, bytes: bytes.length });
		if (message?.type === 'direct' && link !== undefined) this.#pace(from, link);
	}

	#pace(from: string, link: Linked): void {
		const waitMs = this.#waitOfDirect(link.device);
		if (waitMs === 0) return;
		link.waiting ??= [];
		setTimeout(() => this.#release(from, link), waitMs);
	}

	#release(from: string, link: Linked): void {
		const waiting = link.waiting ?? [];
		link.waiting = undefined;
		while (this.#peers.get(from) === link && link.waiting === undefined) {
			const next = waiting.shift();
			if (next === undefined) return;
			this.#take(from, next.message);
			this.#post({ t: 'ack', from, bytes: next.bytes });
			this.#pace(from, link);
		}
		link.waiting = waiting;
	}

	#parsed(from: string, bytes: Uint8Array): Message | undefined {
		if (!this.#connected || this.peerId === undefined) return undefined;
		const parsed = parseRepoFrame(bytes, from, this.peerId, this.#documentIds);
		if ('message' in parsed) return parsed.message;
		this.#drop(from, parsed.dropped);
		return undefined;
	}

	#take(from: string, message: Message): void {
		try {
			// A lane message bears its author's name while others hand it on: whoever did need not get it back (`documents-automerge/switchboard.ts`).
			this.emit('message', message.type === 'ephemeral' ? ({ ...message, via: from } as Message) : message);
		} catch (error) {
			// The Repo threw on a message that looked right: the peer's, not ours.
			this.#drop(from, `the Repo refused it: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	#drop(from: string, reason: string): void {
		this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
		this.#post({ t: 'dropped', from, reason });
	}

	#becomeReady(): void {
		if (this.#isReady) return;
		this.#isReady = true;
		this.#ready.resolve(undefined);
	}

	#post(message: FromRepo, transfer: ArrayBuffer[] = []): void {
		this.#port.postMessage(message, transfer);
	}
}

function identityOf(repoPeer: string, metadata: PeerMetadata | undefined): RepoIdentity {
	return {
		repoPeer,
		...(metadata?.storageId === undefined ? {} : { storageId: metadata.storageId }),
		...(metadata?.isEphemeral === undefined ? {} : { isEphemeral: metadata.isEphemeral }),
	};
}

function metadataOf({ storageId, isEphemeral }: RepoIdentity): PeerMetadata {
	return { ...(storageId === undefined ? {} : { storageId: storageId as StorageId }), ...(isEphemeral === undefined ? {} : { isEphemeral }) };
}

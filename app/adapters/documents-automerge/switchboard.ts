/**
 * The one network adapter that the repo sees: it joins the real ones and looks at every frame first.
 *
 * Invariants:
 * 1. A peer is reachable while any adapter reaches it. (In automerge-repo the first adapter that names a peer wins, and a disconnect on any of them
 *    drops the route.) When its route changes, the repo sees it leave and come, so that sync begins anew: frames may have been lost in between.
 * 2. Only frames that automerge-repo speaks reach it, about documents that are open here, from the peer that the adapter vouches for. The exception
 *    is the live lane, which is passed on: there the sender is a claim.
 * 3. Nothing in a frame throws here, and what is dropped is counted.
 * 4. A sync message about a document that is not open here is lost, and Automerge never sends its changes a second time: two peers would ask each other for
 *    them for ever. So it is answered by `doc-unavailable`, and whoever gets that answer forgets how far it was with this peer.
 * 5. A lane message goes on once, by the counter of its session, and never back to whoever handed it on. Sessions that were silent for a while are forgotten, others are no more than a bound:
 *    automerge-repo would keep every one for ever, so what is new here goes past its counters.
 * 6. A direct message is for us alone: it is from the peer that the adapter vouches for, never passed on, and never reaches the repo.
 * 7. What a sync message asks to be looked up costs no more than what Automerge itself asks for (`sync-message.ts`).
 */
import {
	NetworkAdapter,
	type DocumentId,
	type EphemeralMessage,
	type Message,
	type NetworkAdapterInterface,
	type PeerId,
	type PeerMetadata,
	type SessionId,
} from '@automerge/automerge-repo/slim';
import { BYTES, LONGEST_HEAD, writeHead } from '#schemas/cbor-head.ts';
import { hexOf } from '#schemas/hex.ts';
import { DOCUMENT_BOUNDS } from '#schemas/wire/bounds.ts';
import { createGatheredSync, type GatheredSync, type GatheredSyncDeps } from './gathered-sync.ts';
import { MAX_LANE_BYTES } from '#schemas/wire/lane.ts';
import { isModestSync } from './sync-message.ts';

export interface SwitchboardDeps {
	/** Documents that may travel now. */
	readonly isOpen: (document: string) => boolean;
	/** The document whose lane carries messages. */
	readonly isLane: (document: string) => boolean;
	readonly onDropped: (reason: FrameProblem) => void;
	readonly onDirect: (data: Uint8Array, from: string) => void;
	/** Not heard before: to be passed on, and told here. `via`: the peer that handed it on, where the adapter says so. */
	readonly onLane: (message: EphemeralMessage, via: string | undefined) => void;
	readonly onLinked: (peer: string, isLinked: boolean) => void;
	/** What was sent to this peer about this document is lost; it will not hear of it before it asks. */
	readonly onLost: (document: string, peer: string) => void;
	/** It asks: before the repo answers, it must forget how far they were. */
	readonly onAskedAgain: (document: string, peer: string) => void;
	/** Where many peers write at once, sync messages go to the repo together; absent: each as it comes. */
	readonly gathers?: Omit<GatheredSyncDeps, 'handOn'> | undefined;
}

export type FrameProblem = 'no frame of the protocol' | 'a sender that is not the peer' | 'a document that is not open here' | 'no lane message';

interface Route {
	readonly adapter: NetworkAdapterInterface;
	readonly peerMetadata: PeerMetadata;
}

const SESSION_BYTES = 12;

export class Switchboard extends NetworkAdapter {
	readonly #deps: SwitchboardDeps;
	readonly #adapters: NetworkAdapterInterface[] = [];
	/** Per peer, the first is the one in use. */
	readonly #routes = new Map<PeerId, Route[]>();
	/** The counter that each session said last, of those that were heard since `forgetSilent` was called last, and of those before. */
	#sessions = new Map<string, number>();
	#silent = new Map<string, number>();
	/** Document and peer, until it asks again or is gone. */
	readonly #lost = new Set<string>();

	readonly #gathered: GatheredSync | undefined;

	/** Own messages of the lane, since this process began: whoever has heard one takes none with a lower count. */
	#said = 0;
	readonly #session = hexOf(crypto.getRandomValues(new Uint8Array(SESSION_BYTES))) as SessionId;

	constructor(deps: SwitchboardDeps) {
		super();
		this.#deps = deps;
		this.#gathered =
			deps.gathers &&
			createGatheredSync({
				...deps.gathers,
				handOn: (message) => {
					this.emit('message', message);
				},
			});
	}

	/** What was gathered goes to the repo. */
	handOn(): void {
		this.#gathered?.handOn();
	}

	add(adapter: NetworkAdapterInterface): void {
		this.#adapters.push(adapter);
		adapter.on('peer-candidate', ({ peerId, peerMetadata }) => {
			this.#come(peerId, { adapter, peerMetadata });
		});
		adapter.on('peer-disconnected', ({ peerId }) => {
			this.#leave(peerId, adapter);
		});
		adapter.on('message', (message) => {
			this.#receive(message, adapter);
		});
		adapter.on('close', () => {
			for (const peerId of [...this.#routes.keys()]) this.#leave(peerId, adapter);
		});
		if (this.peerId !== undefined) adapter.connect(this.peerId, this.peerMetadata);
	}

	peers(): readonly PeerId[] {
		return [...this.#routes.keys()];
	}

	#come(peerId: PeerId, route: Route): void {
		if (peerId === this.peerId) return;
		const before = this.#routes.get(peerId) ?? [];
		const isInUse = before[0]?.adapter === route.adapter;
		const others = before.filter(({ adapter }) => adapter !== route.adapter);
		if (isInUse) {
			// The same adapter has a new link to it: what was under way on the old one is lost.
			this.#gathered?.forget(peerId);
			this.emit('peer-disconnected', { peerId });
		}
		this.#routes.set(peerId, isInUse ? [route, ...others] : [...others, route]);
		if (before.length === 0) this.#deps.onLinked(peerId, true);
		if (before.length === 0 || isInUse) this.emit('peer-candidate', { peerId, peerMetadata: route.peerMetadata });
	}

	#leave(peerId: PeerId, adapter: NetworkAdapterInterface): void {
		const before = this.#routes.get(peerId);
		if (before === undefined || !before.some((route) => route.adapter === adapter)) return;
		const others = before.filter((route) => route.adapter !== adapter);
		if (others.length === 0) {
			this.#routes.delete(peerId);
			this.#gathered?.forget(peerId);
			for (const name of this.#lost) if (name.endsWith(`:${peerId}`)) this.#lost.delete(name);
			this.#deps.onLinked(peerId, false);
		} else this.#routes.set(peerId, others);
		if (before[0]?.adapter !== adapter) return;
		this.emit('peer-disconnected', { peerId });
		const [next] = others;
		if (next !== undefined) this.emit('peer-candidate', { peerId, peerMetadata: next.peerMetadata });
	}

	#receive(message: unknown, adapter: NetworkAdapterInterface): void {
		const verdict = this.#verdictOn(message, adapter);
		if (verdict === 'ignored') return;
		const frame = message as Message & { readonly documentId: string; readonly data: Uint8Array };
		if (verdict === 'for the repo') {
			if (this.#lost.delete(`${frame.documentId}:${frame.senderId}`)) this.#deps.onAskedAgain(frame.documentId, frame.senderId);
			if (this.#gathered !== undefined && frame.type === 'sync') this.#gathered.take(frame);
			else this.emit('message', frame);
		} else if (verdict === 'lane') {
			const { via, ...said } = frame as unknown as EphemeralMessage & { readonly via?: string };
			this.#deps.onLane(said, via);
		} else if (verdict === 'direct') this.#deps.onDirect(frame.data, frame.senderId);
		else if (verdict === 'unavailable') {
			this.#lost.add(`${frame.documentId}:${frame.senderId}`);
			this.#deps.onLost(frame.documentId, frame.senderId);
		} else {
			this.#deps.onDropped(verdict);
			if (verdict === 'a document that is not open here') this.#sayUnavailable(frame);
		}
	}

	#verdictOn(message: unknown, adapter: NetworkAdapterInterface): FrameProblem | 'for the repo' | 'lane' | 'direct' | 'unavailable' | 'ignored' {
		if (typeof message !== 'object' || message === null) return 'no frame of the protocol';
		const { type, senderId, targetId, documentId, data, count, sessionId } = message as Record<string, unknown>;
		if (type === 'remote-heads-changed' || type === 'remote-subscription-change') return 'ignored'; // A part of the protocol that we do not use.
		if (type === 'direct') {
			if (!(data instanceof Uint8Array) || typeof senderId !== 'string' || targetId !== this.peerId) return 'no frame of the protocol';
			return this.#reaches(senderId, adapter) ? 'direct' : 'a sender that is not the peer';
		}
		if (type !== 'sync' && type !== 'request' && type !== 'ephemeral' && type !== 'doc-unavailable') return 'no frame of the protocol';
		if (typeof senderId !== 'string' || typeof documentId !== 'string' || targetId !== this.peerId) return 'no frame of the protocol';
		if (type !== 'doc-unavailable' && !(data instanceof Uint8Array)) return 'no frame of the protocol';
		if (type !== 'ephemeral' && !this.#reaches(senderId, adapter)) return 'a sender that is not the peer';
		if (!this.#deps.isOpen(documentId)) return type === 'doc-unavailable' ? 'ignored' : 'a document that is not open here';
		if (type === 'doc-unavailable') return 'unavailable';
		if (type !== 'ephemeral') return isModestSync(data as Uint8Array) ? 'for the repo' : 'no frame of the protocol';
		if (senderId === this.peerId) return 'ignored'; // Our own word, come round in a ring of peers.
		const isShaped = typeof count === 'number' && typeof sessionId === 'string' && sessionId.length <= 64 && senderId.length <= 256;
		if (!isShaped || !this.#deps.isLane(documentId) || !isByteString(data as Uint8Array)) return 'no lane message';
		const session = `${senderId}:${sessionId}`;
		const before = this.#sessions.get(session) ?? this.#silent.get(session);
		if (before !== undefined && count <= before) return 'ignored';
		if (before === undefined && this.#sessions.size + this.#silent.size >= DOCUMENT_BOUNDS.laneSessions) return 'no lane message';
		this.#silent.delete(session);
		this.#sessions.set(session, count);
		return 'lane';
	}

	/** Called now and then: sessions that said nothing since the call before are forgotten. */
	forgetSilent(): void {
		this.#silent = this.#sessions;
		this.#sessions = new Map();
	}

	#sayUnavailable({ type, senderId, documentId }: Message): void {
		if (type !== 'sync' && type !== 'request') return;
		this.send({ type: 'doc-unavailable', senderId: this.peerId, targetId: senderId, documentId } as Message);
	}

	#reaches(peer: string, adapter: NetworkAdapterInterface): boolean {
		return this.#routes.get(peer as PeerId)?.some((route) => route.adapter === adapter) ?? false;
	}

	/**
	 * To everybody who has the lane's document. Past automerge-repo, where each message would go through three parts of it and make two encoders.
	 */
	sayOnLane(documentId: DocumentId, said: Uint8Array, hasIt: (peer: PeerId) => boolean): void {
		if (this.peerId === undefined) return;
		const data = byteString(said);
		this.#said += 1;
		const message = { type: 'ephemeral' as const, senderId: this.peerId, documentId, data, count: this.#said, sessionId: this.#session };
		for (const targetId of this.#routes.keys()) if (hasIt(targetId)) this.send({ ...message, targetId });
	}

	sendDirect(targetId: string, data: Uint8Array): void {
		if (this.peerId === undefined) return;
		const message = { type: 'direct', senderId: this.peerId, targetId: targetId as PeerId, data };
		this.#routes.get(message.targetId)?.[0]?.adapter.send(message as Message);
	}

	isReady(): boolean {
		return true;
	}

	/** Documents never wait for a network: every one begins at home. */
	async whenReady(): Promise<void> {}

	connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
		this.peerId = peerId;
		if (peerMetadata !== undefined) this.peerMetadata = peerMetadata;
		for (const adapter of this.#adapters) adapter.connect(peerId, peerMetadata);
	}

	send(message: Message): void {
		this.#routes.get(message.targetId)?.[0]?.adapter.send(message);
	}

	disconnect(): void {
		for (const adapter of this.#adapters) adapter.disconnect();
	}
}

function byteString(said: Uint8Array): Uint8Array {
	const data = new Uint8Array(LONGEST_HEAD + said.length);
	const head = writeHead(data, 0, BYTES, said.length);
	data.set(said, head);
	return data.subarray(0, head + said.length);
}

/**
 * One CBOR byte string and nothing else (RFC 8949, major type 2): all that we ever broadcast. automerge-repo decodes the frame with a decoder that
 * knows many more things than we want a peer to say.
 */
function isByteString(data: Uint8Array): boolean {
	const [head = 0] = data;
	if (data.length > MAX_LANE_BYTES + 5 || head >> 5 !== 2) return false;
	const additional = head & 31;
	if (additional < 24) return data.length === 1 + additional;
	const lengthBytes = additional === 24 ? 1 : additional === 25 ? 2 : additional === 26 ? 4 : 0;
	if (lengthBytes === 0 || data.length < 1 + lengthBytes) return false;
	let length = 0;
	for (const byte of data.subarray(1, 1 + lengthBytes)) length = length * 256 + byte;
	return data.length === 1 + lengthBytes + length;
}

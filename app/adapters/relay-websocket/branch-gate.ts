/**
 * Between a branch's sockets and the parts that keep it, which may go from memory and come back while the sockets stay.
 *
 * Invariants:
 * 1. Whoever comes behind it is told who is linked; that it leaves again ends no socket.
 * 2. Nothing is lost while nobody is behind it: what is news waits, in its order. What is none is dropped, which the live lane and repeated questions allow.
 * 3. What waits is bounded. Beyond that the links end, and their devices come back and say it again.
 */
import { NetworkAdapter, type Message, type NetworkAdapterInterface, type PeerId, type PeerMetadata } from '@automerge/automerge-repo/slim';
import type { Clock } from '#ports';
import { RELAY_BOUNDS } from '#schemas/wire/bounds.ts';

/** A frame that passed the door. */
export interface GateFrame {
	readonly type: string;
	readonly senderId: string;
	readonly data?: Uint8Array;
}

export interface BranchGate {
	/** For the parts that come next. */
	network(): NetworkAdapterInterface;
	/** From here on what comes waits: somebody goes, or comes. */
	hold(): void;
	/** What waited goes on, and what comes. */
	release(): void;
	/** After `hold`: nobody is behind it any more. What waited, and what comes, is looked at; the first news calls `onNews`, and waits with all that follows. */
	rest(isNews: (frame: GateFrame) => boolean, onNews: () => void): void;
	/** To a peer, beside the documents, while nobody is behind it. */
	sendTo(repoPeer: string, data: Uint8Array): void;
	/** When a document's frame came last. */
	heardDocumentsMs(): number;
}

export interface BranchGateDeps {
	readonly door: NetworkAdapterInterface;
	readonly clock: Clock;
	/** More waits than is kept. */
	readonly onFull: () => void;
}

export function createBranchGate({ door, clock, onFull }: BranchGateDeps): BranchGate {
	const peers = new Map<PeerId, PeerMetadata>();
	let behind: Behind | undefined;
	let isConnected = false;
	let self: PeerId | undefined;
	let waiting: Message[] | undefined;
	let waitingBytes = 0;
	let resting: { readonly isNews: (frame: GateFrame) => boolean; readonly onNews: () => void } | undefined;
	let documentsMs = clock.nowMs();

	door.on('peer-candidate', ({ peerId, peerMetadata }) => {
		peers.set(peerId, peerMetadata);
		behind?.emit('peer-candidate', { peerId, peerMetadata });
	});
	door.on('peer-disconnected', ({ peerId }) => {
		peers.delete(peerId);
		behind?.emit('peer-disconnected', { peerId });
	});
	door.on('message', hear);

	function hear(message: Message): void {
		if (message.type === 'sync' || message.type === 'request') documentsMs = clock.nowMs();
		if (resting !== undefined) {
			const { isNews, onNews } = resting;
			if (!isNews(message)) return;
			resting = undefined;
			waiting = [];
			onNews();
		}
		if (waiting === undefined) behind?.emit('message', message);
		else wait(message);
	}

	function wait(message: Message): void {
		const bytes = 'data' in message ? (message.data?.length ?? 0) : 0;
		if (waitingBytes + bytes > RELAY_BOUNDS.waitingBytes) {
			onFull();
			return;
		}
		waitingBytes += bytes;
		waiting?.push(message);
	}

	function stand(next: Behind): void {
		behind = next;
	}

	class Behind extends NetworkAdapter {
		isReady(): boolean {
			return true;
		}

		async whenReady(): Promise<void> {}

		connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
			this.peerId = self = peerId;
			stand(this);
			if (!isConnected) door.connect(peerId, peerMetadata);
			isConnected = true;
			for (const [peer, metadata] of peers) this.emit('peer-candidate', { peerId: peer, peerMetadata: metadata });
		}

		send(message: Message): void {
			if (behind === this) door.send(message);
		}

		disconnect(): void {
			if (behind === this) behind = undefined;
		}
	}

	return {
		network: () => new Behind(),
		hold() {
			resting = undefined;
			waiting ??= [];
		},
		release() {
			// What a frame brings about may come back here: each goes before those that come meanwhile.
			for (let next = waiting?.shift(); next !== undefined; next = waiting?.shift()) behind?.emit('message', next);
			waiting = undefined;
			waitingBytes = 0;
		},
		rest(isNews, onNews) {
			const before = waiting ?? [];
			waiting = undefined;
			waitingBytes = 0;
			resting = { isNews, onNews };
			for (const message of before) hear(message);
		},
		sendTo(repoPeer, data) {
			if (self !== undefined) door.send({ type: 'direct', senderId: self, targetId: repoPeer as PeerId, data } as Message);
		},
		heardDocumentsMs: () => documentsMs,
	};
}

/** Two automerge-repo network adapters joined in memory, with a switch: for tests of what is above the network. */
import { NetworkAdapter, type Message, type PeerId, type PeerMetadata } from '@automerge/automerge-repo/slim';

class PairAdapter extends NetworkAdapter {
	other: PairAdapter | undefined;
	metadata: PeerMetadata = {};
	linked = false;
	ready = Promise.withResolvers<void>();

	override isReady(): boolean {
		return this.peerId !== undefined;
	}
	override whenReady(): Promise<void> {
		return this.ready.promise;
	}
	override connect(peerId: PeerId, metadata?: PeerMetadata): void {
		this.peerId = peerId;
		this.metadata = metadata ?? {};
		this.ready.resolve();
	}
	override send(message: Message): void {
		const { other } = this;
		// As over a wire: a copy, later.
		if (this.linked) setTimeout(() => other?.linked && other.emit('message', structuredClone(message)), 0);
	}
	override disconnect(): void {
		this.linked = false;
	}
}

export function createNetworkPair() {
	const left = new PairAdapter();
	const right = new PairAdapter();
	left.other = right;
	right.other = left;
	return {
		left,
		right,
		async link(): Promise<void> {
			await Promise.all([left.whenReady(), right.whenReady()]);
			for (const [from, to] of [
				[left, right],
				[right, left],
			] as const) {
				if (to.peerId === undefined) throw new Error('not connected to a Repo');
				from.linked = true;
				from.emit('peer-candidate', { peerId: to.peerId, peerMetadata: to.metadata });
			}
		},
		unlink(): void {
			for (const [from, to] of [
				[left, right],
				[right, left],
			] as const) {
				from.linked = false;
				if (to.peerId !== undefined) from.emit('peer-disconnected', { peerId: to.peerId });
			}
		},
	};
}

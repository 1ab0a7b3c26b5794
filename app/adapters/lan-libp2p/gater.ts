/**
 * Who may hold a connection at all: the first of two doors. The second is the hello (`greeting.ts`).
 *
 * 1. A connection is closed right after its handshake unless the other side's peer id is known: from a certificate, or named by a linked peer.
 * 2. Who was refused by the hello stays outside for a while, so that trying again costs us nothing; who is revoked stays outside.
 * 3. Nothing is dialled but by `reach.ts`; libp2p's own reconnecting and relay search are refused here.
 * 4. Introducing (circuit relay) is done for known peers only, on both ends.
 * 5. While a hub enrols, a few strangers at a time may come in by webrtc-direct: as visitors, with whom nothing but enrolment is spoken (`enrolment.ts`).
 */
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface';
import { transportOf } from './addresses.ts';

export interface GaterDeps {
	readonly isKnown: (peer: string) => boolean;
	readonly isRefused: (peer: string) => boolean;
	readonly isWanted: (peer: string) => boolean;
	/** Whether one more stranger may come in to be enrolled. */
	readonly mayVisit: (peer: string) => boolean;
	readonly onDenied: (peer: string) => void;
}

export function createGater({ isKnown, isRefused, isWanted, mayVisit, onDenied }: GaterDeps): ConnectionGater {
	const isStranger = (peer: PeerId): boolean => !isKnown(peer.toString()) || isRefused(peer.toString());
	const denied = (peer: PeerId): boolean => {
		if (!isStranger(peer)) return false;
		onDenied(peer.toString());
		return true;
	};
	const deniedInbound = (peer: PeerId, connection: MultiaddrConnection): boolean => {
		if (!isKnown(peer.toString()) && transportOf(connection.remoteAddr.toString()) === 'webrtc-direct' && mayVisit(peer.toString())) return false;
		return denied(peer);
	};
	return {
		denyDialPeer: (peer) => !isWanted(peer.toString()),
		// A browser's default refuses `ws://` and private addresses, which are all a shop has.
		denyDialMultiaddr: () => false,
		denyInboundEncryptedConnection: deniedInbound,
		denyOutboundEncryptedConnection: denied,
		denyInboundUpgradedConnection: deniedInbound,
		denyOutboundUpgradedConnection: denied,
		denyInboundRelayReservation: isStranger,
		denyOutboundRelayedConnection: (source, destination) => isStranger(source) || isStranger(destination),
		denyInboundRelayedConnection: (introducer, peer) => isStranger(introducer) || isStranger(peer),
	};
}

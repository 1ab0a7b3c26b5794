/**
 * The libp2p node: which transports and services a device of a shop runs, and with which bounds.
 *
 * - Browser: WebSocket or webrtc-direct to the hub, WebRTC to other tills (signalled through an introducer), and itself an introducer for them.
 * - Node: WebSocket; a hub also listens by webrtc-direct. `@libp2p/webrtc` needs the native `node-datachannel` there, which npm brings ready made for the usual
 *   platforms; it is imported only where the platform has WebRTC of its own, or a door for it is asked for.
 *
 * 1. Nobody outside the shop is asked for anything: no STUN, no DNS lists, no peer routing.
 * 2. A relayed connection carries signalling only: 2 minutes, 128 KiB.
 */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import type { ConnectionGater, Libp2p, PeerId, Transport } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import type { TransportCertificate } from '@libp2p/webrtc';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import { LAN_BOUNDS } from '#schemas/wire/bounds.ts';
import { websocketTransport, type Door } from './websocket-transport.ts';

/** A dial that hangs is cut; with `webrtc` about one in twenty does. */
export const DIAL_MS = 5_000;

/** libp2p's reservations at introducers, which it exposes on the class of the transport but not in its type. */
interface Reservations {
	hasReservation(peer: PeerId): boolean;
	addRelay(peer: PeerId, type: 'configured'): Promise<unknown>;
}

export interface LanNode {
	readonly libp2p: Libp2p;
	readonly reservations: Reservations;
	readonly hasWebRtc: boolean;
	readonly hasDirect: boolean;
}

/**
 * A door for pages that may open no socket to us: UDP, with a certificate whose hash the page knows from the hub's code.
 * Its port opens once in a process: the native listener (node-datachannel 0.33.4) keeps it when it is stopped.
 */
export interface DirectDoor {
	readonly host: string;
	readonly port: number;
	readonly certificate: TransportCertificate;
}

export interface NodeDeps {
	readonly networkSeed: Uint8Array;
	readonly gater: ConnectionGater;
	readonly door: Door | undefined;
	readonly direct?: DirectDoor | undefined;
	/** Node dials by webrtc-direct, too. */
	readonly dialsDirect?: boolean;
}

/** Why this platform has no webrtc-direct; undefined where it has. */
export async function whyNoDirect(): Promise<string | undefined> {
	try {
		await import('@libp2p/webrtc');
		return undefined;
	} catch (error) {
		return String(error);
	}
}

export async function createNode({ networkSeed, gater, door, direct, dialsDirect = false }: NodeDeps): Promise<LanNode> {
	const hasWebRtc = typeof RTCPeerConnection !== 'undefined';
	let circuit: (Transport & { readonly reservationStore?: Reservations }) | undefined;
	const circuitFactory = circuitRelayTransport();
	const transports: NonNullable<NonNullable<Parameters<typeof createLibp2p>[0]>['transports']> = [
		websocketTransport(door),
		(components) => (circuit = circuitFactory(components)),
	];
	const rtcConfiguration = { iceServers: [] };
	const hasDirect = hasWebRtc || direct !== undefined || dialsDirect;
	if (hasDirect) {
		const { webRTC, webRTCDirect } = await import('@libp2p/webrtc');
		if (hasWebRtc) transports.push(webRTC({ rtcConfiguration }));
		transports.push(webRTCDirect({ rtcConfiguration, ...(direct === undefined ? {} : { certificate: direct.certificate }) }));
	}
	const libp2p = await createLibp2p({
		start: false,
		privateKey: await generateKeyPairFromSeed('Ed25519', networkSeed),
		nodeInfo: { name: 'holdfast', version: '1', userAgent: 'holdfast' },
		addresses: {
			listen: direct === undefined ? [] : [`/${direct.host.includes(':') ? 'ip6' : 'ip4'}/${direct.host}/udp/${direct.port}/webrtc-direct`],
		},
		transports,
		connectionEncrypters: [noise()],
		streamMuxers: [yamux()],
		connectionGater: gater,
		connectionManager: {
			maxConnections: LAN_BOUNDS.connections,
			inboundConnectionThreshold: LAN_BOUNDS.handshakesOfAddressInSecond,
			maxIncomingPendingConnections: LAN_BOUNDS.handshakesAtOnce,
			reconnectRetries: 0,
			dialTimeout: DIAL_MS,
			addressDialTimeout: DIAL_MS,
			inboundUpgradeTimeout: LAN_BOUNDS.handshakeMs,
		},
		connectionMonitor: { enabled: false }, // Links have a pulse of their own.
		services: {
			identify: identify(),
			identifyPush: identifyPush(),
			ping: ping(),
			introductions: circuitRelayServer({ reservations: { maxReservations: LAN_BOUNDS.reservations } }),
		},
	});
	const reservations = circuit?.reservationStore;
	if (reservations === undefined) throw new Error('libp2p’s circuit transport no longer shows its reservations: look at node.ts');
	return { libp2p, reservations, hasWebRtc, hasDirect };
}

/**
 * The hub's door by webrtc-direct: UDP on one port, for tills whose page came from elsewhere and may open no socket to the hub.
 *
 * 1. A port that is taken is said in one sentence before anything listens.
 * 2. A platform without the native part that it needs costs this door and nothing else: `missing` says so.
 * 3. Addresses are told as numbers, for a browser dials UDP by nothing else; the likeliest first.
 */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { directAddress } from '#adapters/lan-libp2p/addresses.ts';
import { whyNoDirect, type DirectDoor } from '#adapters/lan-libp2p/node.ts';
import type { HubPlace } from '#schemas/wire/hub-place.ts';
import type { DataFolder } from './data-folder.ts';
import { lanAddresses } from './terminal.ts';
import { openDirectCertificate } from './tls/direct-certificate.ts';

export interface DirectPlan {
	/** 0: any that is free. */
	readonly port: number;
	/** Where the app is also served by https: the setup code is then a link that opens it there. */
	readonly app?: string | undefined;
}

export interface Direct {
	readonly door: DirectDoor;
	/** For the setup code, and for tills that know another hub. */
	place(peer: string): HubPlace;
	/** For whoever asked for us as `asked`. */
	addresses(peer: string, asked?: string): readonly string[];
}

/** More network cards than anybody looks through. */
const MOST_DOORS = 8;

export async function openDirect(
	{ port: wanted }: DirectPlan,
	{ folder, host, nowMs }: { readonly folder: DataFolder; readonly host: string; readonly nowMs: number },
): Promise<Direct | { readonly missing: string }> {
	const missing = await whyNoDirect();
	if (missing !== undefined) return { missing };
	const isEverywhere = host === '0.0.0.0' || host === '::';
	const listens = isEverywhere ? '0.0.0.0' : isIP(host) === 0 ? (await lookup(host, 4)).address : host;
	const port = await freePort(wanted, listens);
	const certificate = await openDirectCertificate(folder, nowMs);

	function hosts(asked?: string): readonly string[] {
		if (!isEverywhere) return [listens];
		if (asked !== undefined && isIP(asked) === 4) return [asked];
		const found = asked === 'localhost' || asked?.endsWith('.localhost') === true ? [] : lanAddresses();
		return found.length === 0 ? ['127.0.0.1'] : found.slice(0, MOST_DOORS);
	}

	return {
		door: { host: listens, port, certificate },
		place: (peer) => ({ peer, certhash: certificate.certhash, doors: hosts().map((one) => ({ host: one, port })) }),
		addresses: (peer, asked) => hosts(asked).map((one) => directAddress({ host: one, port, certhash: certificate.certhash, peer })),
	};
}

/** The native listener says nothing when its port is taken; a socket of our own, closed at once, does. */
async function freePort(wanted: number, host: string): Promise<number> {
	const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
	try {
		await new Promise<void>((resolve, reject) => {
			socket.once('error', reject);
			socket.bind({ port: wanted, address: host, exclusive: true }, resolve);
		});
		const { port } = socket.address();
		await new Promise<void>((resolve) => socket.close(resolve));
		return port;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
		throw new Error(`UDP port ${wanted} is taken by another program. Stop that one, or choose another port with --webrtc-port N, or off.`, {
			cause: error,
		});
	}
}

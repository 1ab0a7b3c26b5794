/**
 * Addresses as text, without libp2p: what a hub tells in `/hub.json`, and how a till reads its hub's peer id out of one.
 *
 * A browser can dial `/ip4|ip6|dns4/<host>/tcp/<port>/ws/p2p/<peer>` (with `/tls/ws` from an https page),
 * `/ip4|ip6/<host>/udp/<port>/webrtc-direct/certhash/<hash>/p2p/<peer>` from whatever page and, once it has a link to an introducer,
 * `/p2p/<introducer>/p2p-circuit/webrtc/p2p/<peer>`.
 */
import type { LanPeer } from '#ports';

/** Where the WebSocket door is, on the HTTP server that also serves the app: one port to open, and the page's own origin for its security policy. */
export const LAN_PATH = '/lan';

/** The address under which the hub is reached at this host (as in the `Host` header, without the port). */
export function websocketAddress({ host, port, peer, secure = false }: { host: string; port: number; peer: string; secure?: boolean }): string {
	const bare = host.replace(/^\[|\]$/g, '');
	const name = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(bare) ? `/ip4/${bare}` : bare.includes(':') ? `/ip6/${bare}` : `/dns4/${bare}`;
	return `${name}/tcp/${port}${secure ? '/tls' : ''}/ws/p2p/${peer}`;
}

/** The address under which the hub is reached by UDP; the host is an IP address. */
export function directAddress({ host, port, certhash, peer }: { host: string; port: number; certhash: string; peer: string }): string {
	return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${port}/webrtc-direct/certhash/${certhash}/p2p/${peer}`;
}

/**
 * Which of a hub's addresses to dial after so many failures. A websocket that nobody answers is refused at once, a datagram that nobody answers costs the whole
 * time of a dial: so webrtc-direct comes one address at a time and, where there are websockets, at every eighth try only: the last of eight, or the first where
 * the likeliest address, which stands first, is one.
 */
export function addressesOfTry(addresses: readonly string[], failures: number): readonly string[] {
	const direct = addresses.filter((address) => transportOf(address) === 'webrtc-direct');
	const others = addresses.filter((address) => transportOf(address) !== 'webrtc-direct');
	const every = others.length === 0 ? 1 : 8;
	const turn = addresses[0] === direct[0] ? 0 : every - 1;
	const one = direct[Math.floor(failures / every) % direct.length];
	return one !== undefined && failures % every === turn ? [one] : others;
}

/** The last peer id of an address: who answers there. */
export function peerOfAddress(address: string): string | undefined {
	return /\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/.exec(address)?.[1];
}

/** From a peer to another one that both are linked to or have reserved at; the shorter form, for the advertised longer one fails between browsers. */
export function introducedAddress(introducer: string, peer: string): string {
	return `/p2p/${introducer}/p2p-circuit/webrtc/p2p/${peer}`;
}

export function transportOf(address: string): LanPeer['transport'] {
	if (address.includes('/webrtc-direct')) return 'webrtc-direct';
	if (address.includes('/webrtc')) return 'webrtc';
	return /\/wss?(?:\/|$)/.test(address) ? 'websocket' : 'other';
}

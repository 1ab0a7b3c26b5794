/**
 * Whether a request comes from a browser or a shell on this very machine, and not from elsewhere through something on it.
 *
 * 1. The socket is loopback, and so is the name in `Host`: a page elsewhere whose name was made to resolve to us (DNS rebinding) has another one.
 * 2. `Origin`, where a browser sends one, is the page that we served ourselves.
 * 3. A request that a proxy passed on is never local, whatever it claims.
 */
import type { IncomingMessage } from 'node:http';
import { isSecure } from './server.ts';

export function isSameMachine({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
	if (!isLoopback(socket.remoteAddress ?? '')) return false;
	if (PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false;
	const host = headers.host;
	if (host === undefined || !isLocalName(hostnameOf(host))) return false;
	const { origin } = headers;
	if (origin === undefined)
		return headers['sec-fetch-site'] === undefined || headers['sec-fetch-site'] === 'same-origin' || headers['sec-fetch-site'] === 'none';
	return origin === `${isSecure({ socket }) ? 'https' : 'http'}://${host}`;
}

/** The name in a `Host` header without its port; empty for what is no name. */
export function hostnameOf(host: string): string {
	return /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase() ?? '';
}

/** As `Host` has it: IPv6 in brackets. */
export function isLocalName(name: string): boolean {
	return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

function isLoopback(address: string): boolean {
	return address === '::1' || /^(::ffff:)?127\./.test(address);
}

const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

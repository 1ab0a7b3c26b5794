/**
 * The hub's https: a second listener that answers what the http one answers, and the pages by which a till comes to trust it.
 *
 * 1. A new certificate is taken while it runs: nobody is cut off, no restart. It is shown even where the disk did not take it.
 * 2. Whoever asks for what says how to trust is told alike on http and https, and learns nothing of the shop.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Clock, Timers } from '#ports';
import type { DataFolder } from '../data-folder.ts';
import { hostnameOf } from '../http/same-machine.ts';
import { closeHttp, createHttps, isSecure, type Answer, type Handler, type HttpDeps } from '../http/server.ts';
import { openAuthority, type Authority } from './authority.ts';
import { machineHosts, othersReach, secureHost } from './hosts.ts';
import { noTrustPage, trustPage, TRUST_SCRIPT } from './trust-page.ts';
import { trustWordsFor } from './trust-words/trust-words.ts';

export interface SecurePlan {
	readonly port: number;
	/** Names and addresses of this machine; absent: as the system has them. */
	readonly hosts?: () => readonly string[];
	readonly lookEveryMs?: number;
}

export interface SecureDoor {
	readonly port: number;
	readonly fingerprint: string;
	/** By what others open the app, where they would ask for `host` by http. */
	urlFor(host: string): string;
	close(): Promise<void>;
}

const LOOK_EVERY_MS = 60_000;
const HTML = 'text/html; charset=utf-8';

export async function openSecureDoor(
	{ port, hosts = machineHosts, lookEveryMs = LOOK_EVERY_MS }: SecurePlan,
	{
		folder,
		host,
		http,
		clock,
		timers,
		log,
	}: {
		folder: DataFolder;
		host: string;
		http: HttpDeps;
		clock: Clock;
		timers: Timers;
		log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
	},
): Promise<SecureDoor & { readonly authority: Authority }> {
	const authority = await openAuthority({ folder, hosts, nowMs: () => clock.nowMs(), name: authorityName() });
	let served = authority.server();
	const server = createHttps(http, served);
	await listen(server, port, host);
	const stopLooking = timers.every(lookEveryMs, async () => {
		try {
			await authority.renew();
		} finally {
			const next = authority.server();
			if (next.cert !== served.cert) {
				server.setSecureContext(next);
				served = next;
				log('new server certificate', { hosts: authority.hosts(), authority: authority.fingerprint });
			}
		}
	});
	const ownPort = (): number => (server.address() as AddressInfo).port;
	return {
		authority,
		get port() {
			return ownPort();
		},
		get fingerprint() {
			return authority.fingerprint;
		},
		urlFor: (asked) => `https://${secureHost(authority.hosts(), asked)}:${ownPort()}`,
		async close() {
			stopLooking();
			await closeHttp(server);
		},
	};
}

/** Undefined where the page leads there anyway. */
function nameUrlOf(open: SecureDoor & { readonly authority: Authority }, secureUrl: string): string | undefined {
	const name = open.authority.hosts().find((host) => host.endsWith('.local'));
	const url = name === undefined ? undefined : open.urlFor(name);
	return url === secureUrl ? undefined : url;
}

/** The same on http and https. `door` is undefined while there is none. */
export function trustRoutes(
	door: () => (SecureDoor & { readonly authority: Authority }) | undefined,
	httpPort: () => number,
): Readonly<Record<string, Handler>> {
	const withDoor = (answer: (open: SecureDoor & { readonly authority: Authority }, request: IncomingMessage) => Answer): Handler => {
		return (request) => {
			const open = door();
			return open === undefined ? { status: 404, body: noTrustPage(trustWordsFor(request)), type: HTML } : answer(open, request);
		};
	};
	return {
		'GET /trust': withDoor((open, request) => {
			const secureUrl = open.urlFor(hostnameOf(request.headers.host ?? ''));
			// The page is for other devices, too: what means this very machine leads them nowhere.
			const url = `http://${secureHost(othersReach(open.authority.hosts()), new URL(secureUrl).hostname)}:${httpPort()}/trust`;
			const name = subjectName(open.authority.certificate);
			return {
				body: trustPage({
					secureUrl,
					nameUrl: nameUrlOf(open, secureUrl),
					url,
					fingerprint: open.fingerprint,
					authorityName: name,
					isSecure: isSecure(request),
					words: trustWordsFor(request),
				}),
				type: HTML,
			};
		}),
		'GET /trust.js': () => ({ body: TRUST_SCRIPT, type: 'text/javascript; charset=utf-8' }),
		// What the page asks from http of https: that it is answered at all is the answer.
		'GET /trust/works': () => ({ body: { works: true }, anyOrigin: true }),
		// Not as a file to save: Safari on iOS and Firefox take it in at once where it comes like this.
		'GET /ca.crt': withDoor(({ authority }) => ({
			...{ body: new Uint8Array(new X509Certificate(authority.certificate).raw), type: 'application/x-x509-ca-cert' },
		})),
		'GET /ca.pem': withDoor(({ authority }) => ({ body: authority.certificate, type: 'application/x-pem-file', fileName: 'ca.pem' })),
	};
}

/** In the lists of a till's system two hubs of a shop must be told apart. */
function authorityName(): string {
	const name = hostname()
		.replace(/[^A-Za-z0-9.-]/g, '')
		.slice(0, 40);
	return name === '' ? 'Holdfast hub' : `Holdfast on ${name}`;
}

function subjectName(certificate: string): string {
	return /CN=(.*)/.exec(new X509Certificate(certificate).subject)?.[1] ?? 'Holdfast';
}

async function listen(server: TlsServer, port: number, host: string): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
}

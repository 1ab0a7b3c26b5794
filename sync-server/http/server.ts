/**
 * The HTTP server of hub and relay: routes that answer JSON or text, files of the app, upgrades.
 *
 * 1. Nothing that a request brings ends the process: a handler that throws answers 500 (an upgrade is cut off), and the log has the reason.
 * 2. Bodies are JSON of at most `MAX_BODY_BYTES`, but for files that a route takes as they are; anything else is a 4xx with a sentence. Nothing of a file is
 *    read before its route says whether it takes it from whoever sends it.
 * 3. Every answer carries the security headers, refusals of upgrades and of what is no HTTP too. What is no page of ours may load and run nothing.
 * 4. Over TLS the same is answered. The certificate may change while it runs; links that are open stay.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface Answer {
	readonly status?: number;
	/** Sent as JSON, unless it is text or bytes. */
	readonly body: unknown;
	/** Of text or bytes, where it is not plain text. */
	readonly type?: string;
	/** The browser saves it as this. */
	readonly fileName?: string;
	/** Pages of other origins may read it: nothing of any shop is in it. */
	readonly anyOrigin?: boolean;
	readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (request: IncomingMessage, body: unknown) => Answer | Promise<Answer>;

/** A file as it lies on somebody's disk, `application/octet-stream`. */
export interface FileHandler {
	readonly mostBytes: number;
	/** An answer for whoever may not send one. */
	readonly refuses: (request: IncomingMessage) => Answer | undefined;
	readonly take: (bytes: Uint8Array) => Promise<Answer>;
}

export interface HttpDeps {
	/** By method and path: `GET /hub.json`. */
	readonly routes: Readonly<Record<string, Handler>>;
	/** By path, to be posted there. */
	readonly fileRoutes?: Readonly<Record<string, FileHandler>>;
	/** For everything else; the app. */
	readonly files?: (request: IncomingMessage, response: ServerResponse) => void;
	/** By path. */
	readonly upgrades: Readonly<Record<string, (request: IncomingMessage, socket: Duplex, head: Buffer) => void>>;
	/** Of pages. */
	readonly contentSecurityPolicy: string;
	/** The certificate is one that every browser trusts: from now on the name is asked for by https alone. */
	readonly onlyHttps?: boolean;
	readonly onAnswered?: (status: number) => void;
	readonly onError: (error: unknown) => void;
}

/** The largest is a receipt of drawn lines on its way to a printer: `MOST_PRINT_BYTES` as base64. */
const MAX_BODY_BYTES = 256 * 1024;
/** Node would answer by itself, without the security headers. */
const OUR_OWN_400 = { requireHostHeader: false };
/** Node looks for slow requests every 30 s: headers that may take 10 would have 40. */
const LOOKS_OFTEN = { connectionsCheckingInterval: 2_000 };

export function createHttp(deps: HttpDeps): Server {
	return equip(createServer({ ...OUR_OWN_400, ...LOOKS_OFTEN }), deps);
}

/** The key and the certificate with its chain, in PEM; `setSecureContext` takes the next ones. */
export function createHttps(deps: HttpDeps, pair: { readonly key: string; readonly cert: string }): TlsServer {
	return equip(createTlsServer({ ...OUR_OWN_400, ...LOOKS_OFTEN, ...pair, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }), deps);
}

/** Whether a request came by TLS to us; a proxy's word is not taken for it. */
export function isSecure({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
	return (socket as TLSSocket).encrypted === true;
}

function equip<Kind extends Server | TlsServer>(
	server: Kind,
	{ routes, fileRoutes = {}, files, upgrades, contentSecurityPolicy, onlyHttps = false, onAnswered, onError }: HttpDeps,
): Kind {
	server.on('request', (request: IncomingMessage, response: ServerResponse) => {
		guard(response);
		response.on('finish', () => onAnswered?.(response.statusCode));
		answer(request, response).catch((error: unknown) => {
			onError(error);
			if (response.headersSent) response.destroy();
			else send(response, { status: 500, body: { error: 'Something went wrong here. The log on the server says what.' } });
		});
	});
	const sockets = new Set<Socket>();
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	openSockets.set(server, sockets);
	if (onlyHttps) server.on('secureConnection', (socket: TLSSocket) => strictSockets.add(socket));
	// After it listens the system may still refuse a socket; unheard, that would end the process.
	server.on('error', onError);
	server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
		if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
		else refuseUpgrade(socket, CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request', '');
	});
	server.on('checkExpectation', (_, response: ServerResponse) => {
		guard(response);
		send(response, { status: 417, body: { error: 'This server expects nothing of that kind.' } });
	});
	server.requestTimeout = 30_000;
	server.headersTimeout = 10_000;
	server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		socket.on('error', () => undefined);
		const handler = upgrades[pathOf(request)];
		if (handler === undefined) return refuseUpgrade(socket, '404 Not Found', '');
		if (!isHandshake(request)) return refuseUpgrade(socket, '400 Bad Request', 'This address is for websockets.');
		try {
			handler(request, socket, head);
		} catch (error) {
			onError(error);
			socket.destroy();
		}
	});
	return server;

	function guard(response: ServerResponse): void {
		response.setHeader('Content-Security-Policy', contentSecurityPolicy);
		for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
		if (onlyHttps) response.setHeader('Strict-Transport-Security', ONLY_HTTPS);
	}

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = pathOf(request);
		if (request.headers.host === undefined && request.httpVersion !== '1.0')
			return send(response, { status: 400, body: { error: 'The request does not say whom it is for (Host).' } });
		const fileHandler = fileRoutes[path];
		if (fileHandler !== undefined && request.method === 'POST') return takeFile(fileHandler, request, response);
		const handler = routes[`${request.method ?? ''} ${path}`];
		if (handler === undefined) {
			const isKnownPath = fileHandler !== undefined || Object.keys(routes).some((route) => route.endsWith(` ${path}`));
			if (isKnownPath && request.method !== 'GET' && request.method !== 'HEAD')
				return send(response, { status: 405, body: { error: 'This address does not take that method.' } });
			// No screen's address begins so: a program that asks for what is not there is told, and not led to a page.
			if (files !== undefined && !path.startsWith('/api/') && (request.method === 'GET' || request.method === 'HEAD'))
				return files(request, response);
			return send(response, { status: 404, body: { error: 'There is nothing at this address.' } });
		}
		if (request.method !== 'POST') return send(response, await handler(request, undefined));
		if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return send(response, { status: 415, body: { error: 'Send JSON.' } });
		const body = await bodyOf(request, MAX_BODY_BYTES);
		if (body === 'too large') return tooLarge(response);
		const json = jsonOf(body);
		return send(response, json === undefined ? { status: 400, body: { error: 'The body is not JSON.' } } : await handler(request, json.value));
	}

	async function takeFile({ mostBytes, refuses, take }: FileHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const refused = refuses(request);
		if (refused !== undefined) {
			response.setHeader('Connection', 'close');
			return send(response, refused);
		}
		if (request.headers['content-type'] !== 'application/octet-stream')
			return send(response, { status: 415, body: { error: 'Send the file as it is, as application/octet-stream.' } });
		const bytes = await bodyOf(request, mostBytes);
		return bytes === 'too large' ? tooLarge(response) : send(response, await take(bytes));
	}

	/** The rest of it is not waited for. */
	function tooLarge(response: ServerResponse): void {
		response.setHeader('Connection', 'close');
		send(response, { status: 413, body: { error: 'The request is too large.' } });
	}
}

/** Those that say `onlyHttps`. */
const strictSockets = new WeakSet<Duplex>();

/** Answers what asked for an upgrade, and waits for nobody to hang up. */
export function refuseUpgrade(socket: Duplex, status: string, sentence: string): void {
	socket.once('finish', () => socket.destroy());
	socket.end(
		[
			...[`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8', `Content-Length: ${Buffer.byteLength(sentence)}`],
			...Object.entries({
				'Content-Security-Policy': NO_PAGE,
				...SECURITY_HEADERS,
				...(strictSockets.has(socket) && { 'Strict-Transport-Security': ONLY_HTTPS }),
			}).map(([name, value]) => `${name}: ${value}`),
			...['', sentence],
		].join('\r\n'),
	);
}

/** RFC 6455, 4.1: what a handler would refuse in its own way, without our headers. */
function isHandshake({ method, headers }: IncomingMessage): boolean {
	return (
		method === 'GET' &&
		headers.upgrade?.toLowerCase() === 'websocket' &&
		headers['sec-websocket-version'] === '13' &&
		/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')
	);
}

/** Node's own closing waits for ever for sockets that were upgraded and that the other side keeps open. */
const openSockets = new WeakMap<Server | TlsServer, ReadonlySet<Socket>>();
const GOODBYE_MS = 500;

/** Takes no more, and ends what is open: at once where nothing is under way, after half a second whatever is. */
export async function closeHttp(server: Server | TlsServer): Promise<void> {
	const closed = new Promise<void>((resolve) => {
		server.close(() => {
			resolve();
		});
	});
	server.closeIdleConnections();
	const timer = setTimeout(() => {
		for (const socket of openSockets.get(server) ?? []) socket.destroy();
	}, GOODBYE_MS);
	await closed;
	clearTimeout(timer);
}

/** What every page may do: only what we serve ourselves. `scriptHashes` are for the inline script that starts the app; `reaches`: whom it may talk to. */
export function policyOf(scriptHashes: readonly string[], reaches: 'anywhere' | 'only us' = 'anywhere'): string {
	return [
		"default-src 'self'",
		`script-src 'self' 'wasm-unsafe-eval'${scriptHashes.map((hash) => ` '${hash}'`).join('')}`,
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:",
		"font-src 'self' data:",
		// A till that carries the branch talks to the relay, wherever that is: its challenge by http, the rest by websocket.
		`connect-src 'self'${reaches === 'anywhere' ? ' ws: wss: http: https:' : ''}`,
		"worker-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join('; ');
}

/** Of what is no page: JSON, text, errors. Opened as one it loads nothing, runs nothing and sends nothing. */
const NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A year; names below ours are somebody else's. */
const ONLY_HTTPS = 'max-age=31536000';
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
	HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
	ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
const SECURITY_HEADERS = {
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'X-Frame-Options': 'DENY',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy':
		'camera=(self), serial=(self), usb=(self), bluetooth=(), hid=(), microphone=(), geolocation=(), display-capture=(), payment=()',
};

function pathOf(request: IncomingMessage): string {
	return (request.url ?? '/').split('?')[0] ?? '/';
}

function send(response: ServerResponse, { status = 200, body, type, fileName, anyOrigin, headers }: Answer): void {
	const isText = typeof body === 'string';
	const isRaw = isText || body instanceof Uint8Array;
	const contentType = isRaw ? (type ?? (isText ? 'text/plain; charset=utf-8' : 'application/octet-stream')) : 'application/json; charset=utf-8';
	response.writeHead(status, {
		'Content-Type': contentType,
		...(contentType.startsWith('text/html') ? {} : { 'Content-Security-Policy': NO_PAGE }),
		'Cache-Control': 'no-store',
		...(fileName === undefined ? {} : { 'Content-Disposition': `attachment; filename="${fileName}"` }),
		...headers,
		...(anyOrigin === true ? { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' } : {}),
	});
	response.end(isRaw ? body : `${JSON.stringify(body)}\n`);
}

async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Buffer | 'too large'> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length > mostBytes) return 'too large';
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function jsonOf(bytes: Buffer): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(bytes.toString('utf8')) as unknown };
	} catch {
		return undefined;
	}
}

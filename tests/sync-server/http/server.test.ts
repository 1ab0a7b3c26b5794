/** The HTTP server alone: whatever comes is answered with a sentence, and nothing ends it. */
import { connect, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeHttp, createHttp, policyOf, refuseUpgrade } from '#server/http/server.ts';

let server: Server;
let port = 0;
const errors: unknown[] = [];
beforeAll(async () => {
	server = createHttp({
		routes: {
			'GET /fails': () => {
				throw new Error('a secret of the server');
			},
			'GET /fails-later': async () => Promise.reject(new Error('a secret of the server')),
			'GET /text': () => ({ body: 'plain\n' }),
			'POST /echo': (_, body) => ({ body }),
		},
		fileRoutes: {
			'/file': {
				mostBytes: 10,
				refuses: ({ headers }) => (headers['x-stranger'] === undefined ? undefined : { status: 403, body: { error: 'Not from you.' } }),
				take: (bytes) => Promise.resolve({ body: { taken: [...bytes] } }),
			},
		},
		upgrades: {
			'/up-fails': () => {
				throw new Error('a secret of the server');
			},
			'/up-refused': (_, socket) => {
				refuseUpgrade(socket, '401 Unauthorized', 'Not you – today.');
			},
		},
		contentSecurityPolicy: policyOf([]),
		onError: (error) => errors.push(error),
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
	await closeHttp(server);
});
beforeEach(() => {
	errors.length = 0;
});

const at = (path: string, init?: RequestInit): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);
const post = (body: string, type = 'application/json'): Promise<Response> => at('/echo', { method: 'POST', body, headers: { 'content-type': type } });
/** Raw bytes, and everything that comes back until the server hangs up. */
const raw = (bytes: string): Promise<string> =>
	new Promise((resolve) => {
		const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
		let text = '';
		socket.on('data', (chunk) => (text += chunk.toString()));
		socket.on('error', () => undefined);
		socket.on('close', () => {
			resolve(text);
		});
		socket.on('end', () => {
			resolve(text);
			setTimeout(() => socket.destroy(), 1_000);
		});
		socket.write(bytes);
	});
const upgradeTo = (path: string): Promise<string> =>
	raw(
		`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
	);

const openSockets = (): Promise<number> =>
	new Promise((resolve, reject) => {
		server.getConnections((error, count) => {
			if (error) reject(error);
			else resolve(count);
		});
	});

test.each(['/fails', '/fails-later'])('1: a handler that throws at %s is a 500 that tells no secret, and the log has the reason', async (path) => {
	const response = await at(path);
	expect(response.status).toBe(500);
	expect(await response.text()).not.toContain('secret');
	expect(String(errors)).toContain('a secret of the server');
	expect(await (await at('/text')).text()).toBe('plain\n');
});

test('1: an upgrade that throws is cut off, one that is refused has its sentence, one to nowhere is a 404', async () => {
	expect(await upgradeTo('/up-fails')).toBe('');
	expect(String(errors)).toContain('a secret of the server');
	const refused = await upgradeTo('/up-refused');
	expect(refused).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
	expect(refused).toMatch(/Not you – today\.$/);
	expect(await upgradeTo('/nowhere')).toMatch(/^HTTP\/1\.1 404 /);
	expect(await upgradeTo('/constructor')).toMatch(/^HTTP\/1\.1 404 /);
});

test('1: who was refused and does not hang up keeps no socket of ours', async () => {
	const before = await openSockets();
	for (let n = 0; n < 5; n += 1) await upgradeTo('/up-refused'); // `raw` keeps its side open for a second more.
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(await openSockets()).toBeLessThanOrEqual(before);
});

test.each([
	'GARBAGE\r\n\r\n',
	'GET /text HTTP/9.9\r\n\r\n',
	'GET  HTTP/1.1\r\nHost: x\r\n\r\n',
	`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
])('1: bytes that are no request end nothing (%#)', async (bytes) => {
	expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
	expect((await at('/text')).status).toBe(200);
});

test('2: bodies are JSON, said to be JSON, and small', async () => {
	expect(await (await post('{"a":[1]}')).json()).toEqual({ a: [1] });
	expect((await post('{"a":1}', 'text/plain')).status).toBe(415); // What a page of another site can send without being asked.
	expect((await post('{"a":')).status).toBe(400);
	expect((await post('')).status).toBe(400);
	expect((await post(JSON.stringify('x'.repeat(250 * 1024)))).status).toBe(200);
	const large = await post(JSON.stringify('x'.repeat(300 * 1024)));
	expect(large.status).toBe(413);
	expect(await large.json()).toEqual({ error: 'The request is too large.' });
	expect(errors).toEqual([]);
});

test('2: a body without end is cut off', async () => {
	const response = await raw(
		`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${`4000\r\n${'x'.repeat(0x4000)}\r\n`.repeat(20)}`,
	);
	expect(response).toMatch(/^HTTP\/1\.1 413 /);
});

test('what is not there is a 404, what takes no such method a 405, and each carries the security headers', async () => {
	for (const [response, status] of [
		[await at('/nothing'), 404],
		[await at('/__proto__'), 404],
		[await at('/text', { method: 'POST' }), 405],
		[await at('/text'), 200],
		[await at('/fails'), 500],
	] as const) {
		expect(response.status).toBe(status);
		expect(response.headers.get('x-content-type-options')).toBe('nosniff');
		expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
		expect(response.headers.get('cache-control')).toBe('no-store');
		await response.arrayBuffer();
	}
});

test('2: a file is taken as it is, up to its bound, and from nobody whom its route refuses', async () => {
	const send = (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
		at('/file', { method: 'POST', body: bytes, headers: { 'content-type': 'application/octet-stream', ...headers } });
	expect(await (await send(new Uint8Array([0, 255, 7]))).json()).toEqual({ taken: [0, 255, 7] });
	expect((await send(new Uint8Array(11))).status).toBe(413);
	expect((await send(new Uint8Array(1), { 'content-type': 'application/json' })).status).toBe(415);
	expect((await at('/file', { method: 'PUT' })).status).toBe(405);
	// More than it would take, of which not a byte is sent: whoever is refused need not be waited for.
	const said = await raw(
		'POST /file HTTP/1.1\r\nHost: x\r\nX-Stranger: 1\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n',
	);
	expect(said).toMatch(/^HTTP\/1\.1 403 /);
	expect(errors).toEqual([]);
});

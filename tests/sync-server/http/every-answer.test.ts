/** Every route of hub and relay, by http and https, asked for well and badly: security headers on all of it, nothing outside the app's folder, nothing for a rebound name. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JOURNAL_PATH } from '#schemas/wire/journal-brought.ts';
import { CHALLENGE_PATH, RELAY_PATH } from '#schemas/wire/relay-admission.ts';
import { LAN_PATH } from '#adapters/lan-libp2p/addresses.ts';
import { makeAuthority, makeServerCertificate } from '#server/tls/certificates.ts';
import type { Hub } from '#server/hub-process.ts';
import type { Relay } from '#server/relay-process.ts';
import { hubAt, relayAt, temporaryFolder } from '../../support/relay-and-shop.ts';

const SERVER = fileURLToPath(new URL('../../../sync-server', import.meta.url));
const SECRET = 'lies-beside-the-app';

interface Answered {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}
interface Place {
	readonly name: string;
	readonly port: number;
	readonly isSecure: boolean;
	readonly isPublicCertificate: boolean;
}

let hub: Hub;
let relays: Relay[] = [];
let places: Place[] = [];
beforeAll(async () => {
	const outside = mkdtempSync(join(tmpdir(), 'holdfast-app-'));
	const app = join(outside, 'app');
	mkdirSync(join(app, '_app/immutable'), { recursive: true });
	writeFileSync(join(app, 'index.html'), '<!doctype html><title>App</title><script>start()</script>');
	writeFileSync(join(app, '_app/immutable/a.js'), 'start()');
	writeFileSync(join(outside, 'secret.txt'), SECRET);
	const authority = await makeAuthority('Test', Date.now());
	const { certificate, key } = await makeServerCertificate(authority, ['localhost'], Date.now());
	writeFileSync(join(outside, 'cert.pem'), certificate);
	writeFileSync(join(outside, 'key.pem'), key);
	hub = await hubAt(temporaryFolder(), undefined, { app, secure: { port: 0 } });
	relays = [
		await relayAt(temporaryFolder(), { app }),
		await relayAt(temporaryFolder(), { app, certificate: { cert: join(outside, 'cert.pem'), key: join(outside, 'key.pem') } }),
	];
	places = [
		{ name: 'hub', port: hub.port, isSecure: false, isPublicCertificate: false },
		{ name: 'hub by https', port: hub.secure?.port ?? 0, isSecure: true, isPublicCertificate: false },
		{ name: 'relay', port: relays[0]?.port ?? 0, isSecure: false, isPublicCertificate: false },
		{ name: 'relay by https', port: relays[1]?.port ?? 0, isSecure: true, isPublicCertificate: true },
	];
});
afterAll(async () => {
	for (const one of [hub, ...relays]) await one.close();
});

function ask({ port, isSecure }: Place, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answered> {
	return new Promise((resolve, reject) => {
		const asking = (isSecure ? requestHttps : requestHttp)(
			{ port, host: '127.0.0.1', method, path, headers, rejectUnauthorized: false, agent: false },
			(response) => {
				let text = '';
				response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
				response.on('end', () => {
					resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
				});
			},
		);
		asking.on('upgrade', (_, socket) => {
			socket.destroy();
			reject(new Error(`${path} was upgraded`));
		});
		asking.once('error', reject).end(body);
	});
}

/** Every route that is written down anywhere in the server. */
function routes(): readonly (readonly [method: string, path: string])[] {
	const files = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.includes('node_modules'));
	const found = files.flatMap((file) => [...readFileSync(join(SERVER, file), 'utf8').matchAll(/'(GET|POST|PUT|DELETE|PATCH) (\/[^']*)'/g)]);
	return [...new Set([...found.map(([, method, path]) => `${method} ${path}`), `GET ${CHALLENGE_PATH}`, `POST ${JOURNAL_PATH}`])].map((route) => {
		const [method = '', path = ''] = route.split(' ');
		return [method, path] as const;
	});
}

function expectGuarded({ headers, body }: Answered, { isPublicCertificate, name }: Place, what: string): void {
	const said = `${name}: ${what}`;
	const policy = String(headers['content-security-policy']);
	for (const part of ["frame-ancestors 'none'", "base-uri 'none'"]) expect([said, policy]).toEqual([said, expect.stringContaining(part)]);
	expect([said, policy.includes('unsafe-eval') && !policy.includes('wasm-unsafe-eval')]).toEqual([said, false]);
	expect([said, /script-src[^;]*(unsafe-inline|\*|https?:)/.test(policy)]).toEqual([said, false]);
	const isJson = String(headers['content-type']).startsWith('application/json');
	expect([said, policy]).toEqual([said, expect.stringMatching(isJson ? /^default-src 'none'/ : /^default-src '(self|none)'/)]);
	expect([said, headers]).toEqual([
		said,
		expect.objectContaining({
			...{
				'x-content-type-options': 'nosniff',
				'referrer-policy': 'no-referrer',
				'x-frame-options': 'DENY',
				'cross-origin-opener-policy': 'same-origin',
			},
			'permissions-policy': expect.stringContaining('camera=(self), serial=(self), usb=(self)') as string,
			'cross-origin-resource-policy': expect.stringMatching(/^(same|cross)-origin$/) as string,
		}),
	]);
	// What any page may read is said on purpose, and then for both.
	expect([said, headers['cross-origin-resource-policy'] === 'cross-origin']).toEqual([said, headers['access-control-allow-origin'] === '*']);
	expect([said, headers['strict-transport-security']]).toEqual([said, isPublicCertificate ? 'max-age=31536000' : undefined]);
	expect([said, body.includes(SECRET)]).toEqual([said, false]);
}

test('every route, asked for as it should be and as it should not', async () => {
	const all = routes();
	expect(all.length).toBeGreaterThan(15);
	for (const place of places) {
		const asks: (readonly [string, string, Record<string, string>?, string?])[] = [
			...all,
			...all.map(([, path]) => ['DELETE', path] as const),
			...all.map(([, path]) => ['HEAD', path] as const),
			...all
				.filter(([method]) => method === 'POST')
				.flatMap(([, path]) => [
					['POST', path, { 'content-type': 'application/json' }, '{"no'] as const,
					['POST', path, { 'content-type': 'application/json' }, '{}'] as const,
					['POST', path, { 'content-type': 'application/json' }, `"${'x'.repeat(300_000)}"`] as const,
				]),
			...[
				'/',
				'/sell',
				'/owner',
				'/api',
				'/api/v1/sales',
				'/api/v1/nothing',
				'/_app/immutable/a.js',
				'/_app/immutable/none.js',
				'/nothing.here',
				RELAY_PATH,
				LAN_PATH,
			].map((path) => ['GET', path] as const),
			['GET', '/', { expect: 'miracles' }],
			...[RELAY_PATH, LAN_PATH, '/elsewhere'].map(
				(path) => ['GET', path, { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'no' }] as const,
			),
		];
		for (const [method, path, headers, body] of asks) {
			const answer = await ask(place, method, path, headers, body).catch((error: unknown) => error as Error);
			// libp2p hangs up on what is no websocket without a word.
			if (answer instanceof Error) expect(`${path} ${answer.message}`).toBe(`${LAN_PATH} socket hang up`);
			else expectGuarded(answer, place, `${method} ${path} ${JSON.stringify(headers ?? {})}`);
		}
	}
});

test('what is no HTTP is answered with the same headers', async () => {
	for (const place of places.filter(({ isSecure }) => !isSecure))
		for (const [bytes, status] of [
			['NONSENSE\r\n\r\n', 400],
			['GET / HTTP/1.1\r\n\r\n', 400],
			[`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
			['GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
		] as const) {
			const text = await new Promise<string>((resolve) => {
				const socket = connect(place.port, '127.0.0.1');
				let all = '';
				socket.on('data', (chunk) => {
					all += chunk.toString();
					socket.end();
				});
				socket.on('error', () => undefined);
				socket.on('close', () => {
					resolve(all);
				});
				socket.write(bytes);
			});
			const [head = '', body = ''] = text.split('\r\n\r\n');
			const headers = Object.fromEntries(
				head
					.split('\r\n')
					.slice(1)
					.map((line) => [line.split(': ')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(': ') + 2)]),
			);
			expect([bytes.slice(0, 20), head.split(' ')[1]]).toEqual([bytes.slice(0, 20), String(status)]);
			expectGuarded({ status, headers, body }, place, bytes.slice(0, 20));
		}
});

test('no path leads out of the app’s folder', async () => {
	for (const place of places)
		for (const path of [
			'/../secret.txt',
			'/%2e%2e/secret.txt',
			'/..%2fsecret.txt',
			'/%2e%2e%2fsecret.txt',
			'/%252e%252e/secret.txt',
			'/..\\secret.txt',
			'/..%5csecret.txt',
			'/_app/../../secret.txt',
			'//secret.txt',
			'/%00',
			'/%',
			'/index.html%00.js',
			'/.%2e/.%2e/key.pem',
		])
			expectGuarded(await ask(place, 'GET', path), place, `GET ${path}`);
});

test('a page elsewhere whose name was made to resolve to us gets no code, no shop and no printer', async () => {
	for (const place of places.slice(0, 2))
		for (const rebound of [
			{ host: 'rebound.example' },
			{ host: `localhost:${place.port}`, origin: 'http://rebound.example' },
			{ host: `localhost:${place.port}`, 'sec-fetch-site': 'cross-site' },
		]) {
			for (const path of ['/join-code', '/setup-code', '/claim-code']) expect((await ask(place, 'GET', path, rebound)).status).toBe(403);
			const told = JSON.parse((await ask(place, 'GET', '/hub.json', rebound)).body) as { local: boolean };
			expect(told.local).toBe(false);
			const claimed = await ask(place, 'POST', '/enrol/claim', { ...rebound, 'content-type': 'application/json' }, JSON.stringify({ kind: 'demo' }));
			expect(claimed.status).toBe(400);
			expect((await ask(place, 'POST', '/print', { ...rebound, 'content-type': 'application/json' }, '{}')).status).toBeGreaterThanOrEqual(400);
		}
	const [here] = places;
	const code = await ask(here as Place, 'GET', '/claim-code', { host: `localhost:${hub.port}` });
	expect(code).toMatchObject({ status: 200, body: `${hub.code()}\n` });
});

/** The hub's https: the same app and links as by http, over a certificate that is changed while it runs, and the pages by which a till comes to trust it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHash, X509Certificate } from 'node:crypto';
import { get, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openDataFolder } from '#server/data-folder.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { othersReach, secureHost } from '#server/tls/hosts.ts';
import { TRUST_LANGUAGES } from '#server/tls/trust-words/trust-words.ts';
import { eventually } from '../../support/eventually.ts';

const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of open) await one.close();
	open.clear();
});

async function hubWith(secure?: Parameters<typeof startHub>[0]['secure']): Promise<Hub & { readonly url: string }> {
	const hub = await startHub({
		...{ folder: openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-secure-')), 'hub'), port: 0, host: '127.0.0.1', app: undefined },
		...{ relay: undefined, log: () => undefined, secure },
	});
	open.add(hub);
	return Object.assign(hub, { url: `http://localhost:${hub.port}` });
}

const authorityOf = async (hub: { readonly url: string }): Promise<string> => (await fetch(`${hub.url}/ca.pem`)).text();

function securely(
	hub: Hub,
	path: string,
	options: RequestOptions,
): Promise<{ readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }> {
	return new Promise((resolve, reject) => {
		get(`https://localhost:${hub.secure?.port}${path}`, { servername: 'localhost', ...options }, (response) => {
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (text: string) => (body += text));
			response.on('end', () => {
				resolve({ status: response.statusCode, headers: response.headers, body });
			});
		}).once('error', reject);
	});
}

/** What is shown to whoever comes now. */
async function shown(hub: Hub): Promise<X509Certificate> {
	const socket = await new Promise<TLSSocket>((resolve, reject) => {
		const connecting = connect({ port: hub.secure?.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
			resolve(connecting);
		}).once('error', reject);
	});
	const certificate = socket.getPeerX509Certificate();
	socket.destroy();
	if (certificate === undefined) throw new Error('no certificate');
	return certificate;
}

test('https answers what http answers, and tells of links by wss to whoever came by https', async () => {
	const hub = await hubWith({ port: 0 });
	const ca = await authorityOf(hub);
	const health = await securely(hub, '/healthz', { ca });
	expect(health.status).toBe(200);
	expect(health.headers['content-security-policy']).toContain("default-src 'none'");
	// The shop's own authority: browsers that never met it must still get to `/trust` by http.
	expect(health.headers['strict-transport-security']).toBeUndefined();
	const secure = JSON.parse((await securely(hub, '/hub.json', { ca })).body) as { multiaddrs: string[]; peer: string };
	expect(secure.multiaddrs).toEqual([`/dns4/localhost/tcp/${hub.secure?.port}/tls/ws/p2p/${secure.peer}`]);
	const plain = (await (await fetch(`${hub.url}/hub.json`)).json()) as { multiaddrs: string[] };
	expect(plain.multiaddrs).toEqual([`/dns4/localhost/tcp/${hub.port}/ws/p2p/${secure.peer}`]);
	await expect(securely(hub, '/healthz', {})).rejects.toThrow(/self-signed|unable to/);
});

test('what only this machine may ask stays so by https, for a page of https too', async () => {
	const hub = await hubWith({ port: 0 });
	const ca = await authorityOf(hub);
	const isLocal = async (headers: Record<string, string>): Promise<unknown> =>
		(JSON.parse((await securely(hub, '/hub.json', { ca, headers })).body) as { local: boolean }).local;
	const host = `localhost:${hub.secure?.port}`;
	expect(await isLocal({ host, origin: `https://${host}` })).toBe(true);
	expect(await isLocal({ host, origin: `http://${host}` })).toBe(false);
	expect(await isLocal({ host: 'shop-pc.local', origin: 'https://shop-pc.local' })).toBe(false);
});

test('1: addresses that change are in the certificate soon, and a link that is open stays', async () => {
	let hosts = ['10.0.0.5', 'localhost'];
	const hub = await hubWith({ port: 0, hosts: () => hosts, lookEveryMs: 20 });
	const ca = await authorityOf(hub);
	const agentless = connect({ port: hub.secure?.port, host: '127.0.0.1', servername: 'localhost', ca });
	let ended = false;
	agentless.on('close', () => (ended = true));
	await new Promise((resolve) => agentless.once('secureConnect', resolve));
	expect((await shown(hub)).checkIP('10.0.0.5')).toBeDefined();
	hosts = ['10.0.0.77', 'localhost'];
	await eventually(async () => (await shown(hub)).checkIP('10.0.0.77') !== undefined, 'the new address is in it');
	expect((await shown(hub)).checkIP('10.0.0.5')).toBeUndefined();
	expect(await authorityOf(hub)).toBe(ca);
	agentless.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
	const answer = await new Promise<string>((resolve) => agentless.once('data', (bytes: Buffer) => resolve(bytes.toString())));
	expect(answer).toMatch(/^HTTP\/1\.1 200/);
	expect(ended).toBe(false);
	agentless.destroy();
	expect((await securely(hub, '/healthz', { ca })).status).toBe(200);
});

test('1: a certificate that the disk did not take is shown all the same', async () => {
	let hosts = ['10.0.0.5', 'localhost'];
	const path = mkdtempSync(join(tmpdir(), 'holdfast-secure-'));
	const hub = await startHub({
		...{ folder: openDataFolder(path, 'hub'), port: 0, host: '127.0.0.1', app: undefined, relay: undefined },
		...{ log: () => undefined, secure: { port: 0, hosts: () => hosts, lookEveryMs: 20 } },
	});
	open.add(hub);
	// A folder in its place: nothing can be written there.
	rmSync(join(path, 'server-certificate.json'));
	mkdirSync(join(path, 'server-certificate.json'));
	hosts = ['10.0.0.77', 'localhost'];
	await eventually(async () => (await shown(hub)).checkIP('10.0.0.77') !== undefined, 'the new address is in it');
});

test('the page names the address that stays when the router gives another one, and says what a till does that was opened by the old one', async () => {
	const hub = await hubWith({ port: 0, hosts: () => ['192.168.7.7', 'shop-pc.local', 'localhost', '127.0.0.1'] });
	const html = await (await fetch(`${hub.url}/trust`)).text();
	expect(html).toContain(`<a href="https://shop-pc.local:${hub.secure?.port}/">`);
	expect(html).toContain('Settings → Where the hub is');
	const nameless = await hubWith({ port: 0, hosts: () => ['192.168.7.7', 'localhost', '127.0.0.1'] });
	const without = await (await fetch(`${nameless.url}/trust`)).text();
	expect(without).not.toContain('.local:');
	expect(without).toContain('Settings → Where the hub is');
});

test('the page speaks the language of the browser, or the one that is chosen on it, and names the till’s own menus as the till does', async () => {
	const hub = await hubWith({ port: 0, hosts: () => ['192.168.7.7', 'localhost'] });
	const read = async (query: string, accepted: string): Promise<string> =>
		(await fetch(`${hub.url}/trust${query}`, { headers: { 'accept-language': accepted } })).text();
	expect(await read('', 'xx, de-AT;q=0.9, en;q=0.5')).toContain('<html lang="de" dir="ltr">');
	expect(await read('?language=ar', 'de')).toContain('<html lang="ar" dir="rtl">');
	expect(await read('?language=klingon', 'xx')).toContain('<html lang="en" dir="ltr">');
	for (const { language } of TRUST_LANGUAGES) {
		const html = await read(`?language=${language}`, '');
		const messages = JSON.parse(readFileSync(new URL(`../../../app/languages/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
		expect(html, language).toMatch(new RegExp(`<b>${messages['screen_settings']} [→←] ${messages['settings_where_hub']}</b>`));
		expect(html, language).not.toMatch(/NAME|undefined|\[object/);
		for (const { language: other } of TRUST_LANGUAGES) expect(html).toContain(`href="/trust?language=${other}"`);
	}
});

test('opened on the hub’s own machine the page still leads other devices to an address of the LAN', async () => {
	const hub = await hubWith({ port: 0, hosts: () => ['127.0.0.1', '192.168.7.7', 'localhost'] });
	const html = await (await fetch(`${hub.url}/trust`)).text();
	expect(html).toContain(`https://localhost:${hub.secure?.port}/`);
	expect(html).toContain(`http://192.168.7.7:${hub.port}/trust`);
	expect(html).not.toContain(`http://localhost:${hub.port}/trust`);
});

test('2: the page that says how to trust is alike by http and https, needs no script, and has nothing of the shop', async () => {
	const hub = await hubWith({ port: 0, hosts: () => ['192.168.7.7', 'localhost'] });
	const ca = await authorityOf(hub);
	const response = await fetch(`${hub.url}/trust`);
	expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
	const html = await response.text();
	for (const words of ['Windows', 'macOS', 'iPhone', 'Android', 'ChromeOS', 'Linux', 'Firefox', 'Chrome', '/ca.crt', '<svg'])
		expect(html).toContain(words);
	expect(html.replaceAll('<wbr>', '')).toContain(hub.secure?.fingerprint);
	expect(html).not.toMatch(/<script(?! src="\/trust\.js")/);
	expect((await securely(hub, '/trust', { ca })).body).toContain(`https://localhost:${hub.secure?.port}`);
	expect((await fetch(`${hub.url}/trust.js`)).headers.get('content-type')).toContain('text/javascript');
	const works = await fetch(`${hub.url}/trust/works`);
	expect(works.headers.get('access-control-allow-origin')).toBe('*');
	expect(await works.json()).toEqual({ works: true });
	expect((await fetch(`${hub.url}/healthz`)).headers.get('access-control-allow-origin')).toBeNull();
});

test('2: the certificate comes as systems want it, and never its key', async () => {
	const hub = await hubWith({ port: 0 });
	const response = await fetch(`${hub.url}/ca.crt`);
	expect(response.headers.get('content-type')).toBe('application/x-x509-ca-cert');
	const certificate = new X509Certificate(Buffer.from(await response.arrayBuffer()));
	expect(certificate.ca).toBe(true);
	expect(createHash('sha256').update(certificate.raw).digest('hex').toUpperCase()).toBe(hub.secure?.fingerprint.replaceAll(':', ''));
	const pem = await authorityOf(hub);
	expect(new X509Certificate(pem).fingerprint256).toBe(certificate.fingerprint256);
	expect(pem).not.toContain('PRIVATE');
});

test('a name that somebody made up for the hub comes back neither in the page nor in an address', async () => {
	const hub = await hubWith({ port: 0, hosts: () => ['192.168.7.7', 'localhost'] });
	const ca = await authorityOf(hub);
	for (const host of ['evil.example', '"><script>', 'localhost.evil.example:1']) {
		const { body } = await securely(hub, '/trust', { ca, headers: { host } });
		expect(body).not.toContain('evil');
		expect(body).not.toContain('"><script>');
		expect(body).toContain(`https://192.168.7.7:${hub.secure?.port}`);
	}
});

test('a hub without https says so, and has no certificate', async () => {
	const hub = await hubWith();
	expect(hub.secure).toBeUndefined();
	expect(await (await fetch(`${hub.url}/trust`)).text()).toContain('--https-port');
	expect((await fetch(`${hub.url}/ca.crt`)).status).toBe(404);
});

test('a websocket gets to the door of the LAN by wss, and the hub stops with it open', async () => {
	const hub = await hubWith({ port: 0 });
	const ca = await authorityOf(hub);
	const socket = new WebSocket(`wss://localhost:${hub.secure?.port}/lan`, { ca });
	// Without a shop the LAN is closed: the door itself answers.
	const status = await new Promise((resolve) => socket.once('unexpected-response', (_, response) => resolve(response.statusCode)));
	expect(status).toBe(503);
	socket.on('error', () => undefined);
	const hanging = connect({ port: hub.secure?.port, host: '127.0.0.1', servername: 'localhost', ca });
	hanging.on('error', () => undefined);
	await new Promise((resolve) => hanging.once('secureConnect', resolve));
	await hub.close();
	open.clear();
	hanging.destroy();
	await expect(securely(hub, '/healthz', { ca })).rejects.toThrow();
});

test('where a device is sent: by the name it asked for, else by an address of the LAN before this machine’s own', () => {
	const hosts = ['127.0.0.1', '169.254.3.3', '192.168.1.10', '::1', 'fd00::2', 'localhost', 'shop-pc.local'];
	expect(secureHost(hosts, 'shop-pc.local')).toBe('shop-pc.local');
	expect(secureHost(hosts, '[fd00::2]')).toBe('[fd00::2]');
	expect(secureHost(hosts, '203.0.113.9')).toBe('192.168.1.10');
	expect(secureHost(['127.0.0.1', 'localhost', 'shop-pc.local'], '203.0.113.9')).toBe('shop-pc.local');
	expect(othersReach(hosts)).toEqual(['169.254.3.3', '192.168.1.10', 'fd00::2', 'shop-pc.local']);
	expect(othersReach(['127.0.0.1', 'localhost'])).toEqual(['127.0.0.1', 'localhost']);
});

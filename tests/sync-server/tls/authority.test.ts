/** The shop's own certificates: what they may and may not vouch for is asked of OpenSSL, by real TLS connections and by reading them back. */
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { FolderTaken, openDataFolder } from '#server/data-folder.ts';
import { openAuthority, type Authority } from '#server/tls/authority.ts';
import { isPermitted, makeAuthority, makeServerCertificate } from '#server/tls/certificates.ts';

const DAY_MS = 86_400_000;
const HOSTS = ['192.168.1.10', 'fd00::2', 'shop-pc.local', 'localhost', '127.0.0.1'];
const release = new Set<() => void>();
afterEach(() => {
	for (const end of release) end();
	release.clear();
});

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-tls-'));

function open(path: string, { hosts = HOSTS, nowMs = Date.now() }: { hosts?: readonly string[] | (() => readonly string[]); nowMs?: number } = {}) {
	const folder = openDataFolder(path, 'hub');
	release.add(folder.release);
	const opened = openAuthority({ folder, hosts: typeof hosts === 'function' ? hosts : () => hosts, nowMs: () => nowMs, name: 'Holdfast on shop-pc' });
	return opened.finally(() => {
		folder.release();
		release.delete(folder.release);
	});
}

const leafOf = (authority: Authority): X509Certificate => new X509Certificate(authority.server().cert);
const daysOf = (certificate: X509Certificate): number => (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY_MS;

async function serve(pair: { readonly key: string; readonly cert: string }): Promise<Server> {
	const server = createServer(pair, (_, response) => response.end('yes'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	release.add(() => server.close());
	return server;
}

/** Undefined when a client that trusts only `ca` accepts the server under this name; else why not. */
function refusal(server: Server, host: string, ca: string): Promise<string | undefined> {
	return new Promise((resolve) => {
		const socket = connect({
			...{ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca },
			checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
		});
		socket.once('secureConnect', () => {
			socket.destroy();
			resolve(undefined);
		});
		socket.once('error', (error: NodeJS.ErrnoException) => {
			resolve(error.code === 'UNSPECIFIED' || error.code === undefined ? error.message : error.code);
		});
	});
}

test('1: the authority is for ten years, is the same after a restart, and nobody else reads its key', async () => {
	const path = temporary();
	const first = await open(path);
	const authority = new X509Certificate(first.certificate);
	expect(authority.ca).toBe(true);
	expect(authority.subject).toContain('CN=Holdfast on shop-pc');
	expect(daysOf(authority)).toBeGreaterThan(3_650);
	expect(authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
	for (const name of ['authority.json', 'server-certificate.json']) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
	const again = await open(path);
	expect(again.fingerprint).toBe(first.fingerprint);
	expect(again.server()).toEqual(first.server());
	expect(first.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test('1: a key that came back from a backup open to everybody is closed again', async () => {
	const path = temporary();
	await open(path);
	for (const name of ['authority.json', 'server-certificate.json']) chmodSync(join(path, name), 0o644);
	await open(path);
	for (const name of ['authority.json', 'server-certificate.json']) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
});

test('2: a clock that was ahead for a while costs no till its trust: the authority comes back, after a restart and while it runs', async () => {
	const path = temporary();
	const nowMs = Date.now();
	const first = await open(path, { nowMs });
	const ahead = await open(path, { nowMs: nowMs + 20 * 365 * DAY_MS });
	expect(ahead.fingerprint).not.toBe(first.fingerprint);
	expect(statSync(join(path, 'authority-before.json')).mode & 0o777).toBe(0o600);
	const right = await open(path, { nowMs });
	expect(right.fingerprint).toBe(first.fingerprint);
	expect(await refusal(await serve(right.server()), 'localhost', first.certificate)).toBeUndefined();

	let clockMs = nowMs;
	const folder = openDataFolder(path, 'hub');
	release.add(folder.release);
	const running = await openAuthority({ folder, hosts: () => HOSTS, nowMs: () => clockMs, name: 'Holdfast on shop-pc' });
	clockMs = nowMs + 20 * 365 * DAY_MS;
	// What has ended is not shown until the next start.
	expect(await running.renew()).toBe(true);
	expect(running.fingerprint).not.toBe(first.fingerprint);
	expect(Date.parse(leafOf(running).validTo)).toBeGreaterThan(clockMs);
	clockMs = nowMs;
	expect(await running.renew()).toBe(true);
	expect(running.fingerprint).toBe(first.fingerprint);
	expect(await running.renew()).toBe(false);
});

test('3: a hub that starts with its clock in 1970 shows what tills with the right time take, and makes it once', async () => {
	const path = temporary();
	const first = await open(path);
	const early = await open(path, { nowMs: 0, hosts: [...HOSTS, '10.9.9.9'] });
	expect(early.fingerprint).toBe(first.fingerprint);
	expect(await refusal(await serve(early.server()), '10.9.9.9', first.certificate)).toBeUndefined();
	expect(await early.renew()).toBe(false);
});

test('a client that trusts the authority accepts the hub under each of its names and addresses, and under no other', async () => {
	const authority = await open(temporary());
	const server = await serve(authority.server());
	for (const host of HOSTS) expect(await refusal(server, host, authority.certificate), host).toBeUndefined();
	for (const host of ['192.168.1.11', 'other.local', 'bank.example'])
		expect(await refusal(server, host, authority.certificate), host).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
	const other = await open(temporary());
	expect(await refusal(server, 'localhost', other.certificate)).toBeDefined();
	expect(daysOf(leafOf(authority))).toBeLessThanOrEqual(397);
	expect(leafOf(authority).ca).toBe(false);
});

test.each(['bank.example', '192.0.2.2', '2001:db8::1', '192.169.0.1', 'notlocalhost', '172.32.0.1'])(
	'a thief of the authority cannot vouch for %s',
	async (host) => {
		expect(isPermitted(host)).toBe(false);
		const authority = await makeAuthority('Holdfast', Date.now());
		const stolen = await makeServerCertificate(authority, [host], Date.now());
		const server = await serve({ key: stolen.key, cert: stolen.certificate + authority.certificate });
		expect(await refusal(server, host, authority.certificate)).toBe('permitted subtree violation');
	},
);

test.each([
	'10.1.2.3',
	'172.16.0.1',
	'172.31.255.255',
	'192.168.0.1',
	'100.64.0.1',
	'169.254.1.1',
	'127.0.0.9',
	'::1',
	'fe80::1',
	'fd12:3456::7',
	'a.local',
	'till-2.localhost',
])('the authority vouches for %s', async (host) => {
	expect(isPermitted(host)).toBe(true);
	const authority = await makeAuthority('Holdfast', Date.now());
	const pair = await makeServerCertificate(authority, [host], Date.now());
	const server = await serve({ key: pair.key, cert: pair.certificate + authority.certificate });
	expect(await refusal(server, host, authority.certificate)).toBeUndefined();
});

test('an address that the authority may not vouch for is left out and spoils nothing', async () => {
	const authority = await open(temporary(), { hosts: ['192.0.2.2', '10.0.0.5', 'fe80::1%eth0'] });
	expect(authority.hosts()).toEqual(['10.0.0.5', 'fe80::1']);
});

test('3: a new address makes a new certificate of the same authority, the same addresses in another order do not', async () => {
	const path = temporary();
	let hosts = ['10.0.0.5', 'localhost'];
	const authority = await open(path, { hosts: () => hosts });
	const before = authority.server();
	hosts = ['localhost', '10.0.0.5', '10.0.0.5'];
	expect(await authority.renew()).toBe(false);
	hosts = ['10.0.0.6', 'localhost'];
	expect(await authority.renew()).toBe(true);
	expect(authority.hosts()).toEqual(['10.0.0.6', 'localhost']);
	expect(authority.server().cert).not.toBe(before.cert);
	expect(leafOf(authority).checkIssued(new X509Certificate(authority.certificate))).toBe(true);
});

test('3: thirty days before its end there is a new one; with the clock set back too', async () => {
	const path = temporary();
	const nowMs = Date.now();
	const first = await open(path, { nowMs });
	const endMs = Date.parse(leafOf(first).validTo);
	expect((await open(path, { nowMs: endMs - 31 * DAY_MS })).server()).toEqual(first.server());
	const later = await open(path, { nowMs: endMs - 29 * DAY_MS });
	expect(Date.parse(leafOf(later).validTo)).toBeGreaterThan(endMs + 300 * DAY_MS);
	expect(later.fingerprint).toBe(first.fingerprint);
	const back = await open(path, { nowMs });
	expect(Date.parse(leafOf(back).validFrom)).toBeLessThan(nowMs);
});

test('3: a server certificate never lasts longer than its authority, and is not made again and again then', async () => {
	const path = temporary();
	const first = await open(path);
	const endMs = Date.parse(new X509Certificate(first.certificate).validTo);
	const last = await open(path, { nowMs: endMs - 10 * DAY_MS });
	expect(Date.parse(leafOf(last).validTo)).toBe(endMs);
	expect(await last.renew()).toBe(false);
	const after = await open(path, { nowMs: endMs + DAY_MS });
	expect(after.fingerprint).not.toBe(first.fingerprint);
});

test('2: a damaged authority is one clear sentence, and nothing is written over it', async () => {
	const path = temporary();
	await open(path);
	const file = join(path, 'authority.json');
	const good = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
	const foreign = await makeAuthority('Another', Date.now());
	const leaf = JSON.parse(readFileSync(join(path, 'server-certificate.json'), 'utf8')) as unknown;
	const damages = [
		'',
		'{"key":',
		'{}',
		'null',
		JSON.stringify({ ...good, key: foreign.key }),
		JSON.stringify({ ...good, certificate: 'no PEM' }),
		JSON.stringify(leaf),
	];
	for (const damage of damages) {
		writeFileSync(file, damage);
		const error = await open(path).catch((caught: unknown) => caught);
		expect(error, damage).toBeInstanceOf(FolderTaken);
		expect((error as Error).message).toMatch(/authority\.json in .* is damaged\. Put it back from a backup/);
		expect(readFileSync(file, 'utf8')).toBe(damage);
	}
});

test('3: a damaged or foreign server certificate is simply made anew', async () => {
	const path = temporary();
	const first = await open(path);
	const foreign = await makeServerCertificate(await makeAuthority('Another', Date.now()), HOSTS, Date.now());
	for (const damage of ['', 'null', '{"key":1}', JSON.stringify(foreign)]) {
		writeFileSync(join(path, 'server-certificate.json'), damage);
		const again = await open(path);
		expect(again.fingerprint).toBe(first.fingerprint);
		expect(leafOf(again).checkIssued(new X509Certificate(again.certificate))).toBe(true);
		expect(await refusal(await serve(again.server()), 'localhost', again.certificate)).toBeUndefined();
	}
});

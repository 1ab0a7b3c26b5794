/** A relay on certificate files: refused in plain words, renewed without a restart, over real TLS on loopback. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createMeters } from '#server/operation/meters.ts';
import { makeAuthority, makeServerCertificate, type KeyAndCertificate } from '#server/tls/certificates.ts';
import { CertificateProblem, readCertificate, type CertificateFiles } from '#server/tls/given-certificate.ts';
import { eventually } from '../../support/eventually.ts';
import { relayAt, temporaryFolder } from '../../support/relay-and-shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
let authority: KeyAndCertificate;
let [pair, another, old, later]: KeyAndCertificate[] = [];
beforeAll(async () => {
	authority = await makeAuthority('Test', NOW_MS);
	const serverAt = (ms: number) => makeServerCertificate(authority, ['localhost', '127.0.0.1'], ms);
	[pair, another, old, later] = [
		await serverAt(NOW_MS),
		await serverAt(NOW_MS),
		await serverAt(NOW_MS - 500 * DAY_MS),
		await serverAt(NOW_MS + 30 * DAY_MS),
	];
});

const folder = mkdtempSync(join(tmpdir(), 'holdfast-given-'));
let files = 0;
function inFiles(cert: string | undefined, key: string | undefined): CertificateFiles {
	const at = join(folder, String((files += 1)));
	write({ cert: `${at}.crt`, key: `${at}.key` }, cert, key);
	return { cert: `${at}.crt`, key: `${at}.key` };
}
function write(into: CertificateFiles, cert: string | undefined, key: string | undefined): void {
	if (cert !== undefined) writeFileSync(into.cert, cert);
	if (key !== undefined) writeFileSync(into.key, key);
}

function problem(named: CertificateFiles): string {
	try {
		readCertificate(named, NOW_MS);
	} catch (error) {
		expect(error).toBeInstanceOf(CertificateProblem);
		return (error as Error).message;
	}
	throw new Error('it was taken');
}

test('1: each thing that can be wrong with the files is said in words, with what to do', () => {
	const { certificate, key } = pair as KeyAndCertificate;
	const missing = inFiles(undefined, key);
	expect(problem(missing)).toBe(`There is no file ${missing.cert}. Name another one with --cert FILE.`);
	const keyless = inFiles(certificate, undefined);
	expect(problem(keyless)).toBe(`There is no file ${keyless.key}. Name another one with --key FILE.`);
	expect(problem({ cert: folder, key: keyless.key })).toMatch(/cannot be read: .*EISDIR.* Name another one with --cert FILE\.$/);
	expect(problem(inFiles('no pem', key))).toMatch(/holds no certificate in PEM/);
	expect(problem(inFiles(certificate.replace(/[A-Za-z0-9]{40}/, 'broken'), key))).toMatch(/is damaged\. Fetch it again\.$/);
	expect(problem(inFiles(certificate, 'no pem'))).toMatch(/holds no private key in PEM/);
	const { privateKey } = generateKeyPairSync('ec', {
		namedCurve: 'P-256',
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
	});
	expect(problem(inFiles(certificate, privateKey))).toMatch(/asks for a password/);
	expect(problem(inFiles(certificate, another?.key))).toMatch(/is not that of the certificate in .*\. Give the two files that were made together\.$/);
	expect(problem(inFiles(old?.certificate, old?.key))).toMatch(/ended on \d{4}-\d\d-\d\d\. Renew it, or correct this machine's clock/);
	expect(problem(inFiles(later?.certificate, later?.key))).toMatch(
		/begins on \d{4}-\d\d-\d\d, and this machine's clock says .* Correct the clock\.$/,
	);
	expect(readCertificate(inFiles(certificate, key), NOW_MS).endsAtMs).toBeGreaterThan(NOW_MS);
});

test.each([
	[['--cert', 'only.crt'], 2, '--cert FILE and --key FILE go together: the certificate, and the key that it was made for.\n'],
	[['--cert', 'no.crt', '--key', 'no.key'], 1, 'There is no file no.crt. Name another one with --cert FILE.\n'],
])('1: the relay itself refuses %j', (args, status, sentence) => {
	const program = fileURLToPath(new URL('../../../sync-server/relay.ts', import.meta.url));
	const done = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, '--data', temporaryFolder(), ...args], {
		encoding: 'utf8',
	});
	expect(done).toMatchObject({ status, stderr: sentence, stdout: '' });
});

interface Answered {
	readonly status: number | undefined;
	readonly headers: IncomingHttpHeaders;
}
const securely = (port: number, path: string): Promise<Answered> =>
	new Promise((resolve, reject) => {
		get(`https://localhost:${port}${path}`, { servername: 'localhost', ca: authority.certificate, agent: false }, (response) => {
			response.resume();
			resolve({ status: response.statusCode, headers: response.headers });
		}).once('error', reject);
	});

/** Whose certificate is shown to whoever comes now. */
async function shown(port: number): Promise<string | undefined> {
	const socket = await new Promise<TLSSocket>((resolve, reject) => {
		const connecting = connect({ port, host: 'localhost', servername: 'localhost', ca: authority.certificate }, () => {
			resolve(connecting);
		}).once('error', reject);
	});
	const { serialNumber } = socket.getPeerX509Certificate() ?? {};
	socket.destroy();
	return serialNumber;
}

test('2: renewed files are taken while a link is open; half a pair is not, and the log says why', async () => {
	const [first, second] = [pair as KeyAndCertificate, another as KeyAndCertificate];
	const named = inFiles(first.certificate, first.key);
	const events: [string, Readonly<Record<string, unknown>>][] = [];
	const meters = createMeters('relay');
	const relay = await relayAt(temporaryFolder(), {
		...{ certificate: { ...named, lookEveryMs: 20 }, meters },
		log: (event, detail) => {
			events.push([event, detail]);
		},
	});
	open.push(relay);
	const answer = await securely(relay.port, '/readyz');
	expect(answer.status).toBe(200);
	expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
	expect(await meters.text()).toMatch(/holdfast_certificate_expiry_timestamp_seconds\{role="relay"\} [1-9]/);
	const before = await shown(relay.port);

	const staying = connect({ port: relay.port, host: 'localhost', servername: 'localhost', ca: authority.certificate });
	await new Promise((resolve) => staying.once('secureConnect', resolve));
	write(named, second.certificate, undefined);
	await eventually(() => events.some(([event]) => event === 'certificate not taken'), 'half a pair is not taken');
	expect(await shown(relay.port)).toBe(before);
	write(named, undefined, second.key);
	await eventually(async () => (await shown(relay.port)) !== before, 'the new pair is shown');
	expect(events.filter(([event]) => event === 'certificate not taken')).toEqual([
		['certificate not taken', { why: expect.stringContaining('Give the two files that were made together.') as string }],
	]);
	expect(JSON.stringify(events)).not.toContain('PRIVATE KEY');
	staying.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
	expect(await new Promise((resolve) => staying.once('data', (bytes: Buffer) => resolve(bytes.toString().slice(0, 12))))).toBe('HTTP/1.1 200');
	staying.destroy();
});

test('websockets are asked for by wss, and plain http gets no answer there', async () => {
	const { certificate, key } = pair as KeyAndCertificate;
	const relay = await relayAt(temporaryFolder(), { certificate: inFiles(certificate, key) });
	open.push(relay);
	const socket = new WebSocket(`wss://localhost:${relay.port}/relay`, { ca: authority.certificate });
	const refusal = await new Promise<number | undefined>((resolve) => {
		socket.on('error', () => undefined);
		socket.once('unexpected-response', (_, response) => {
			resolve(response.statusCode);
			socket.terminate();
		});
	});
	expect(refusal).toBe(401);
	await expect(fetch(`http://localhost:${relay.port}/healthz`)).rejects.toThrow();
});

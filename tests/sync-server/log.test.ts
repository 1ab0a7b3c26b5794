/** The log: one shape, levels, a bounded file; and no secret in it, in what the code cuts out and in what hub and relay write when they really run. */
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { CustomerId, IntentKey } from '#schemas/ids.ts';
import { levelOf, openLog, withoutSecrets } from '#server/log.ts';
import { hexOf } from '#schemas/cbor.ts';
import { eventually } from '../support/eventually.ts';
import { hubAt, isAllInCloud, sellBread, temporaryFolder, tillThatClaims } from '../support/relay-and-shop.ts';
import { freePort } from '../support/free-port.ts';
import { serve } from '../support/shop-processes.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const folder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-log-'));
const linesOf = (path: string): Record<string, unknown>[] =>
	readFileSync(path, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);

test('1: each line is time, level and event, and what belongs to the event', () => {
	const path = folder();
	const log = openLog({ to: 'file', folder: path, name: 'hub' });
	log('branch opened', { key: 'a-b' });
	log('record does not answer', { reason: 'gone' });
	log('request failed', { error: 'Error: x' });
	expect(linesOf(join(path, 'hub.log'))).toEqual([
		{ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string, level: 'info', event: 'branch opened', key: 'a-b' },
		{ time: expect.any(String) as string, level: 'warn', event: 'record does not answer', reason: 'gone' },
		{ time: expect.any(String) as string, level: 'error', event: 'request failed', error: 'Error: x' },
	]);
	// Customers and shops are named in nothing else; the file is its owner's all the same.
	expect(statSync(join(path, 'hub.log')).mode & 0o077).toBe(0);
});

test('1: a level leaves out what is less grave', () => {
	const path = folder();
	const log = openLog({ to: 'file', folder: path, name: 'hub', level: 'warn' });
	log('branch opened', {});
	log('links ended', {});
	expect(linesOf(join(path, 'hub.log')).map(({ event }) => event)).toEqual(['links ended']);
});

test('1: every event that has a level of its own is one that the server logs', () => {
	const server = fileURLToPath(new URL('../../sync-server', import.meta.url));
	const lan = fileURLToPath(new URL('../../app/adapters/lan-libp2p', import.meta.url));
	const all = [server, lan].flatMap((place) =>
		readdirSync(place, { recursive: true, encoding: 'utf8' })
			.filter((file) => file.endsWith('.ts') && file !== 'log.ts')
			.map((file) => readFileSync(join(place, file), 'utf8')),
	);
	const table = /const WARNINGS = new Set\(\[([\s\S]*?)\]\);/.exec(readFileSync(join(server, 'log.ts'), 'utf8'))?.[1] ?? '';
	const warnings = [...table.matchAll(/'([^']+)'/g)].map(([, event]) => event ?? '');
	expect(warnings.length).toBeGreaterThan(8);
	for (const event of warnings) {
		expect(levelOf(event, { error: 'x' })).toBe('warn');
		expect([event, all.some((text) => text.includes(`log('${event}'`))]).toEqual([event, true]);
	}
});

test.each([
	[{ joinCode: 'ABCDEF', claimCode: 'X', code: 'Y', PIN: '1234', oldPin: '1' }, ['ABCDEF', '1234', '"X"', '"Y"']],
	[{ error: 'connect postgres://shop:hunter2@db:5432/x failed' }, ['hunter2']],
	[{ error: new Error('GET /x?proof=deadbeef&chain=cafe&ok=1') }, ['deadbeef', 'cafe']],
	[{ request: { headers: { authorization: 'Bearer abc', cookie: 'session=1' } } }, ['abc', 'session']],
	[{ said: 'Authorization: Bearer hfr.0123456789ab.secretsecret' }, ['secretsecret']],
	[{ said: 'a token hfr.0123456789ab.secretsecret was sent' }, ['secretsecret']],
	[{ why: '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----' }, ['MIGHAgEAMBMG']],
	[{ list: [{ token: 't0k' }] }, ['t0k']],
	[{ a: { b: { c: { d: { token: 't0k' } } } } }, ['t0k']],
])('2: what looks like a secret is cut out of %j', (detail, secrets) => {
	const text = JSON.stringify(withoutSecrets(detail));
	for (const secret of secrets) expect(text).not.toContain(secret);
	expect(text).toContain('…');
});

test('2: what is no secret stays', () => {
	const detail = { key: 'store-branch', device: 'ab'.repeat(32), url: 'ws://relay.example:4500', status: '401', list: [1, null, true] };
	expect(withoutSecrets(detail)).toEqual(detail);
});

test('3: the file is bounded, and the one before is kept', () => {
	const path = folder();
	const log = openLog({ to: 'file', folder: path, name: 'hub' }, 1_000);
	for (let n = 0; n < 100; n += 1) log('branch opened', { key: `k${n}` });
	expect(readdirSync(path).sort()).toEqual(['hub.log', 'hub.log.1']);
	for (const name of ['hub.log', 'hub.log.1']) expect(statSync(join(path, name)).size).toBeLessThan(1_200);
	expect(linesOf(join(path, 'hub.log')).at(-1)?.['key']).toBe('k99');
});

test('2: a hub and a relay that run log nothing that was to stay secret', async () => {
	const [relayPath, hubPath] = [temporaryFolder(), temporaryFolder()];
	const relayPort = await freePort();
	let output = '';
	const hear = (text: string): void => {
		output += text;
	};
	const relay = await serve('relay', { data: relayPath, port: String(relayPort), log: 'json' }, hear);
	open.push({ close: () => relay.stop().then(() => undefined) });
	const hub = await hubAt(hubPath, `ws://127.0.0.1:${relayPort}`, { log: openLog({ to: 'file', folder: hubPath, name: 'hub' }) });
	open.push(hub);
	const hubUrl = `http://127.0.0.1:${hub.port}`;
	const secrets: string[] = [];
	const textAt = async (path: string): Promise<string> => (await (await fetch(`${hubUrl}${path}`)).text()).trim();
	secrets.push(await textAt('/claim-code'));
	const till = await tillThatClaims(hubUrl);
	open.push(till);
	secrets.push(await textAt('/join-code'));

	// A customer, whose key is known here alone and whose name is sealed; a person's PIN; wrong codes; tokens; proofs.
	const made = await till.branch.keys?.makeCustomer();
	if (made === undefined) throw new Error('no key for a customer');
	const name = 'Ada Planted-Lovelace';
	const sealed = Buffer.from(name).toString('hex');
	await till.till.perform({ intent: 'add-customer', customer: made.customer as CustomerId, sealed, contacts: [] }, 'planted-customer-1' as IntentKey);
	await sellBread(till);
	const post = (path: string, body: unknown): Promise<Response> =>
		fetch(`${hubUrl}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	await post('/enrol/join', { code: 'PLANTEDCODE', device: 'x', proof: 'plantedproof' });
	await post('/print', { printer: 'x', bytes: 'plantedreceipt', proof: 'plantedproof' });
	await fetch(`http://127.0.0.1:${relayPort}/api/sales?token=plantedtoken`, { headers: { authorization: 'Bearer hfr.0123456789ab.plantedbearer' } });
	const stranger = new WebSocket(`ws://127.0.0.1:${relayPort}/relay?proof=plantedproof&chain=plantedchain&nonce=plantednonce&device=d`);
	await new Promise((resolve) => stranger.once('error', resolve));
	await eventually(() => isAllInCloud(till), 'the cloud covers all');
	secrets.push(...['PLANTEDCODE', 'plantedproof', 'plantedreceipt', 'plantedtoken', 'plantedbearer', 'plantedchain', 'plantednonce']);
	secrets.push(name, 'Planted-Lovelace', sealed, hexOf(made.key), ...(till.branch.keys?.secrets() ?? []).map(({ bytes }) => hexOf(bytes)));
	for (const path of [relayPath, hubPath])
		for (const file of readdirSync(join(path, 'keys'))) {
			const bytes = readFileSync(join(path, 'keys', file));
			secrets.push(hexOf(bytes), bytes.toString('base64'), bytes.toString('utf8').trim());
		}
	for (const one of open.splice(0).reverse()) await one.close();

	output += readFileSync(join(hubPath, 'hub.log'), 'utf8');
	const lines = output.trim().split('\n');
	for (const line of lines)
		expect(JSON.parse(line)).toMatchObject({
			time: expect.any(String) as string,
			level: expect.any(String) as string,
			event: expect.any(String) as string,
		});
	expect(lines.length).toBeGreaterThan(8);
	expect(output).toContain('device linked');
	expect(output).toContain('"event":"refused"');
	expect(secrets.length).toBeGreaterThan(15);
	for (const secret of secrets) {
		expect(secret.length).toBeGreaterThan(3);
		expect(output.includes(secret), `the log has ${secret}`).toBe(false);
	}
	// Standard output is all there is of the relay's: no file beside it that nobody looks after.
	expect(readdirSync(relayPath).filter((file) => file.includes('.log'))).toEqual([]);
});

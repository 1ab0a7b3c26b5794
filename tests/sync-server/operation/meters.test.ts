/** What Prometheus reads of a relay and a hub that really run, and that dashboard and alerts read nothing else. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createMeters, type Meters } from '#server/operation/meters.ts';
import { metricsFlag, openMetrics } from '#server/operation/metrics-door.ts';
import { eventually } from '../../support/eventually.ts';
import { hubAt, isAllInCloud, relayAt, sellBread, temporaryFolder, tillThatClaims } from '../../support/relay-and-shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
function closing<One extends { close(): Promise<void> }>(one: One): One {
	open.push(one);
	return one;
}

/** By name and labels, as the text has them. */
async function figures(meters: Meters): Promise<ReadonlyMap<string, number>> {
	const lines = (await meters.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
	return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}
const total = (all: ReadonlyMap<string, number>, name: string): number =>
	[...all].filter(([key]) => key.startsWith(`${name}{`)).reduce((sum, [, value]) => sum + value, 0);
const deploy = (file: string): string => readFileSync(new URL(`../../../sync-server/deploy/${file}`, import.meta.url), 'utf8');

test('a shop that sells is in the figures of its hub and its relay, and no store, branch or device is', async () => {
	const [ofRelay, ofHub] = [createMeters('relay'), createMeters('hub')];
	expect(total(await figures(ofRelay), 'holdfast_ready')).toBe(0);
	const relay = closing(await relayAt(temporaryFolder(), { meters: ofRelay }));
	const hub = closing(await hubAt(temporaryFolder(), `ws://127.0.0.1:${relay.port}`, { meters: ofHub }));
	const till = closing(await tillThatClaims(`http://127.0.0.1:${hub.port}`));
	for (let n = 0; n < 5; n += 1) await sellBread(till);
	await eventually(() => isAllInCloud(till), 'the cloud covers all');

	const entries = relay.branches()[0]?.branch.ledger.size() ?? 0;
	const cloud = await figures(ofRelay);
	expect(total(cloud, 'holdfast_entries_stored_total')).toBe(entries);
	expect(total(cloud, 'holdfast_commit_entries_sum')).toBe(entries);
	expect(total(cloud, 'holdfast_commit_seconds_count')).toBe(total(cloud, 'holdfast_commit_entries_count'));
	expect(total(cloud, 'holdfast_commit_seconds_sum')).toBeGreaterThan(0);
	expect(total(cloud, 'holdfast_watermarks_signed_total')).toBeGreaterThan(0);
	expect(total(cloud, 'holdfast_http_answers_total')).toBeGreaterThan(0);
	for (const one of ['holdfast_ready', 'holdfast_record_answering', 'holdfast_branches_owned']) expect([one, total(cloud, one)]).toEqual([one, 1]);
	expect(cloud.get('holdfast_connections{device="hub",role="relay"}')).toBe(1);
	expect(cloud.get('holdfast_connections{device="till",role="relay"}')).toBe(0);
	const shop = await figures(ofHub);
	expect(shop.get('holdfast_connections{device="till",role="hub"}')).toBe(1);
	expect(total(shop, 'holdfast_entries_stored_total')).toBeGreaterThan(0);

	const { store, branch, root } = hub.shop()?.file ?? {};
	for (const text of [await ofRelay.text(), await ofHub.text()])
		for (const id of [store, branch, root, relay.device, till.branch.ledger.marks()[0]?.device]) {
			expect(id).toBeTruthy();
			expect(text).not.toContain(String(id).slice(0, 12));
		}
});

test('who was not let in is counted by our reason, and strangers make no more series than fifty', async () => {
	const meters = createMeters('relay');
	const relay = closing(await relayAt(temporaryFolder(), { meters }));
	const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/relay`);
	await new Promise((resolve) => socket.once('error', resolve));
	expect(
		(await figures(meters)).get(
			'holdfast_links_refused_total{reason="The request lacks a proof: this address is for the devices of a shop.",role="relay"}',
		),
	).toBe(1);
	for (let n = 0; n < 200; n += 1) meters.linkRefused(`reason ${n} "}\n`);
	const reasons = [...(await figures(meters)).keys()].filter((key) => key.startsWith('holdfast_links_refused_total'));
	expect(reasons).toHaveLength(51);
	expect((await figures(meters)).get('holdfast_links_refused_total{reason="other",role="relay"}')).toBe(151);
});

test('a metered store answers and throws what the store does', async () => {
	const meters = createMeters('relay');
	const full = new Error('full');
	const { entryStore } = meters.metered({ entryStore: { add: () => Promise.reject(full) } } as unknown as Parameters<Meters['metered']>[0]);
	await expect(entryStore.add([])).rejects.toBe(full);
	const all = await figures(meters);
	expect(total(all, 'holdfast_commit_failures_total')).toBe(1);
	expect(total(all, 'holdfast_commit_seconds_count')).toBe(0);
});

test('the figures are read at a place of their own, by programs of this machine', async () => {
	const meters = createMeters('hub');
	const door = closing(await openMetrics(meters, { host: '127.0.0.1', port: 0 }, () => undefined));
	const as = (host: string) =>
		new Promise<[number | undefined, string]>((resolve, reject) => {
			request({ port: door.port, host: '127.0.0.1', path: '/metrics', headers: { host } }, (response) => {
				let body = '';
				response.on('data', (chunk: Buffer) => (body += chunk.toString()));
				response.on('end', () => {
					resolve([response.statusCode, body]);
				});
			})
				.once('error', reject)
				.end();
		});
	expect(await as(`127.0.0.1:${door.port}`)).toEqual([200, expect.stringContaining('# TYPE holdfast_commit_seconds histogram')]);
	expect(await as('rebound.example')).toEqual([421, 'This is for programs of this machine.\n']);
	const relay = closing(await relayAt(temporaryFolder(), { meters }));
	expect((await fetch(`http://127.0.0.1:${relay.port}/metrics`)).status).toBe(404);
});

test.each([
	['9464', { host: '127.0.0.1', port: 9464 }],
	['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
	['[::1]:9464', { host: '::1', port: 9464 }],
	['off', undefined],
])('--metrics %s', (text, value) => {
	expect(metricsFlag.parse(text)).toEqual({ value });
});

test.each(['', '0', '70000', 'on', ':9464', 'http://x:1', '9464/metrics'])('--metrics %j is refused', (text) => {
	expect(metricsFlag.parse(text)).toHaveProperty('wrong');
});

test('dashboard and alerts read what there is, and what we count ourselves is on the dashboard', async () => {
	const names = new Set(
		[
			...(await figures(createMeters('relay'))).keys(),
			...[...(await createMeters('relay').text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? ''),
		].map((key) => key.split('{')[0] ?? ''),
	);
	const used = (text: string): ReadonlySet<string> => new Set(text.match(/\b(?:holdfast|nodejs|process)_\w+/g));
	const dashboard = JSON.parse(deploy('dashboard.json')) as { panels: { title: string; targets?: { expr: string }[] }[] };
	const drawn = used(dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n'));
	const alerts = used([...deploy('alerts.yml').matchAll(/^\s*expr: (.*)$/gm)].map(([, expr]) => expr).join('\n'));
	expect(alerts.size).toBeGreaterThan(5);
	for (const name of [...drawn, ...alerts]) expect([name, names.has(name)]).toEqual([name, true]);
	const ours = [...names].filter((name) => name.startsWith('holdfast_') && !/_(bucket|sum|count)$/.test(name));
	const seen = [...drawn].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
	expect(ours.filter((name) => !seen.includes(name))).toEqual([]);
});

/** The read API over a real SQLite record and real HTTP: tokens, pages, formats, and the command that makes tokens while a relay runs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '#adapters/clock-system/clock-system.ts';
import type { ReportRow, RelayStorage } from '#ports';
import type { StoreId } from '#schemas/ids.ts';
import { openDataFolder, type DataFolder } from '#server/data-folder.ts';
import { closeHttp, createHttp, policyOf } from '#server/http/server.ts';
import type { OPENAPI } from '#server/reports/api.ts';
import { apiRoutes } from '#server/reports/api.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { createSessions } from '#server/reports/sessions.ts';
import { listTokens, makeToken, revokeToken } from '#server/reports/tokens.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';

let folder: DataFolder;
let record: RelayStorage;
let server: ReturnType<typeof createHttp>;
let base: string;
const [MINE, THEIRS] = [branchName('5e', 'b1'), branchName('5f', 'b1')];

const product = (sku: string, name: string): ReportRow => ({
	...EMPTY,
	sku,
	name,
	category: 'c',
	unit: 'each',
	gtins: '',
	tax_rate: 't',
	store_price_e4: 12_300,
	own_price_e4: null,
});
const EMPTY = { tracked: true, retired: false, merged_into: null, created_ms: 0 };
const BRANCH_ROW = {
	store_name: 'S',
	name: 'B',
	currency: 'GBP',
	digits: 2,
	minor_per_major: 100,
	time_zone: 'UTC',
	entries: 1,
	marks: '[]',
	newest_ms: 0,
	newer_version: false,
	written_ms: 0,
	day_start_minutes: 0,
};

beforeAll(async () => {
	folder = openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-api-')), 'relay');
	record = openSqliteRecord(folder, REPORTS);
	for (const [name, secret] of [
		[MINE, 'mine'],
		[THEIRS, 'theirs'],
	] as const) {
		const { reports } = await record.open(name);
		const names = ['=HYPERLINK("http://evil")', '-1+1', `of ${secret}`, '@SUM(A1)', 'a, "b"'];
		await reports.write({
			rows: new Map([
				['branches', [BRANCH_ROW]],
				['products', names.map((text, at) => product(`SKU-${at}`, text))],
			]),
		});
	}
	server = createHttp({
		...{
			routes: apiRoutes({ record, sessions: createSessions({ values: record, clock: systemClock }) }),
			upgrades: {},
			contentSecurityPolicy: policyOf([]),
		},
		onError: (error) => {
			throw error as Error;
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	await closeHttp(server);
	await record.close();
	folder.release();
});

const ask = (path: string, token?: string): Promise<Response> =>
	fetch(`${base}${path}`, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });

test('nothing of a shop without a token of its store; a revoked one opens nothing, and no secret is kept', async () => {
	const token = await makeToken(record, MINE.store, 'accountant', 1);
	expect((await ask('/api/v1/products')).status).toBe(401);
	expect((await ask('/api/v1/products', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).status).toBe(401);
	const mine = (await (await ask('/api/v1/products', token)).json()) as { rows: ReportRow[] };
	expect(mine.rows).toHaveLength(5);
	expect(JSON.stringify(mine)).toContain('of mine');
	expect(JSON.stringify(mine)).not.toContain('theirs');
	expect(readFileSync(join(folder.path, 'relay.json'), 'utf8')).not.toContain(token.split('.')[2]);
	const [{ id } = { id: '' }] = await listTokens(record);
	expect(await revokeToken(record, id)).toBe(true);
	expect((await ask('/api/v1/products', token)).status).toBe(401);
});

test('pages follow one another by `next` and by Link, and are bounded', async () => {
	const token = await makeToken(record, MINE.store, 'pages', 1);
	const seen: unknown[] = [];
	for (let path: string | undefined = '/api/v1/products?limit=2'; path !== undefined;) {
		const answer: Response = await ask(path, token);
		const { rows, next } = (await answer.json()) as { rows: ReportRow[]; next?: string };
		seen.push(...rows.map((row) => row['sku']));
		path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
		expect(path === undefined).toBe(next === undefined);
	}
	expect(seen).toEqual(['SKU-0', 'SKU-1', 'SKU-2', 'SKU-3', 'SKU-4']);
	for (const bad of ['limit=1001', 'limit=0', 'limit=x', 'branch=1', 'from=2026-11-01', 'after=!!', 'after=WzFd', 'store=ff', 'format=xml'])
		expect((await ask(`/api/v1/products?${bad}`, token)).status, bad).toBe(400);
	expect((await ask("/api/v1/sales?from=2026-11-01'--", token)).status).toBe(400);
	expect((await ask('/api/v1/nothing', token)).status).toBe(404);
});

test('a CSV holds no formula, and JSON Lines are a row a line', async () => {
	const token = await makeToken(record, MINE.store, 'csv', 1);
	const answer = await ask('/api/v1/products?format=csv', token);
	expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
	const csv = await answer.text();
	expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`);
	expect(csv).toContain("'-1+1");
	expect(csv).toContain("'@SUM(A1)");
	expect(csv).toContain('1.23');
	const lines = (await (await ask('/api/v1/products?format=jsonl', token)).text()).trim().split('\n');
	expect(lines.map((line) => (JSON.parse(line) as ReportRow)['sku'])).toEqual(['SKU-0', 'SKU-1', 'SKU-2', 'SKU-3', 'SKU-4']);
});

test('the description is OpenAPI 3.1: every path answers, every reference leads somewhere, every parameter is whole', async () => {
	const described = (await (await ask('/api')).json()) as typeof OPENAPI;
	expect(described.openapi).toBe('3.1.0');
	expect(Object.keys(described.paths)).toEqual(REPORTS.views.map(({ name }) => `/api/v1/${name}`));
	for (const path of Object.keys(described.paths)) expect((await ask(path)).status, path).toBe(401);
	for (const [, name] of JSON.stringify(described).matchAll(/"#\/components\/schemas\/(\w+)"/g))
		expect(described.components.schemas).toHaveProperty(String(name));
	const operations = Object.values(described.paths) as unknown as {
		get: { operationId: string; parameters: Record<string, unknown>[]; responses: object };
	}[];
	expect(new Set(operations.map(({ get }) => get.operationId)).size).toBe(operations.length);
	for (const { get } of operations)
		for (const one of get.parameters) expect(Object.keys(one).sort()).toEqual(['description', 'in', 'name', 'required', 'schema']);
});

test('whoever asks much for one store keeps no other waiting, and who has no token keeps nobody', async () => {
	const waiting: (() => void)[] = [];
	const routes = apiRoutes({
		record: {
			reportColumns: () => Promise.resolve([]),
			report: ({ store }) => (store === MINE.store ? new Promise((resolve) => waiting.push(() => resolve([]))) : Promise.resolve([])),
		},
		sessions: {
			readerOf: ({ headers: { authorization: store } }) =>
				Promise.resolve(store === undefined ? undefined : { id: 'a', name: 'A', store: store as StoreId, hash: '', madeAtMs: 0 }),
		},
	});
	const ask = async (store?: StoreId): Promise<number> => {
		const request = { url: '/api/v1/products', headers: store === undefined ? {} : { authorization: store } } as unknown as IncomingMessage;
		return (await routes['GET /api/v1/products']!(request, undefined)).status ?? 200;
	};
	const strangers = Promise.all(Array.from({ length: 40 }, () => ask()));
	const first = Array.from({ length: 4 }, () => ask(MINE.store));
	expect(new Set(await strangers)).toEqual(new Set([401]));
	expect([await ask(MINE.store), await ask(THEIRS.store)]).toEqual([429, 200]);
	expect(waiting).toHaveLength(4);
	for (const go of waiting) go();
	expect(await Promise.all(first)).toEqual([200, 200, 200, 200]);
	const again = ask(MINE.store);
	await new Promise((resolve) => setImmediate(resolve));
	waiting.at(-1)?.();
	expect(await again).toBe(200);
});

test('an export that is told to wait waits, and is whole', async () => {
	let asked = 0;
	const busy = createServer((_, response) => {
		asked += 1;
		if (asked < 3) response.writeHead(429, { 'Retry-After': '0' }).end();
		else response.end('sku\r\nBUN\r\n');
	});
	await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
	const args = ['--disable-warning=ExperimentalWarning', 'sync-server/reports.ts', 'export', 'products', '--token', 'any', '--url', url];
	expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('sku\r\nBUN\r\n');
	expect(asked).toBe(3);
	busy.close();
});

test('the command makes, lists and revokes tokens beside a running relay, and exports a view whole', async () => {
	const started = promisify(execFile);
	const run = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
		started(process.execPath, ['--disable-warning=ExperimentalWarning', 'sync-server/reports.ts', ...args, '--data', folder.path]).then(
			({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
			(error: unknown) => {
				const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
				return { status: code, stdout, stderr };
			},
		);
	const made = await run('token', '--store', MINE.store as StoreId, '--name', 'desk');
	expect(made.status, made.stderr).toBe(0);
	const token = made.stdout.trim();
	const [, id = ''] = /^(\w+) {2}desk {2}/m.exec((await run('tokens')).stdout) ?? [];
	const out = join(folder.path, 'products.csv');
	expect(await run('export', 'products', '--url', base, '--token', token, '--out', out)).toMatchObject({ status: 0 });
	expect(readFileSync(out, 'utf8').trim().split('\r\n')).toHaveLength(6);
	expect((await run('export', 'products', '--url', base, '--token', token, '--out', out)).stderr).toMatch(/EEXIST/);
	expect(existsSync(out)).toBe(true);
	const refused = join(folder.path, 'refused.csv');
	expect((await run('export', 'products', '--url', base, '--token', 'no', '--out', refused)).stderr).toMatch(/401/);
	expect(existsSync(refused)).toBe(false);
	expect((await run('token', '--store', 'ff'.repeat(16), '--name', 'x')).stderr).toMatch(/Name a store/);
	expect(await run('revoke', id)).toMatchObject({ status: 0 });
	expect((await run('export', 'products', '--url', base, '--token', token)).stderr).toMatch(/401/);
	expect(await run('revoke', id)).toMatchObject({ status: 2 });
});

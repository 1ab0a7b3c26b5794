/** The read API over a real SQLite record and real HTTP: tokens, pages, formats, and the command that makes tokens while a relay runs. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
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
	expect((await run('token', '--store', 'ff'.repeat(16), '--name', 'x')).stderr).toMatch(/Name a store/);
	expect(await run('revoke', id)).toMatchObject({ status: 0 });
	expect((await run('export', 'products', '--url', base, '--token', token)).stderr).toMatch(/401/);
	expect(await run('revoke', id)).toMatchObject({ status: 2 });
});

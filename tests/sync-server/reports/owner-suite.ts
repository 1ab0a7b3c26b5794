/** Who gets into the owner's pages and what they are told, over real HTTP, on SQLite and on a real PostgreSQL. */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReportRow, RelayStorage } from '#ports';
import { LIVE_PATH, SESSION_PATH, SIGN_OUT_PATH, type Live } from '#schemas/wire/owner-pages.ts';
import { closeHttp, createHttp, policyOf } from '#server/http/server.ts';
import { apiRoutes } from '#server/reports/api.ts';
import { ownerRoutes } from '#server/reports/owner-pages.ts';
import { createSessions, makeSignInCode } from '#server/reports/sessions.ts';
import { listTokens, makeToken, revokeToken } from '#server/reports/tokens.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';

const [MINE, OTHER, THEIRS] = [branchName('5e', 'b1'), branchName('5e', 'b2'), branchName('5f', 'b1')];
const LARGE = branchName('60', 'b1');
const START_MS = Date.UTC(2026, 10, 28, 12);

export function ownerSuite(name: string, open: () => Promise<{ readonly record: RelayStorage; close(): Promise<void> }>): void {
	describe(`the owner's pages on ${name}`, () => {
		let here: Awaited<ReturnType<typeof open>>;
		let record: RelayStorage;
		let server: ReturnType<typeof createHttp>;
		let base: string;
		let nowMs = START_MS;
		const clock = { nowMs: () => nowMs };

		beforeAll(async () => {
			here = await open();
			({ record } = here);
			for (const [at, secret] of [
				[MINE, 'mine'],
				[OTHER, 'other'],
				[THEIRS, 'theirs'],
			] as const) {
				const { reports } = await record.open(at);
				await reports.write({
					rows: new Map([
						['branches', [branchRow(`Branch ${secret}`)]],
						['products', [productRow('BUN', `Bun of ${secret}`), productRow('TEA', '<script>alert(1)</script>')]],
						['receipts', RECEIPTS],
						['lines', LINES],
						['stock', [stockRow('BUN', 5_000), stockRow('TEA', -1_500)]],
						['links', [{ device: 'aa', linked: true, heard_ms: START_MS, waiting: 3, waiting_since_ms: START_MS - 60_000 }]],
						['conflicts', [conflictRow('c1'), conflictRow('c2')]],
						['z_reports', [zRow(1_000, 250)]],
					]),
				});
			}
		});
		afterAll(async () => {
			await here.close();
		});

		/** A process of the relay: what it remembers of wrong tries is its own. */
		async function start(behindProxy = true): Promise<void> {
			const sessions = createSessions({ values: record, clock, behindProxy });
			server = createHttp({
				...{ routes: { ...apiRoutes({ record, sessions }), ...ownerRoutes({ record, sessions, clock }) }, upgrades: {} },
				contentSecurityPolicy: policyOf([], 'only us'),
				onError: (error) => {
					throw error as Error;
				},
			});
			await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
			base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		}
		beforeAll(() => start());
		afterAll(() => closeHttp(server));

		const ask = (path: string, cookie = ''): Promise<Response> => fetch(`${base}${path}`, { headers: { cookie } });
		const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
			fetch(`${base}${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
		const cookieOf = (answer: Response): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

		/** The id of a new token, and the cookie of a browser that was let in with its code. */
		async function letIn(of = MINE): Promise<{ readonly id: string; readonly cookie: string }> {
			const id = (await makeToken(record, of.store, 'Asha', nowMs)).split('.')[1] ?? '';
			const answer = await post(SESSION_PATH, { text: await makeSignInCode(record, id, nowMs) });
			expect(answer.status).toBe(200);
			return { id, cookie: cookieOf(answer) };
		}
		const rows = async (path: string, cookie: string): Promise<readonly ReportRow[]> =>
			((await (await ask(`/api/v1/${path}`, cookie)).json()) as { rows: ReportRow[] }).rows;

		test('a code opens once; what is kept in the browser is a cookie that no script and no other site gets', async () => {
			const id = (await makeToken(record, MINE.store, 'Asha', nowMs)).split('.')[1] ?? '';
			const code = await makeSignInCode(record, id, nowMs);
			const answers = await Promise.all([1, 2].map(() => post(SESSION_PATH, { text: ` ${code.toLowerCase().replaceAll('-', ' ')} ` })));
			expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
			const let_in = answers.find(({ status }) => status === 200) as Response;
			expect(let_in.headers.get('set-cookie')).toMatch(/; Path=\/api; HttpOnly; SameSite=Strict; Max-Age=2592000$/);
			expect((await ask(LIVE_PATH, cookieOf(let_in))).status).toBe(200);
			const behindProxy = await post(SESSION_PATH, { text: await makeSignInCode(record, id, nowMs) }, { 'X-Forwarded-Proto': 'https' });
			expect(behindProxy.headers.get('set-cookie')).toMatch(/; Secure$/);
		});

		test('a code of earlier than a quarter of an hour opens nothing, and a newer one takes the place of the one before', async () => {
			const id = (await makeToken(record, MINE.store, 'Asha', nowMs)).split('.')[1] ?? '';
			const [first, second] = [await makeSignInCode(record, id, nowMs), await makeSignInCode(record, id, nowMs)];
			expect((await post(SESSION_PATH, { text: first })).status).toBe(401);
			nowMs += 15 * 60_000;
			expect((await post(SESSION_PATH, { text: second })).status).toBe(401);
			nowMs += 2 * 3_600_000;
			expect((await post(SESSION_PATH, { text: await makeToken(record, MINE.store, 'by token', nowMs) })).status).toBe(200);
		});

		test('whoever has the token taken back is out at once, in every browser; who signs out only in this one', async () => {
			const { id, cookie } = await letIn();
			const desk = cookieOf(await post(SESSION_PATH, { text: await makeSignInCode(record, id, nowMs) }));
			const out = await post(SIGN_OUT_PATH, {}, { cookie });
			expect(out.headers.get('set-cookie')).toMatch(/=; .*Max-Age=0/);
			expect([(await ask(LIVE_PATH, cookie)).status, (await ask(LIVE_PATH, desk)).status]).toEqual([401, 200]);
			expect(await revokeToken(record, id)).toBe(true);
			expect((await ask(LIVE_PATH, desk)).status).toBe(401);
			expect((await ask('/api/v1/stock', desk)).status).toBe(401);
		});

		test('whoever was not let in writes nothing by signing out, and asks the record for tokens once where a hundred ask together', async () => {
			const { id } = await letIn();
			const secret = 'A'.repeat(43);
			const before = await record.getValue(`sessions ${id}`);
			for (const token of ['0123456789ab', id])
				expect((await post(SIGN_OUT_PATH, {}, { cookie: `holdfast_owner=${token}.${secret}` })).headers.get('set-cookie')).toMatch(/Max-Age=0/);
			expect([await record.getValue('sessions 0123456789ab'), await record.getValue(`sessions ${id}`)]).toEqual([undefined, before]);

			let reads = 0;
			const values = {
				getValue: (key: string) => {
					reads += 1;
					return record.getValue(key);
				},
				setValue: record.setValue,
			};
			const sessions = createSessions({ values, clock });
			const by = (headers: Record<string, string>) => sessions.readerOf({ headers } as IncomingMessage);
			const all = await Promise.all(Array.from({ length: 100 }, () => by({ authorization: `Bearer hfr.0123456789ab.${secret}` })));
			expect([new Set(all), reads]).toEqual([new Set([undefined]), 2]);
			for (const headers of [{}, { cookie: 'holdfast_owner=no' }, { authorization: 'Bearer no' }]) expect(await by(headers)).toBeUndefined();
			expect(reads).toBe(2);
		});

		test('a session outlives a restart of the relay, and ends after thirty days', async () => {
			const { cookie } = await letIn();
			await closeHttp(server);
			await start();
			expect((await ask(LIVE_PATH, cookie)).status).toBe(200);
			nowMs += 30 * 86_400_000;
			expect((await ask(LIVE_PATH, cookie)).status).toBe(401);
		});

		test('a store’s owner sees that store, all branches of it and no other', async () => {
			const { cookie } = await letIn();
			const told = (await (await ask(LIVE_PATH, cookie)).json()) as Live;
			expect(told).toMatchObject({ name: 'Asha', nowMs });
			expect(told.branches.map((row) => row['branch_name'])).toEqual(['Branch mine', 'Branch other']);
			expect(told.branches[0]).toMatchObject({
				conflicts: 2,
				devices_linked: 1,
				heard_ms: START_MS,
				waiting: 3,
				waiting_since_ms: START_MS - 60_000,
				digits: 2,
			});
			expect(JSON.stringify(told)).not.toMatch(/theirs|"marks"/);
			const { cookie: other } = await letIn(THEIRS);
			expect((await rows('products', other)).map((row) => row['name'])).toEqual(['Bun of theirs', '<script>alert(1)</script>']);
			expect((await ask(LIVE_PATH, cookie.replace(/=\w{12}/, `=${(await listTokens(record)).at(-1)?.id ?? ''}`))).status).toBe(401);
		});

		test('takings are added up by what is asked, over branches, and nothing that was put aside or taken back is in them', async () => {
			const { cookie } = await letIn();
			expect(await rows('takings_by_hour?by=trading_day,hour&from=2026-11-27&to=2026-11-28', cookie)).toMatchObject([
				{ trading_day: '2026-11-27', hour: 9, takings: 20, sales: 2, refunds: 0 },
				{ trading_day: '2026-11-28', hour: 9, takings: 5, sales: 2, refunds: 0 },
				{ trading_day: '2026-11-28', hour: 10, takings: -2, sales: 0, refunds: 2 },
			]);
			expect(await rows(`takings_by_hour?by=hour&branch=${MINE.branch}&from=2026-11-28`, cookie)).toMatchObject([
				{ hour: 9, takings: 2.5 },
				{ hour: 10, takings: -1 },
			]);
			expect(await rows('takings_by_product?by=sku&most=takings&limit=1', cookie)).toMatchObject([{ sku: 'TEA', takings: 20, quantity: 4 }]);
			expect(await rows('takings_by_product?by=sku&find=bUn', cookie)).toMatchObject([{ sku: 'BUN', takings: 3, quantity: 2 }]);
			expect(await rows('takings_by_person?by=person', cookie)).toMatchObject([{ person: 'p1', takings: 23, sales: 4, refunds: 2 }]);
			expect(await rows('z_reports?limit=1', cookie)).toMatchObject([{ z: 1, sales_total: 10, refunds_total: 2.5, takings: 7.5 }]);
			expect(await rows('stock?by=sku', cookie)).toMatchObject([
				{ sku: 'BUN', on_hand: 10 },
				{ sku: 'TEA', on_hand: -3 },
			]);
			expect((await rows('sales?order=last&limit=1', cookie))[0]).toMatchObject({ branch_name: 'Branch other', trading_day: '2026-11-28' });
			for (const bad of ['by=store', 'by=hour;--', 'most=takings', 'by=hour&most=hour', 'find=x', 'by=hour&after=WzFd'])
				expect((await ask(`/api/v1/takings_by_hour?${bad}`, cookie)).status, bad).toBe(400);
		});

		test('a large store’s tills are told whole, and sums that are cut short say so', async () => {
			const { reports } = await record.open(LARGE);
			const names = Array.from({ length: 1_201 }, (_, n) => String(n).padStart(8, '0'));
			await reports.write({
				rows: new Map([
					['branches', [branchRow('Branch large')]],
					['devices', names.map(deviceRow)],
				]),
			});
			const { cookie } = await letIn(LARGE);
			const told = (await (await ask(LIVE_PATH, cookie)).json()) as Live;
			expect(told.tills.map((row) => row['device'])).toEqual(names);

			const { cookie: mine } = await letIn();
			const sums = async (limit: number): Promise<unknown> => (await ask(`/api/v1/stock?by=sku&limit=${limit}`, mine)).json();
			expect(await sums(1)).toMatchObject({ rows: [{ sku: 'BUN', on_hand: 10 }], more: true });
			for (const format of ['json', 'jsonl', 'csv'])
				for (const [limit, says] of [
					[1, 'true'],
					[2, null],
				] as const)
					expect((await ask(`/api/v1/stock?by=sku&limit=${limit}&format=${format}`, mine)).headers.get('holdfast-more')).toBe(says);
			expect(await sums(2)).not.toHaveProperty('more');
		});

		test('a day, a text or a page’s end that no row could have is answered, and no database stumbles over it', async () => {
			const { cookie } = await letIn();
			const status = async (path: string): Promise<number> => (await ask(`/api/v1/${path}`, cookie)).status;
			for (const bad of ['takings?from=2026-99-99', 'sales?to=2026-02-30', 'takings?from=0000-01-01', 'stock?find=%00'])
				expect(await status(bad), bad).toBe(400);
			expect(await status('takings?from=2024-02-29&to=9999-12-31')).toBe(200);
			for (const end of [
				['x', '2026-11-01', 'no number', 'e'],
				['x', 'no day', 1, 'e'],
				[true, 1, 1e300, 'e'],
				['\0', '2026-11-01', 1, 'e'],
			])
				expect([200, 400], JSON.stringify(end)).toContain(await status(`sales?after=${Buffer.from(JSON.stringify(end)).toString('base64url')}`));
		});

		test('a file of a view without rows names its columns, of sums as well', async () => {
			const { cookie } = await letIn();
			const csv = async (path: string): Promise<string> => (await ask(`/api/v1/${path}&format=csv`, cookie)).text();
			expect(await csv('takings?from=1999-01-01&to=1999-01-31')).toBe(
				'store,branch,branch_name,trading_day,device,till,currency,sales,refunds,takings,tax,discounts\r\n',
			);
			expect(await csv('takings?by=till,trading_day&to=1999-01-31')).toBe('till,trading_day,sales,refunds,takings,tax,discounts\r\n');
			expect(await csv('stock?by=sku&limit=1')).toMatch(/^sku,on_hand\r\nBUN,10\r\n$/);
		});

		test('wrong tries make whoever makes them wait, ever longer, and nobody else', async () => {
			const from = (address: string, text = 'AAAA-AAAA-AAAA'): Promise<Response> => post(SESSION_PATH, { text }, { 'X-Forwarded-For': address });
			for (let n = 0; n < 3; n += 1) expect((await from('203.0.113.9')).status).toBe(401);
			const waits: number[] = [];
			for (let n = 0; n < 4; n += 1) {
				const refused = await from('203.0.113.9');
				expect(refused.status).toBe(429);
				waits.push(Number(refused.headers.get('retry-after')));
				nowMs += (waits.at(-1) ?? 0) * 1000;
				expect((await from('203.0.113.9')).status).toBe(401);
			}
			expect(waits).toEqual([2, 4, 8, 16]);
			const token = await makeToken(record, MINE.store, 'patient', nowMs);
			expect((await from('203.0.113.9', token)).status).toBe(429);
			expect((await from('203.0.113.10', token)).status).toBe(200);
			nowMs += 3_600_000;
			expect((await from('203.0.113.9', token)).status).toBe(200);
			for (const address of ['2001:db8:1:2::1', '2001:0db8:1:2:3:4:5:6', '2001:db8:1:2::']) expect((await from(address)).status).toBe(401);
			expect((await from('2001:db8:1:2:ffff::9', token)).status).toBe(429);
			for (const address of ['192.0.2.8', '::ffff:192.0.2.8', '::ffff:c000:208']) expect((await from(address)).status).toBe(401);
			for (const address of ['0:0:0:0:0:FFFF:c000:0208', '192.0.2.8', '2001:db8:1:2::192.0.2.7'])
				expect((await from(address, token)).status).toBe(429);
			for (const address of ['2001:db8:1:3::1', '::1', '::ffff:192.0.2.7', '::ffff:c000:207', '::ffff:c000:206'])
				expect((await from(address, token)).status).toBe(200);
		});

		test('without a proxy nobody is believed who names another address', async () => {
			await closeHttp(server);
			await start(false);
			const from = (address: string): Promise<Response> => post(SESSION_PATH, { text: 'AAAA-AAAA-AAAA' }, { 'X-Forwarded-For': address });
			for (let n = 0; n < 3; n += 1) expect((await from(`203.0.113.${n}`)).status).toBe(401);
			expect((await from('203.0.113.9')).status).toBe(429);
			await closeHttp(server);
			await start();
		});

		test('a form of another site signs nobody in, and what answers it may load nothing', async () => {
			const form = await fetch(`${base}${SESSION_PATH}`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{"text":"x"}' });
			expect(form.status).toBe(415);
			expect((await post(SESSION_PATH, { text: 'x'.repeat(201) })).status).toBe(400);
			expect(form.headers.get('content-security-policy')).toContain("default-src 'none';");
		});
	});
}

function branchRow(name: string): ReportRow {
	return {
		...{ store_name: 'S', name, currency: 'GBP', digits: 2, minor_per_major: 100, time_zone: 'UTC', entries: 1, marks: '[]', newest_ms: 0 },
		...{ newer_version: false, written_ms: 0, day_start_minutes: 0 },
	};
}

function productRow(sku: string, name: string): ReportRow {
	return {
		...{ sku, name, category: 'c', unit: 'each', gtins: '', tax_rate: 't', store_price_e4: 12_300, own_price_e4: null },
		...{ tracked: true, retired: false, merged_into: null, created_ms: 0 },
	};
}

const zRow = (sales: number, refunds: number): ReportRow => ({
	...{ device: 'aa', z: 1, entry: 'z1', closed_ms: START_MS, trading_day: '2026-11-28', person: 'p1', receipt_from: 1, receipt_to: 4 },
	...{ sales: 3, sales_minor: sales, refunds: 1, refunds_minor: refunds, rounding_minor: 0, discounts_minor: 0, no_sales: 0 },
	...{ perpetual_sales_minor: sales, perpetual_refunds_minor: refunds, problems: '' },
});

const deviceRow = (device: string): ReportRow => ({
	...{ device, name: device, role: 'till', till: 1, suffix: '', standing: 'active', enrolled_ms: 0 },
});

const stockRow = (sku: string, milli: number): ReportRow => ({ sku, on_hand_milli: milli, moved_ms: 0 });

const conflictRow = (conflict: string): ReportRow => ({
	...{ conflict, kind: 'shortage', urgency: 'soon', members: 1, unsettled: 1, stake_minor: 100, stake_milli: 0, newest_ms: 0 },
});

const receipt = (entry: string, day: string, hour: number, minor: number, more: ReportRow = {}): ReportRow => ({
	...{ entry, kind: minor < 0 ? 'refund' : 'sale', receipt: entry, device: 'aa', person: 'p1', at_ms: START_MS, trading_day: day, hour },
	...{ total_minor: minor, tax_minor: 0, rounding_minor: 0, discount_minor: 0, lines: 1, pieces_milli: 1_000 },
	...{ counts: true, corrected_by: null, refund_of: null, refunded_minor: 0, reason: null, customer: null, shift: null },
	...more,
});
const RECEIPTS = [
	receipt('r1', '2026-11-27', 9, 1_000),
	receipt('r2', '2026-11-28', 9, 250),
	receipt('r3', '2026-11-28', 10, -100),
	receipt('r4', '2026-11-28', 10, 9_900, { counts: false }),
	receipt('r5', '2026-11-28', 10, 8_800, { corrected_by: 'r6' }),
];
const line = (entry: string, sku: string, milli: number, minor: number): ReportRow => ({
	...{ entry, line: 1, sku, name: 'as sold', quantity_milli: milli, unit_price_e4: null, total_minor: minor, tax_rate: 't', tax_percent_milli: 0 },
	...{ tax_minor: 0, discount_minor: 0, refunded_milli: 0, refunded_minor: 0, restocked: null },
});
const LINES = [
	line('r1', 'TEA', 2_000, 1_000),
	line('r2', 'BUN', 2_000, 250),
	line('r3', 'BUN', -1_000, -100),
	line('r4', 'TEA', 1_000, 9_900),
	line('r5', 'BUN', 1_000, 8_800),
];

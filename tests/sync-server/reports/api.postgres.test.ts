/** The read API over a real PostgreSQL: every view in pages, days and CSV, for a token that the command made beside the relay; the same from every process. */
import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import type { ReportRow } from '#ports';
import { closeHttp, createHttp, policyOf } from '#server/http/server.ts';
import { apiRoutes } from '#server/reports/api.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { everythingDirty, partsOf } from '#server/reports/rows.ts';
import { createSessions } from '#server/reports/sessions.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { newDatabase } from '../../support/new-database.ts';
import { playSteps, steps } from '../../support/random-shop.ts';

const timers = createSystemTimers((error) => {
	throw error as Error;
});
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
	for (const close of closing.reverse()) await close();
});

const database = await newDatabase();
const record = await openPostgresRecord({ url: database, clock: systemClock, timers, reports: REPORTS });
closing.push(() => record.close());

/** Another process, which keeps no branch. */
async function serve(): Promise<string> {
	const other = await openPostgresRecord({ url: database, clock: systemClock, timers, reports: REPORTS });
	const server = createHttp({
		...{
			routes: apiRoutes({ record: other, sessions: createSessions({ values: other, clock: systemClock }) }),
			upgrades: {},
			contentSecurityPolicy: policyOf([]),
		},
		onError: (error) => {
			throw error as Error;
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closing.push(() => other.close());
	closing.push(() => closeHttp(server));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a process that keeps no branch answers every view of all of them, page by page, by day, and as CSV without formulas', async () => {
	const [list] = fc.sample(steps, { seed: 3, numRuns: 1 });
	const { shop, entries } = playSteps(list ?? [], { peace: 30 });
	const { store, branch } = shop;
	const ledger = createRenewableLedger({ store, branch });
	ledger.add(entries);
	const { reports } = await record.open({ store, branch, root: 'a0'.repeat(32) as never });
	const [rows = new Map()] = partsOf({ ledger, dirty: everythingDirty(ledger), written: new Map(), released: [], nowMs: 0, most: Infinity });
	await reports.write({ begins: true, rows, marks: ledger.marks() });
	const base = await serve();
	const { stdout } = await promisify(execFile)(process.execPath, [
		...['--disable-warning=ExperimentalWarning', 'sync-server/reports.ts', 'token', '--name', 'desk', '--database', database],
	]);
	const headers = { Authorization: `Bearer ${stdout.trim()}` };
	expect((await fetch(`${base}/api/v1/sales`)).status).toBe(401);
	for (const { name, order } of REPORTS.views) {
		const all = await record.report({ view: name, store, limit: 10_000 });
		const paged: ReportRow[] = [];
		for (let next: string | undefined = ''; next !== undefined;) {
			const answer: Response = await fetch(`${base}/api/v1/${name}?limit=50${next === '' ? '' : `&after=${next}`}`, { headers });
			expect(answer.status, name).toBe(200);
			const page = (await answer.json()) as { rows: ReportRow[]; next?: string };
			paged.push(...page.rows);
			next = page.next;
		}
		expect(paged, name).toEqual(all);
		const csv = await (await fetch(`${base}/api/v1/${name}?limit=1000&format=csv`, { headers })).text();
		expect(csv, name).not.toMatch(/(^|[,"])[=@]/m);
		if (!order.includes('trading_day')) continue;
		const before = await fetch(`${base}/api/v1/${name}?to=1999-12-31`, { headers });
		expect(await before.json(), name).toEqual({ rows: [] });
	}
	expect((await record.report({ view: 'sales', store, limit: 10 })).length).toBeGreaterThan(0);
});

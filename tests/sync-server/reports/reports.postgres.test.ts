import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import type { ReportRow } from '#ports';
import { REPORTS } from '#server/reports/plan.ts';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';
import { changedSetting, sold } from '../../support/facts.ts';
import { createTestShop } from '../../support/ledger-builder.ts';
import { newDatabase } from '../../support/new-database.ts';
import { readOnlyRole } from './read-only-role.ts';
import { openOne, reportsSuite } from './suite.ts';

const timers = createSystemTimers((error) => {
	throw error as Error;
});

function sqlAt(url: string): postgres.Sql<{ bigint: number; day: string }> {
	return postgres(url, {
		...{ max: 1, onnotice: () => undefined },
		types: {
			bigint: { to: 20, from: [20], parse: Number, serialize: String },
			day: { to: 1082, from: [1082], parse: String, serialize: String },
		},
	});
}

reportsSuite('PostgreSQL', async () => {
	const url = await newDatabase();
	const record = await openPostgresRecord({ url, clock: systemClock, timers, reports: REPORTS });
	const sql = sqlAt(url);
	return {
		record,
		table: async (name, store) => sql<ReportRow[]>`SELECT * FROM holdfast_reports.${sql(name)} WHERE store = ${store}`,
		async close() {
			await sql.end();
			await record.close();
		},
	};
});

test('the read-only role of docs/database.md reads every view, also after they were made anew, and nothing else', async () => {
	const url = await newDatabase();
	const open = (reports = REPORTS) => openPostgresRecord({ url, clock: systemClock, timers, reports });
	await (await open()).close();
	const admin = sqlAt(url);
	const role = `reader_${crypto.randomUUID().replaceAll('-', '')}`;
	await admin.unsafe(readOnlyRole(role, 'secret-of-a-test'));
	const asRole = new URL(url);
	[asRole.username, asRole.password] = [role, 'secret-of-a-test'];
	// Another plan, then this one again: all tables and views are dropped and made twice.
	await (await open({ tables: REPORTS.tables.slice(0, 1), views: [] })).close();
	await (await open()).close();
	const reader = sqlAt(asRole.toString());
	for (const { name } of REPORTS.views) expect(await reader`SELECT count(*)::int AS rows FROM reports.${reader(name)}`).toEqual([{ rows: 0 }]);
	for (const forbidden of [
		'SELECT * FROM holdfast.entries',
		'SELECT * FROM holdfast.relay',
		'SELECT * FROM holdfast_reports.receipts',
		'DELETE FROM reports.branches',
		'CREATE TABLE reports.mine (a int)',
		'CREATE TABLE public.mine (a int)',
	])
		await expect(reader.unsafe(forbidden), forbidden).rejects.toThrow(/permission denied|read-only|cannot delete from view/);
	await reader.end();
	await admin.end();
});

test('a name with a NUL and half a character in it is shown without, and keeps nobody’s reports from being written', async () => {
	const record = await openPostgresRecord({ url: await newDatabase(), clock: systemClock, timers, reports: REPORTS });
	const { cleaned } = await import('#server/reports/rows.ts');
	const branch = await record.open(branchName());
	const row = cleaned({ person: 'p1', name: 'a\u0000b\ud800', role: 'owner', disabled: false });
	await branch.reports.write({ rows: new Map([['people', [row]]]), marks: [] });
	expect(row['name']).toBe('a\uFFFDb\uFFFD');
	await record.close();
});

test.each([
	['Asia/Kolkata', '2026-11-02T14:30:02'],
	['+05:30', '2026-11-02T14:30:02'],
	['-03:00', '2026-11-02T06:00:02'],
	['US/Pacific-New', '2026-11-02T01:00:02'],
])('a sale of a branch in the time zone %s is shown at %s', async (timeZone, at) => {
	const record = await openPostgresRecord({ url: await newDatabase(), clock: systemClock, timers, reports: REPORTS });
	const shop = createTestShop({ startMs: Date.UTC(2026, 10, 2, 9) });
	const till = shop.device('Till');
	till.does([till.enrolment(), changedSetting({ name: 'timeZone', value: timeZone })], { scope: 'store' });
	till.does([sold([['A', 1, 120]], till.receipt())]);
	const one = await openOne({ record }, shop, shop.entries);
	await one.reporter.settled();
	const [sale] = await record.report({ view: 'sales', store: shop.store, limit: 1 });
	expect(sale?.['at']).toBe(at);
	expect(sale?.['hour']).toBe(Number(at.slice(11, 13)));
	await one.close();
	await record.close();
});

/**
 * The report tables and views in PostgreSQL: tables in the schema `holdfast_reports`, views in `reports`, which is all that a reader needs.
 *
 * 1. They are disposable: other tables or views than the plan's are dropped and made anew, and the branches fill them again.
 * 2. What a reader was granted on the schema `reports` holds for the views that are made anew, where it was granted by default (`docs/database.md`).
 */
import { createHash } from 'node:crypto';
import { BadQuestion, type BranchReports, type ReportPlan, type ReportQuestion, type ReportRow, type ReportType } from '#ports';
import * as v from 'valibot';
import { mark } from '#schemas/mark.ts';
import type { Connection, Pool } from './connection.ts';
import type { BranchAccess } from './record-postgres.ts';
import { quoted, tableName } from './reports-writer.ts';

const TYPES: Readonly<Record<ReportType, string>> = { text: 'text', integer: 'bigint', day: 'date', boolean: 'boolean' };

export async function makeReports(pool: Pick<Pool, 'transaction'>, plan: ReportPlan): Promise<void> {
	const ddl = [
		...plan.tables.map(
			({ name, columns, key }) =>
				`CREATE TABLE ${tableName(name)} (store text NOT NULL, branch text NOT NULL, ${Object.entries(columns)
					.map(([column, type]) => `${quoted(column)} ${TYPES[type]}`)
					.join(', ')}, PRIMARY KEY (${['store', 'branch', ...key].map(quoted).join(', ')}))`,
		),
		...plan.tables
			.filter(({ columns }) => 'trading_day' in columns)
			.map(({ name }) => `CREATE INDEX ON ${tableName(name)} (store, branch, trading_day)`),
		`CREATE TABLE holdfast_reports.standing (store text NOT NULL, branch text NOT NULL, marks jsonb, PRIMARY KEY (store, branch))`,
		...plan.views.map((view) => `CREATE VIEW reports.${quoted(view.name)} AS ${view.sql('postgres', tableName)}`),
	];
	const version = createHash('sha256').update(ddl.join(';')).digest('hex');
	await pool.transaction(async (ask) => {
		await ask`SELECT pg_advisory_xact_lock(${String(LOCK)}::bigint)`;
		await ask`CREATE SCHEMA IF NOT EXISTS reports`;
		await ask`CREATE TABLE IF NOT EXISTS holdfast.reports (version text NOT NULL)`;
		const [row] = await ask<{ version: string }[]>`SELECT version FROM holdfast.reports`;
		if (row?.version === version) return;
		// Views that depend on the tables go with them.
		await ask.unsafe('DROP SCHEMA IF EXISTS holdfast_reports CASCADE; CREATE SCHEMA holdfast_reports;');
		for (const statement of ddl) await ask.unsafe(statement);
		await ask`DELETE FROM holdfast.reports`;
		await ask`INSERT INTO holdfast.reports VALUES (${version})`;
	});
}

/** "reports" in ASCII. */
const LOCK = 0x7265706f727473n;

export function createBranchReports({ connection, reportsWriter, branch: to }: BranchAccess): BranchReports {
	const { store, branch } = to;
	return {
		async marks() {
			const [row] = await connection.read(
				(sql) => sql<{ marks: unknown }[]>`SELECT marks FROM holdfast_reports.standing WHERE store = ${store} AND branch = ${branch}`,
			);
			const parsed = v.safeParse(v.array(mark), row?.marks);
			return parsed.success ? parsed.output : undefined;
		},
		write: (write) => reportsWriter.write({ ...write, to }),
	};
}

export async function readReport(connection: Pick<Connection, 'read'>, plan: ReportPlan, question: ReportQuestion): Promise<readonly ReportRow[]> {
	const { store, branch, from, to, find, by, most, reverse = false, after, limit } = question;
	const view = plan.views.find(({ name }) => name === question.view);
	if (view === undefined) throw new Error(`there is no view ${question.view}`);
	const values: (string | number | boolean | null)[] = [];
	const put = (value: (typeof values)[number]): string => `$${values.push(value)}`;
	const order = view.order.map(quoted);
	const direction = reverse ? ' DESC' : '';
	const where = [
		`store = ${put(store)}`,
		...(branch === undefined ? [] : [`branch = ${put(branch)}`]),
		...(from === undefined ? [] : [`trading_day >= ${put(from)}::text::date`]),
		...(to === undefined ? [] : [`trading_day <= ${put(to)}::text::date`]),
		...(find === undefined
			? []
			: [
					`(${(view.found ?? []).map((column) => `position(${put(find.toLowerCase())}::text in lower(COALESCE(${quoted(column)}, ''))) > 0`).join(' OR ')})`,
				]),
		...(after === undefined
			? []
			: [`(${order.join(', ')}) ${reverse ? '<' : '>'} (${view.order.map((column, place) => typed(column, put(after[place] ?? null))).join(', ')})`]),
	];
	const asked =
		by === undefined
			? `SELECT * FROM reports.${quoted(view.name)} WHERE ${where.join(' AND ')} ORDER BY ${order.map((column) => column + direction).join(', ')}`
			: `SELECT ${[...by.map(quoted), ...(view.sums ?? []).map((column) => `ROUND(SUM(${quoted(column)}), 3) AS ${quoted(column)}`)].join(', ')}
				FROM reports.${quoted(view.name)} WHERE ${where.join(' AND ')} GROUP BY ${by.map(quoted).join(', ')}
				ORDER BY ${[...(most === undefined ? [] : [`SUM(${quoted(most)}) DESC`]), ...by.map((column) => quoted(column) + direction)].join(', ')}`;
	const rows = await connection
		.read((sql) => sql.unsafe<Record<string, unknown>[]>(`${asked} LIMIT ${put(limit)}`, values))
		.catch((error: unknown) => {
			throw isBadValue(error) ? new BadQuestion('bad-value', (error as Error).message) : error;
		});
	return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)])));

	/** What came out of a page as text goes in as what it is. */
	function typed(column: string, value: string): string {
		if (column === 'trading_day') return `${value}::text::date`;
		return NUMBERS.has(column) ? `${value}::text::numeric` : `${value}::text`;
	}
}

export function readColumns(connection: Pick<Connection, 'read'>, view: string): Promise<readonly string[]> {
	return connection.read(async (sql) => (await sql.unsafe(`SELECT * FROM reports.${quoted(view)} LIMIT 0`)).columns.map(({ name }) => name));
}

/** Class 22 of PostgreSQL's codes, "data exception": a page's end that is not ours, a text that no database holds. */
function isBadValue(error: unknown): boolean {
	return error instanceof Error && 'code' in error && /^22/.test(String(error.code));
}

const NUMBERS = new Set(['at_ms', 'hour', 'line', 'tender', 'part', 'shift', 'z', 'tax_percent']);

function cellOf(value: unknown): ReportRow[string] {
	if (value instanceof Date) return value.toISOString();
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

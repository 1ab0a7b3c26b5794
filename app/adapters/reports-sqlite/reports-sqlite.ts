/**
 * The report tables and views of a relay in one SQLite file: all branches, so that a question may be about several.
 *
 * 1. Disposable: tables of another plan than the one given are dropped and made anew, and the branches fill them again.
 * 2. A write is in one transaction, whole, and may share it with others'; `synchronous=NORMAL`, for what is lost with the power is written again from the ledger: the
 *    marks go with the rows.
 * 3. Writing stands in nobody's way for long: a bounded number of rows at a time, and then a pause several times as long. What comes meanwhile is gathered, so that
 *    the busier a relay is, the more of it is written at once, and the later. While the log is carried into the file nothing is written: carried in the middle of a
 *    commit, by SQLite itself, everybody's sales waited for the disk.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as v from 'valibot';
import { StorageError, type BranchReports, type ReportCell, type ReportPlan, type ReportQuestion, type ReportRow, type ReportType } from '#ports';
import { mark } from '#schemas/mark.ts';

export interface SqliteReports {
	of(store: string, branch: string): BranchReports;
	report(question: ReportQuestion): readonly ReportRow[];
	columns(view: string): readonly string[];
	/** A branch rests: as soon as nobody has written for a while, the pages in memory go. */
	rest(): void;
	close(): void;
}

const TYPES: Readonly<Record<ReportType, string>> = { text: 'TEXT', integer: 'INTEGER', day: 'TEXT', boolean: 'INTEGER' };
const tableName = (name: string): string => quoted(`table_${name}`);

/** Who carries the write-ahead log into the file, in another thread, once it is so long. */
export interface LogCarrier {
	readonly fromBytes: number;
	carry(file: string): Promise<void>;
}

export function openSqliteReports(file: string, plan: ReportPlan, carrier: LogCarrier): SqliteReports {
	const database = new DatabaseSync(file);
	// A sale is a dozen pages of the log. SQLite carries it itself should nobody else do so until it has 64 MB. A hundred branches that sell write to three thousand
	// pages in turn.
	database.exec(
		'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000; PRAGMA cache_size = -16000; PRAGMA busy_timeout = 2000;',
	);
	makeTables(database, plan);
	const prepared = new Map<string, StatementSync>();
	/** Of a table that is written again and again. */
	function statement(sql: string): StatementSync {
		const known = prepared.get(sql) ?? database.prepare(sql);
		prepared.set(sql, known);
		return known;
	}
	const inserts = new Map(
		plan.tables.map(({ name, columns }) => {
			const names = Object.keys(columns);
			const sql = `INSERT OR REPLACE INTO ${tableName(name)} (store, branch, ${names.map(quoted).join(', ')}) VALUES (?, ?${', ?'.repeat(names.length)})`;
			return [name, { names, sql }] as const;
		}),
	);
	const booleans = new Set(plan.tables.flatMap(({ columns }) => Object.keys(columns).filter((name) => columns[name] === 'boolean')));

	function writeNow(store: string, branch: string, { begins, rows, whole, marks }: ReportWrite): void {
		const going = begins === true ? [...plan.tables.map(({ name }) => tableName(name)), 'standing'] : [...(whole ?? [])].map(tableName);
		for (const name of going) statement(`DELETE FROM ${name} WHERE store = ? AND branch = ?`).run(store, branch);
		for (const [table, list] of rows) {
			const into = inserts.get(table);
			if (into === undefined) throw new Error(`the plan of the reports has no table ${table}`);
			const insert = statement(into.sql);
			for (const row of list) insert.run(store, branch, ...into.names.map((column) => storedOf(row[column] ?? null)));
		}
		if (marks !== undefined) statement('INSERT OR REPLACE INTO standing VALUES (?, ?, ?)').run(store, branch, JSON.stringify(marks));
	}

	let waiting: Waiting[] = [];
	let isPausing = false;
	let wroteMs = 0;

	let shrinking: NodeJS.Timeout | undefined;
	function stopShrinking(): void {
		clearInterval(shrinking);
		shrinking = undefined;
	}

	function writeWaiting(): void {
		if (isPausing || waiting.length === 0) return;
		const begun = performance.now();
		const batch = nextBatch();
		try {
			writeTogether(batch);
		} catch {
			// One of them is to blame: each by itself, so that it fails alone.
			for (const one of batch) writeAlone(one);
		}
		wroteMs = performance.now();
		isPausing = true;
		if (isLogLong()) void carrier.carry(file).then(goOn);
		else setTimeout(goOn, Math.min(LONGEST_PAUSE_MS, PAUSE_TIMES * (performance.now() - begun)));
	}

	function goOn(): void {
		isPausing = false;
		if (database.isOpen) writeWaiting();
	}

	function isLogLong(): boolean {
		return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) >= carrier.fromBytes;
	}

	function nextBatch(): readonly Waiting[] {
		let rows = 0;
		let count = 0;
		while (count < waiting.length && (count === 0 || rows + (waiting[count]?.rows ?? 0) <= ROWS_AT_ONCE)) rows += waiting[count++]?.rows ?? 0;
		const batch = waiting.slice(0, count);
		waiting = waiting.slice(count);
		return batch;
	}

	function writeTogether(batch: readonly Waiting[]): void {
		inTransaction(() => {
			for (const { run } of batch) run();
		});
		for (const { resolve } of batch) resolve();
	}

	function writeAlone(one: Waiting): void {
		try {
			writeTogether([one]);
		} catch (error) {
			one.reject(error);
		}
	}

	function inTransaction(work: () => void): void {
		try {
			database.exec('BEGIN IMMEDIATE');
			work();
			database.exec('COMMIT');
		} catch (error) {
			if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
			throw new StorageError('failed', `the reports cannot be written: ${(error as Error).message}`);
		}
	}

	return {
		of: (store, branch) => ({
			async marks() {
				const row = database.prepare('SELECT marks FROM standing WHERE store = ? AND branch = ?').get(store, branch);
				const parsed = v.safeParse(v.array(mark), row === undefined ? undefined : JSON.parse(String(row['marks'])));
				return parsed.success ? parsed.output : undefined;
			},
			write: (what) =>
				new Promise((resolve, reject) => {
					waiting.push({ run: () => writeNow(store, branch, what), rows: rowsIn(what), resolve, reject });
					if (!isPausing) setImmediate(writeWaiting);
				}),
		}),
		report({ view: name, store, branch, from, to, find, by, most, reverse = false, after, limit }) {
			const view = plan.views.find((one) => one.name === name);
			if (view === undefined) throw new Error(`there is no view ${name}`);
			const values: (string | number | null)[] = [];
			const put = (value: ReportCell): string => {
				values.push(storedOf(value));
				return '?';
			};
			const order = view.order.map(quoted).join(', ');
			const direction = reverse ? ' DESC' : '';
			const where = [
				`store = ${put(store)}`,
				...(branch === undefined ? [] : [`branch = ${put(branch)}`]),
				...(from === undefined ? [] : [`trading_day >= ${put(from)}`]),
				...(to === undefined ? [] : [`trading_day <= ${put(to)}`]),
				...(find === undefined
					? []
					: [
							`(${(view.found ?? []).map((column) => `instr(lower(COALESCE(${quoted(column)}, '')), ${put(find.toLowerCase())}) > 0`).join(' OR ')})`,
						]),
				...(after === undefined ? [] : [`(${order}) ${reverse ? '<' : '>'} (${view.order.map((_, place) => put(after[place] ?? null)).join(', ')})`]),
			];
			const asked =
				by === undefined
					? `SELECT * FROM ${quoted(name)} WHERE ${where.join(' AND ')} ORDER BY ${view.order.map((column) => quoted(column) + direction).join(', ')}`
					: `SELECT ${[...by.map(quoted), ...(view.sums ?? []).map((column) => `ROUND(SUM(${quoted(column)}), 3) AS ${quoted(column)}`)].join(', ')}
						FROM ${quoted(name)} WHERE ${where.join(' AND ')} GROUP BY ${by.map(quoted).join(', ')}
						ORDER BY ${[...(most === undefined ? [] : [`SUM(${quoted(most)}) DESC`]), ...by.map((column) => quoted(column) + direction)].join(', ')}`;
			const rows = database.prepare(`${asked} LIMIT ${put(limit)}`).all(...values);
			return rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, shownOf(value, booleans.has(column))])));
		},
		columns: (view) =>
			database
				.prepare(`SELECT * FROM ${quoted(view)}`)
				.columns()
				.map(({ name }) => name),
		rest() {
			shrinking ??= setInterval(() => {
				if (performance.now() - wroteMs < QUIET_MS) return;
				stopShrinking();
				database.exec('PRAGMA shrink_memory');
			}, QUIET_MS).unref();
		},
		close() {
			stopShrinking();
			const last = waiting;
			waiting = [];
			for (const one of last) writeAlone(one);
			database.close();
		},
	};
}

type ReportWrite = Parameters<BranchReports['write']>[0];

interface Waiting {
	readonly run: () => void;
	readonly rows: number;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

/** Some ten ms, for a row and its place in the indexes are some ten µs. */
const ROWS_AT_ONCE = 800;
/** A sixth of a process at most. */
const PAUSE_TIMES = 5;
const QUIET_MS = 1_000;
/** A write of many rows, as of a branch that is made anew, is not waited for the longer. */
const LONGEST_PAUSE_MS = 100;

function rowsIn({ rows }: ReportWrite): number {
	return [...rows.values()].reduce((sum, list) => sum + list.length, 0);
}

function makeTables(database: DatabaseSync, plan: ReportPlan): void {
	const ddl = [
		...plan.tables.map(
			({ name, columns, key }) =>
				`CREATE TABLE ${tableName(name)} (store TEXT NOT NULL, branch TEXT NOT NULL, ${Object.entries(columns)
					.map(([column, type]) => `${quoted(column)} ${TYPES[type]}`)
					.join(', ')}, PRIMARY KEY (${['store', 'branch', ...key].map(quoted).join(', ')})) STRICT, WITHOUT ROWID`,
		),
		...plan.tables
			.filter(({ columns }) => 'trading_day' in columns)
			.map(({ name }) => `CREATE INDEX ${quoted(`day_${name}`)} ON ${tableName(name)} (store, branch, trading_day)`),
		'CREATE TABLE standing (store TEXT NOT NULL, branch TEXT NOT NULL, marks TEXT NOT NULL, PRIMARY KEY (store, branch)) STRICT, WITHOUT ROWID',
		...plan.views.map((view) => `CREATE VIEW ${quoted(view.name)} AS ${view.sql('sqlite', tableName)}`),
	];
	const version = createHash('sha256').update(ddl.join(';')).digest('hex');
	database.exec('CREATE TABLE IF NOT EXISTS plan (version TEXT NOT NULL)');
	if (database.prepare('SELECT version FROM plan').get()?.['version'] === version) return;
	const old = database
		.prepare("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name <> 'plan' AND name NOT LIKE 'sqlite_%'")
		.all();
	database.exec('BEGIN IMMEDIATE');
	for (const type of ['view', 'table']) for (const one of old) if (one['type'] === type) database.exec(`DROP ${type} ${quoted(String(one['name']))}`);
	for (const statement of ddl) database.exec(statement);
	database.exec('DELETE FROM plan');
	database.prepare('INSERT INTO plan VALUES (?)').run(version);
	database.exec('COMMIT');
}

function storedOf(cell: ReportCell): string | number | null {
	return typeof cell === 'boolean' ? Number(cell) : cell;
}

function shownOf(value: unknown, isBoolean: boolean): ReportCell {
	if (isBoolean && typeof value === 'number') return value !== 0;
	return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

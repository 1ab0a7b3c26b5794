/**
 * Rows of reports, of all branches: in transactions of their own, for a sale must not wait for them.
 *
 * Invariants:
 * 1. A branch's rows and the marks that they reflect are written together or not at all, in the order in which they were asked for.
 * 2. Whoever lost the branch writes none of them: its epoch is asked for last, and held until the commit. Asked for first, it would keep entries waiting, which lock
 *    the same row.
 * 3. Rows of several branches are one statement a table.
 * 4. After a transaction the server has twice as long for others: the rows of a month alone, written one transaction after another, had a core of it for themselves.
 */
import type { BranchLoss, BranchReports, Clock, ReportPlan, ReportRow, ReportTable, Timers } from '#ports';
import type { Connection, Transaction } from './connection.ts';
import { createGathering, notOwner, type Gathered, type Gathering } from './gathering.ts';
import { arrayOf, lose, lossesOf, type OpenedBranch } from './writer.ts';

export type ReportWrite = Parameters<BranchReports['write']>[0] & { readonly to: OpenedBranch };
export type ReportsWriter = Gathering<ReportWrite, void>;

export interface ReportsWriterDeps {
	readonly connection: Connection;
	readonly plan: ReportPlan;
	readonly onLost: (branch: OpenedBranch) => void;
	readonly clock: Clock;
	readonly timers: Timers;
}

const REST_TIMES = 2;
/** A write of many rows, as of a branch that is made anew, is not waited for the longer. */
const LONGEST_REST_MS = 100;
/** A transaction of so many takes some hundred ms, in which vacuum waits for it. */
const MOST_ROWS = 5_000;

export function createReportsWriter({ connection, plan, onLost, clock, timers }: ReportsWriterDeps): ReportsWriter {
	/** Each branch once: one statement cannot write a row twice. */
	function count(waiting: readonly ReportWrite[]): number {
		const branches = new Set<OpenedBranch>();
		let rows = 0;
		for (const { to, rows: of } of waiting) {
			if (branches.has(to) || (branches.size > 0 && rows > MOST_ROWS)) break;
			branches.add(to);
			for (const list of of.values()) rows += list.length;
		}
		return branches.size;
	}

	async function writeAll(batch: readonly Gathered<ReportWrite, void>[]): Promise<void> {
		const writes = batch.map(({ write }) => write);
		await connection.transaction(async (ask) => {
			await Promise.all([...deletions(ask, writes), ...insertions(ask, writes), keepMarks(ask, writes)]);
			const losses = await lossesAmong(
				ask,
				writes.map(({ to }) => to),
			);
			for (const [to, why] of losses) lose(to, why, onLost);
			const [lost] = writes.flatMap(({ to }) => to.lost ?? []);
			// None of it is written then; the others are tried again, each alone.
			if (lost !== undefined) throw notOwner(lost);
		});
		for (const { resolve } of batch) resolve();
	}

	function deletions(ask: Transaction, writes: readonly ReportWrite[]): readonly Promise<unknown>[] {
		return writes.flatMap(({ to: { store, branch }, begins, whole }) => {
			const tables = begins === true ? [...plan.tables.map(({ name }) => name), 'standing'] : [...(whole ?? [])];
			return tables.map((name) => ask.unsafe(`DELETE FROM ${tableName(name)} WHERE store = $1 AND branch = $2`, [store, branch], { prepare: true }));
		});
	}

	function insertions(ask: Transaction, writes: readonly ReportWrite[]): readonly Promise<unknown>[] {
		return plan.tables.flatMap((table) => {
			const branches = writes.flatMap(({ to: { store, branch }, rows: of }) => {
				const rows = of.get(table.name) ?? [];
				return rows.length === 0 ? [] : [{ store, branch, rows }];
			});
			return branches.length === 0 ? [] : [upsert(ask, table, branches)];
		});
	}

	const afterMs = (tookMs: number): number => Math.min(LONGEST_REST_MS, REST_TIMES * tookMs);
	return createGathering({ connection, count, writeAll, rest: { clock, timers, afterMs } });
}

interface BranchRows {
	readonly store: string;
	readonly branch: string;
	readonly rows: readonly ReportRow[];
}

/** The rows go as they are, branch by branch: to put its names into each of them took as long as to work them out. */
function upsert(ask: Transaction, { name, columns, key }: ReportTable, branches: readonly BranchRows[]): Promise<unknown> {
	const own = Object.keys(columns).map(quoted);
	const others = Object.keys(columns).filter((column) => !key.includes(column));
	return ask.unsafe(
		`INSERT INTO ${tableName(name)} (${['store', 'branch', ...own].join(', ')})
		SELECT ${['given.store', 'given.branch', ...own.map((column) => `of.${column}`)].join(', ')}
		FROM jsonb_to_recordset($1::text::jsonb) AS given (store text, branch text, rows jsonb),
			LATERAL jsonb_populate_recordset(NULL::${tableName(name)}, given.rows) AS of
		ON CONFLICT (${['store', 'branch', ...key].map(quoted).join(', ')})
		DO ${others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.map((column) => `${quoted(column)} = excluded.${quoted(column)}`).join(', ')}`}`,
		[JSON.stringify(branches)],
		{ prepare: true },
	);
}

async function keepMarks(ask: Transaction, writes: readonly ReportWrite[]): Promise<void> {
	const rows = writes.flatMap(({ to: { store, branch }, marks }) => (marks === undefined ? [] : [{ store, branch, marks }]));
	if (rows.length === 0) return;
	await ask`INSERT INTO holdfast_reports.standing
		SELECT store, branch, marks FROM jsonb_populate_recordset(NULL::holdfast_reports.standing, ${JSON.stringify(rows)}::text::jsonb)
		ON CONFLICT (store, branch) DO UPDATE SET marks = excluded.marks`;
}

/** Those that have another epoch by now; the others have theirs until this transaction ends. Locked in the order in which entries lock them. */
async function lossesAmong(ask: Transaction, branches: readonly OpenedBranch[]): Promise<ReadonlyMap<OpenedBranch, BranchLoss>> {
	const rows = await ask<{ store: string; branch: string }[]>`
		SELECT encode(b.store, 'hex') AS store, encode(b.branch, 'hex') AS branch
		FROM holdfast.branches b JOIN unnest(${arrayOf(branches.map(({ store }) => store))}::text[], ${arrayOf(branches.map(({ branch }) => branch))}::text[],
			${arrayOf(branches.map(({ epoch }) => epoch))}::bigint[]) AS given (store, branch, epoch)
			ON b.store = decode(given.store, 'hex') AND b.branch = decode(given.branch, 'hex') AND b.epoch = given.epoch
		ORDER BY b.store, b.branch FOR SHARE OF b`;
	const kept = new Set(rows.map(({ store, branch }) => `${store}-${branch}`));
	return await lossesOf(
		ask,
		branches.filter(({ store, branch }) => !kept.has(`${store}-${branch}`)),
	);
}

export const tableName = (name: string): string => `holdfast_reports.${quoted(name)}`;

export function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

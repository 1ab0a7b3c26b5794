/**
 * The record of a relay in PostgreSQL. Contract: `tests/contracts/relay-storage.ts`.
 *
 * Invariants:
 * 1. Opening a branch raises its epoch: whoever opened it before, in this process or another, can write it no more.
 * 2. When the server comes back after it was away, each branch takes a further epoch before anything is written: what was on its way by a lost connection
 *    cannot be written after that. A branch whose count of writes is lower than what was acknowledged was put back, and has to be opened again.
 */
import {
	StorageError,
	type BranchLoss,
	type BranchName,
	type BranchStorage,
	type Clock,
	type RelayStorage,
	type ReportPlan,
	type Timers,
} from '#ports';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { createChunkStorage } from './chunks-postgres.ts';
import { connect, openReader, type Pool } from './connection.ts';
import { createBranchReports, makeReports, readColumns, readReport } from './reports-postgres.ts';
import { createPostgresEntryStore } from './entry-store-postgres.ts';
import { migrate } from './migrations.ts';
import { createShared } from './shared-postgres.ts';
import { createReportsWriter, type ReportsWriter } from './reports-writer.ts';
import { arrayOf, createWriter, lossesOf, type OpenedBranch, type Writer } from './writer.ts';

export interface PostgresRecordDeps {
	/** `postgres://user:password@host:port/database`. */
	readonly url: string;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly patienceMs?: number;
	/** How long another process may say nothing before it is called gone. */
	readonly silentMs?: number;
	/** Absent: no reports are kept, and what lies there stays as it is. */
	readonly reports?: ReportPlan;
	/** A server that is not there yet is waited for, and whoever asked hears why; absent: it is an error. */
	readonly onWaiting?: (reason: string) => void;
}

const MOST_REPORT_MS = 8_000;

/** Throws `StorageError` with a sentence when the database cannot be used. */
export async function openPostgresRecord(deps: PostgresRecordDeps): Promise<RelayStorage> {
	const connection = await connect(deps);
	const opened = new Map<OpenedBranch, BranchName>();
	const lostListeners: ((name: BranchName, why: BranchLoss) => void)[] = [];
	const tellLost = (branch: OpenedBranch): void => {
		const name = opened.get(branch);
		if (name !== undefined && branch.lost !== undefined) for (const listener of lostListeners) listener(name, branch.lost);
	};
	const plan = deps.reports ?? { tables: [], views: [] };
	const writer = createWriter({ connection, onLost: tellLost });
	const reportsWriter = createReportsWriter({ connection, plan, onLost: tellLost, clock: deps.clock, timers: deps.timers });
	const settled = async (branch: OpenedBranch): Promise<void> => {
		await Promise.all([writer.settled(branch), reportsWriter.settled(branch)]);
	};
	const shared = createShared({
		...{ connection, writer, opened, clock: deps.clock, timers: deps.timers },
		...(deps.silentMs === undefined ? {} : { silentMs: deps.silentMs }),
		onTaken(branch) {
			branch.lost ??= 'taken';
			tellLost(branch);
		},
	});
	async function makeAll(pool: Pick<Pool, 'transaction'>): Promise<void> {
		await migrate(pool);
		if (plan.tables.length > 0) await makeReports(pool, plan);
	}
	try {
		await makeAll(connection);
	} catch (error) {
		await connection.close();
		throw error;
	}
	connection.beforeAnswering(takeAgain);
	const reader = openReader(deps.url, Math.min(deps.patienceMs ?? MOST_REPORT_MS, MOST_REPORT_MS));

	async function takeAgain(pool: Pool): Promise<void> {
		await makeAll(pool);
		const branches = [...opened.keys()].filter(({ lost }) => lost === undefined);
		const losses = await pool.transaction(async (ask) => {
			const rows = await ask<{ store: string; branch: string; epoch: number; writes: number }[]>`
				UPDATE holdfast.branches b SET epoch = b.epoch + 1
				FROM unnest(${arrayOf(branches.map(({ store }) => store))}::text[], ${arrayOf(branches.map(({ branch }) => branch))}::text[],
					${arrayOf(branches.map(({ epoch }) => epoch))}::bigint[]) AS given (store, branch, epoch)
				WHERE b.store = decode(given.store, 'hex') AND b.branch = decode(given.branch, 'hex') AND b.epoch = given.epoch
				RETURNING encode(b.store, 'hex') AS store, encode(b.branch, 'hex') AS branch, b.epoch, b.writes`;
			const taken = new Map(branches.map((one) => [one, rows.find(({ store, branch }) => store === one.store && branch === one.branch)]));
			const losses = new Map(
				await lossesOf(
					ask,
					branches.filter((one) => taken.get(one) === undefined),
				),
			);
			for (const [one, row] of taken) {
				if (row === undefined) continue;
				one.epoch = row.epoch;
				if (row.writes < one.writes) losses.set(one, 'put-back');
			}
			return losses;
		});
		for (const [one, why] of losses) {
			one.lost = why;
			tellLost(one);
		}
	}

	return {
		async branches() {
			const rows = await connection.read(
				(sql) => sql<{ store: StoreId; branch: BranchId; root: DeviceId }[]>`
					SELECT encode(store, 'hex') AS store, encode(branch, 'hex') AS branch, encode(root, 'hex') AS root
					FROM holdfast.branches ORDER BY store, branch`,
			);
			return rows.map(({ store, branch, root }) => ({ store, branch, root }));
		},
		async open(name): Promise<BranchStorage> {
			const self = shared.id();
			const [row] = await connection.read(
				(sql) => sql<{ epoch: number; writes: number }[]>`
					INSERT INTO holdfast.branches (store, branch, root, epoch, owner)
					VALUES (decode(${name.store}, 'hex'), decode(${name.branch}, 'hex'), decode(${name.root}, 'hex'), 1, ${self ?? null}::text::uuid)
					ON CONFLICT (store, branch) DO UPDATE SET epoch = branches.epoch + 1, owner = excluded.owner
					WHERE ${self === undefined ? sql`true` : shared.mayTake(sql)}
					RETURNING epoch, writes`,
			);
			if (row === undefined) throw new StorageError('not-owner', 'another process keeps this branch');
			const branch: OpenedBranch = { store: name.store, branch: name.branch, epoch: row.epoch, writes: row.writes, lost: undefined };
			opened.set(branch, name);
			const of = { connection, writer, reportsWriter, branch };
			return {
				entryStore: createPostgresEntryStore(of),
				chunks: createChunkStorage(of),
				reports: createBranchReports(of),
				async close() {
					await settled(branch);
					opened.delete(branch);
				},
			};
		},
		report: (question) => readReport(reader, plan, question),
		reportColumns: (view) => readColumns(reader, view),
		async getValue(name) {
			const [row] = await connection.read((sql) => sql<{ value: unknown }[]>`SELECT value FROM holdfast.relay WHERE name = ${name}`);
			return row?.value;
		},
		async setValue(name, value) {
			await connection.transaction(
				(transaction) => transaction`
					INSERT INTO holdfast.relay (name, value) VALUES (${name}, ${JSON.stringify(value)}::text::jsonb)
					ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			);
		},
		async keepValue(name, value) {
			const rows = await connection.transaction(async (transaction) => {
				await transaction`INSERT INTO holdfast.relay (name, value) VALUES (${name}, ${JSON.stringify(value)}::text::jsonb) ON CONFLICT (name) DO NOTHING`;
				return transaction<{ value: unknown }[]>`SELECT value FROM holdfast.relay WHERE name = ${name}`;
			});
			return rows[0]?.value;
		},
		shared,
		standing: connection.standing,
		onStanding: connection.onStanding,
		onLost: (listener) => {
			lostListeners.push(listener);
		},
		async close() {
			for (const branch of opened.keys()) await settled(branch);
			await shared.close();
			await reader.close();
			await connection.close();
		},
	};
}

export interface BranchAccess {
	readonly connection: Pick<Awaited<ReturnType<typeof connect>>, 'read'>;
	readonly writer: Writer;
	readonly reportsWriter: ReportsWriter;
	readonly branch: OpenedBranch;
}

/**
 * The tables, step by step. A step that was released is never changed: what comes after it is a further one.
 *
 * 1. One process at a time brings a database up to date, all steps or none, by a lock that dies with its transaction.
 * 2. A database that a newer Holdfast brought further is refused, never written to.
 */
import { StorageError } from '#ports';
import { asStorageError, type Pool } from './connection.ts';

interface Migration {
	readonly number: number;
	/** What it is about, for whoever looks into `holdfast.migrations`. */
	readonly name: string;
	readonly sql: string;
}

/**
 * Every table of a branch begins its key with store and branch, so that it can be partitioned by store without another key. Keys and hashes are bytes.
 * `branches.epoch` is who may write: every transaction names the one it was given (`writer.ts`). `branches.writes` counts them, which shows a database
 * that was put back to an earlier day. `branches.owner` is which process keeps it, or should (`shared-postgres.ts`): who writes says the epoch alone.
 */
export const MIGRATIONS: readonly Migration[] = [
	{
		number: 1,
		name: 'branches, entries, documents',
		sql: `
			CREATE TABLE holdfast.relay (name text PRIMARY KEY, value jsonb NOT NULL);
			CREATE TABLE holdfast.branches (
				store bytea NOT NULL, branch bytea NOT NULL, root bytea NOT NULL,
				epoch bigint NOT NULL DEFAULT 0, writes bigint NOT NULL DEFAULT 0, opened_at timestamptz NOT NULL DEFAULT now(),
				PRIMARY KEY (store, branch)
			) WITH (fillfactor = 50);
			CREATE TABLE holdfast.entries (
				store bytea NOT NULL, branch bytea NOT NULL, device bytea NOT NULL, scope smallint NOT NULL, seq bigint NOT NULL, hash bytea NOT NULL,
				sealed bytea NOT NULL,
				PRIMARY KEY (store, branch, device, scope, seq, hash)
			);
			CREATE TABLE holdfast.certificates (
				store bytea NOT NULL, branch bytea NOT NULL, device bytea NOT NULL, chain bytea NOT NULL,
				PRIMARY KEY (store, branch, device)
			);
			CREATE TABLE holdfast.damaged (
				store bytea NOT NULL, branch bytea NOT NULL, place bigint GENERATED ALWAYS AS IDENTITY,
				document text NOT NULL, route text NOT NULL, reason text NOT NULL, hash text NOT NULL, at_ms bigint NOT NULL,
				PRIMARY KEY (store, branch, place)
			);
			CREATE TABLE holdfast.caches (
				store bytea NOT NULL, branch bytea NOT NULL, name text NOT NULL, bytes bytea NOT NULL,
				PRIMARY KEY (store, branch, name)
			);
			ALTER TABLE holdfast.caches ALTER COLUMN bytes SET STORAGE EXTERNAL;
			CREATE TABLE holdfast.chunks (
				store bytea NOT NULL, branch bytea NOT NULL, key text COLLATE "C" NOT NULL, place bigint GENERATED ALWAYS AS IDENTITY, data bytea NOT NULL,
				PRIMARY KEY (store, branch, key)
			) WITH (autovacuum_vacuum_scale_factor = 0.05);
			ALTER TABLE holdfast.chunks ALTER COLUMN data SET STORAGE EXTERNAL;
		`,
	},
	{
		number: 2,
		name: 'several processes',
		sql: `
			CREATE TABLE holdfast.processes (
				id uuid PRIMARY KEY, address text NOT NULL, public_url text, is_leaving boolean NOT NULL,
				heard_at timestamptz NOT NULL DEFAULT clock_timestamp()
			) WITH (fillfactor = 50);
			CREATE TABLE holdfast.nonces (nonce bytea PRIMARY KEY, spent_at timestamptz NOT NULL DEFAULT now());
			ALTER TABLE holdfast.branches ADD COLUMN owner uuid;
			CREATE INDEX branches_of_owner ON holdfast.branches (owner);
		`,
	},
];

/** Of our own, so that no other program waits for it: "holdfast" in ASCII, as a number of 63 bits. */
const LOCK = 0x686f6c6466617374n;

/** Answers how many steps were made. */
export async function migrate(pool: Pick<Pool, 'transaction'>, migrations: readonly Migration[] = MIGRATIONS): Promise<number> {
	try {
		return await pool.transaction(async (transaction) => {
			await transaction`SELECT pg_advisory_xact_lock(${String(LOCK)}::bigint)`;
			await transaction`CREATE SCHEMA IF NOT EXISTS holdfast`;
			await transaction`CREATE TABLE IF NOT EXISTS holdfast.migrations (number int PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now())`;
			const [last] = await transaction<{ number: number }[]>`SELECT coalesce(max(number), 0) AS number FROM holdfast.migrations`;
			const done = last?.number ?? 0;
			const known = migrations.at(-1)?.number ?? 0;
			if (done > known)
				throw new StorageError('failed', `the database was brought to step ${done} by a newer Holdfast, this one knows ${known}: update first`);
			const due = migrations.filter(({ number }) => number > done);
			for (const { number, name, sql: text } of due) {
				await transaction.unsafe(text);
				await transaction`INSERT INTO holdfast.migrations (number, name) VALUES (${number}, ${name})`;
			}
			return due.length;
		});
	} catch (error) {
		throw asStorageError('open', error);
	}
}

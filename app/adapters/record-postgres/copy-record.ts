/**
 * The record as files, one a table, in PostgreSQL's own binary form; and back into a database that has none.
 *
 * 1. All tables are one moment of the record, whatever is written meanwhile, and nobody waits for the copy.
 * 2. A record is copied into a database that has no branch, all of it or nothing.
 * 3. A copy that is older goes into the tables as they were then; the relay brings them up to date when it starts.
 * 4. Who is there, who keeps which branch and which proofs were spent belongs to the processes of that time. Reports are made anew.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StorageError } from '#ports';
import { asStorageError, openPool, type Pool, type Transaction } from './connection.ts';
import { migrate, MIGRATIONS } from './migrations.ts';

/** What the files of a copy are. */
export interface RecordCopy {
	/** Up to which of `migrations.ts` its tables were brought. */
	readonly step: number;
	/** Columns of each table, in the order in which its file has them. */
	readonly tables: Readonly<Record<string, readonly string[]>>;
}

const OF_ITS_TIME = ['processes', 'nonces', 'migrations', 'reports'];
const NAME = /^[a-z_]+$/;

/** `fileOf`: where a table's rows go. Throws `StorageError`; then the files are no copy. */
export function copyOut(url: string, fileOf: (table: string) => string): Promise<RecordCopy> {
	return withPool(url, 'read', (pool) =>
		pool.transaction(async (ask) => {
			await ask`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`;
			const columns = await ask<{ table: string; column: string }[]>`
				SELECT table_name AS table, column_name AS column FROM information_schema.columns
				WHERE table_schema = 'holdfast' AND table_name != ALL(${OF_ITS_TIME}) ORDER BY table_name, ordinal_position`;
			if (columns.length === 0) throw new StorageError('failed', 'the database has no record of a relay');
			const [last] = await ask<{ number: number }[]>`SELECT max(number) AS number FROM holdfast.migrations`;
			const step = last?.number ?? 0;
			if (step > newestStep())
				throw new StorageError('failed', `the database is of a newer Holdfast (step ${step}, this one knows ${newestStep()}): update first`);
			const tables: Record<string, string[]> = {};
			for (const { table, column } of columns) (tables[table] ??= []).push(column);
			for (const [table, names] of Object.entries(tables))
				await pipeline(
					await readerOf(ask, `COPY holdfast.${table} (${names.join()}) TO STDOUT (FORMAT binary)`),
					createWriteStream(fileOf(table), { mode: 0o600 }),
				);
			return { step, tables };
		}),
	);
}

/** Throws `StorageError`, and the database has no record then. */
export function copyIn(url: string, { step, tables }: RecordCopy, fileOf: (table: string) => string): Promise<void> {
	return withPool(url, 'write', async (pool) => {
		if (step > newestStep())
			throw new StorageError('failed', `the backup is of a newer Holdfast (step ${step}, this one knows ${newestStep()}): update first`);
		await migrate(
			pool,
			MIGRATIONS.filter(({ number }) => number <= step),
		);
		await pool.transaction(async (ask) => {
			await ask`LOCK TABLE holdfast.branches IN EXCLUSIVE MODE`;
			const [first] = await ask`SELECT FROM holdfast.branches LIMIT 1`;
			if (first !== undefined) throw new StorageError('failed', 'the database has branches already. Name an empty one: nothing is written over');
			for (const [table, names] of Object.entries(tables)) {
				if (![table, ...names].every((name) => NAME.test(name)))
					throw new StorageError('failed', `the backup names a table that cannot be one: ${table}`);
				await ask.unsafe(`DELETE FROM holdfast.${table}`);
				await pipeline(createReadStream(fileOf(table)), await writerOf(ask, `COPY holdfast.${table} (${names.join()}) FROM STDIN (FORMAT binary)`));
				if (names.includes('place'))
					await ask.unsafe(
						`SELECT setval(pg_get_serial_sequence('holdfast.${table}', 'place'), coalesce(max(place), 0) + 1, false) FROM holdfast.${table}`,
					);
			}
			if (tables['branches']?.includes('owner') === true) await ask`UPDATE holdfast.branches SET owner = NULL`;
		});
	});
}

async function withPool<Result>(url: string, what: 'read' | 'write', work: (pool: Pool) => Promise<Result>): Promise<Result> {
	const pool = openPool(url, () => undefined);
	try {
		return await work(pool);
	} catch (error) {
		throw asStorageError(what, error);
	} finally {
		await pool.end();
	}
}

const newestStep = (): number => MIGRATIONS.at(-1)?.number ?? 0;

function readerOf(ask: Transaction, copy: string): Promise<Readable> {
	return ask.unsafe(copy).readable();
}

function writerOf(ask: Transaction, copy: string): Promise<Writable> {
	return ask.unsafe(copy).writable();
}

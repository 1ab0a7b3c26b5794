/** The two databases of a relay, each with its anchors: the same sealed bytes verified and inserted plainly, and one commit. Both wait for the disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { splitSealed } from '#core/entry/codec.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { SealedSales } from './shops-process.ts';

export type Kind = 'PostgreSQL' | 'SQLite';

export interface BenchDatabase {
	/** Of a new relay with nothing in it; undefined: SQLite in its folder. */
	forRelay(): Promise<string | undefined>;
	/** Sales a second, in plain batches of 50. */
	plainRate(tills: readonly SealedSales[], each: number): Promise<number>;
	/** The ms of each of some hundred commits of one sale, one after another. */
	commits(till: SealedSales, count: number): Promise<readonly number[]>;
	close(): Promise<void>;
}

const BATCH = 50;
const CONNECTIONS = 10;
const digest = createDigest();

interface Row {
	readonly device: string;
	readonly seq: number;
	readonly sealed: Uint8Array;
}

export function openDatabase(kind: Kind): Promise<BenchDatabase> {
	return kind === 'PostgreSQL' ? openPostgres() : Promise.resolve(openSqlite());
}

async function openPostgres(): Promise<BenchDatabase> {
	const server = await startPostgres({ shared_buffers: '256MB' });
	const sql = postgres(await server.database(), { max: CONNECTIONS, onnotice: () => undefined });
	const insert = (rows: readonly Row[]): Promise<unknown> =>
		sql`INSERT INTO sales ${sql(rows.map(({ device, seq, sealed }) => ({ device, seq, sealed: Buffer.from(sealed) })))}`;
	const empty = async (): Promise<void> => {
		await sql`DROP TABLE IF EXISTS sales`;
		await sql`CREATE TABLE sales (device text, seq bigint, sealed bytea, PRIMARY KEY (device, seq))`;
	};
	return {
		forRelay: () => server.database(),
		async plainRate(tills, each) {
			await empty();
			const batches = batchesOf(tills, each);
			const begun = performance.now();
			await Promise.all(
				Array.from({ length: CONNECTIONS }, async () => {
					for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
						await verify(batch);
						await insert(batch);
					}
				}),
			);
			return rateOf(tills.length * each, begun);
		},
		async commits(till, count) {
			await empty();
			return await timesOf(till, count, (row) => insert([row]));
		},
		async close() {
			await sql.end();
			await server.close();
		},
	};
}

function openSqlite(): BenchDatabase {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-sqlite-'));
	const database = new DatabaseSync(join(folder, 'plain.sqlite'));
	database.exec(
		'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE sales (device TEXT, seq INT, sealed BLOB, PRIMARY KEY (device, seq))',
	);
	const put = database.prepare('INSERT INTO sales (device, seq, sealed) VALUES (?, ?, ?)');
	const insert = (rows: readonly Row[]): void => {
		database.exec('BEGIN');
		for (const { device, seq, sealed } of rows) put.run(device, seq, sealed);
		database.exec('COMMIT');
	};
	return {
		forRelay: async () => undefined,
		async plainRate(tills, each) {
			database.exec('DELETE FROM sales');
			const batches = batchesOf(tills, each);
			const begun = performance.now();
			for (const batch of batches) {
				await verify(batch);
				insert(batch);
			}
			return rateOf(tills.length * each, begun);
		},
		async commits(till, count) {
			database.exec('DELETE FROM sales');
			return await timesOf(till, count, (row) => {
				insert([row]);
			});
		},
		async close() {
			database.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function rowsOf({ device, sales }: SealedSales, count: number): readonly Row[] {
	return sales.slice(0, count).map((sealed, place) => ({ device, seq: place + 1, sealed }));
}

function batchesOf(tills: readonly SealedSales[], each: number): Row[][] {
	const rows = tills.flatMap((till) => rowsOf(till, each));
	return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, n) => rows.slice(n * BATCH, (n + 1) * BATCH));
}

async function verify(rows: readonly Row[]): Promise<void> {
	const sound = await Promise.all(
		rows.map(async ({ device, sealed }) => {
			const parts = splitSealed(sealed);
			return parts !== undefined && (await digest.verify(device as DeviceId, parts.body, parts.signature));
		}),
	);
	if (sound.includes(false)) throw new Error('a sale of the bench does not verify');
}

async function timesOf(till: SealedSales, count: number, commit: (row: Row) => unknown): Promise<readonly number[]> {
	const times: number[] = [];
	for (const row of rowsOf(till, count)) {
		const begun = performance.now();
		await commit(row);
		times.push(performance.now() - begun);
	}
	return times;
}

function rateOf(sales: number, begun: number): number {
	return sales / ((performance.now() - begun) / 1000);
}

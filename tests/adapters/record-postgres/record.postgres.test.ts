/** The record on a real PostgreSQL that is killed, frozen, taken away and put back to an earlier day. */
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPool } from '#adapters/record-postgres/connection.ts';
import { MIGRATIONS, migrate } from '#adapters/record-postgres/migrations.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import type { BadQuestion, BranchName, DamagedBytes, RelayStorage, ReportPlan } from '#ports';
import type { EntryHash, StoreId } from '#schemas/ids.ts';
import { REPORTS } from '#server/reports/plan.ts';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';
import { plainEntry } from '../../contracts/vault.ts';
import { eventually } from '../../support/eventually.ts';
import { newDatabase } from '../../support/new-database.ts';
import { startPostgres } from '../../support/postgres-server.ts';

const timers = createSystemTimers((error) => {
	throw error as Error;
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

async function recordAt(url: string, patienceMs = 1_500, reports?: ReportPlan): Promise<RelayStorage> {
	const record = await openPostgresRecord({ url, clock: systemClock, timers, patienceMs, ...(reports === undefined ? {} : { reports }) });
	closing.push(() => record.close());
	return record;
}

function sqlAt(url: string): postgres.Sql {
	const sql = postgres(url, { max: 2, onnotice: () => undefined });
	closing.push(() => sql.end({ timeout: 1 }));
	return sql;
}

async function ownServer(settings?: Readonly<Record<string, string>>): ReturnType<typeof startPostgres> {
	const server = await startPostgres(settings);
	closing.push(() => server.close());
	return server;
}

const entry = (seq: number): ReturnType<typeof plainEntry> => plainEntry('branch', seq, `key-number-${seq}`);
const reasonOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((error: unknown) => error);
const answersAgain = (record: RelayStorage): Promise<void> => eventually(() => record.standing().answers, 'the database answers again');

test('two processes that start at once on an empty database make its tables once', async () => {
	const url = await newDatabase();
	await Promise.all([recordAt(url), recordAt(url), recordAt(url)]);
	const rows = await sqlAt(url)`SELECT number FROM holdfast.migrations ORDER BY number`;
	expect(rows.map(({ number }) => Number(number))).toEqual(MIGRATIONS.map(({ number }) => number));
});

test('a database that a newer Holdfast brought further is refused, and nothing in it is touched', async () => {
	const url = await newDatabase();
	await (await recordAt(url)).close();
	const sql = sqlAt(url);
	await sql`INSERT INTO holdfast.migrations (number, name) VALUES (${10_000}, 'of a later year')`;
	await expect(recordAt(url)).rejects.toThrow(/step 10000 by a newer Holdfast/);
});

test('a step that fails leaves the database as it was, and the next start makes it', async () => {
	const url = await newDatabase();
	const sql = sqlAt(url);
	const pool = openPool(url, () => undefined);
	closing.push(() => pool.end());
	const good = { number: 1, name: 'good', sql: 'CREATE TABLE holdfast.good (a int)' };
	await expect(migrate(pool, [good, { number: 2, name: 'bad', sql: 'CREATE TABEL x' }])).rejects.toThrow(/TABEL/);
	expect(await sql`SELECT to_regclass('holdfast.good')::text AS found`).toEqual([{ found: null }]);
	expect(await migrate(pool, [good])).toBe(1);
	expect(await migrate(pool, [good])).toBe(0);
});

test('a server whose commits are not on its disk is refused, in words', async () => {
	const server = await ownServer({ fsync: 'off' });
	await expect(recordAt(await server.database())).rejects.toThrow(/fsync = off/);
});

test('commits are synchronous, whatever the server does by itself', async () => {
	const server = await ownServer({ synchronous_commit: 'off' });
	const url = await server.database();
	const record = await recordAt(url);
	const sql = sqlAt(url);
	// Asked of a transaction of the record's own: a trigger writes down what it runs under.
	await sql`CREATE TABLE seen (how text)`;
	await sql.unsafe(
		`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
		CREATE TRIGGER noted AFTER INSERT ON holdfast.entries FOR EACH ROW EXECUTE FUNCTION note()`,
	);
	await (await record.open(branchName())).entryStore.add([entry(1)]);
	expect(await sql`SELECT how FROM seen`).toEqual([{ how: 'on' }]);
});

test('what many branches write at one time shares commits', async () => {
	const url = await newDatabase();
	const record = await recordAt(url);
	const sql = sqlAt(url);
	const stores = await Promise.all(Array.from({ length: 10 }, (_, n) => record.open(branchName('5e', (16 + n).toString(16)))));
	await Promise.all(stores.flatMap(({ entryStore }) => Array.from({ length: 20 }, (_, n) => entryStore.add([entry(n + 1)]))));
	const [row] = await sql<{ entries: number; commits: number }[]>`
		SELECT count(*)::int AS entries, (SELECT count(DISTINCT xmin::text)::int FROM holdfast.entries) AS commits FROM holdfast.entries`;
	expect(row?.entries).toBe(200);
	expect(row?.commits).toBeLessThan(10);
});

test('a write that the database refuses fails alone: what was asked for together with it is written', async () => {
	const record = await recordAt(await newDatabase());
	const one = await record.open(branchName('5e', 'b1'));
	const other = await record.open(branchName('5e', 'b2'));
	const bad: DamagedBytes = { document: 'with a \u0000 in it', route: 'lane', reason: 'x', hash: 'ee'.repeat(32) as EntryHash, atMs: 1 };
	const [first, refused, second, third] = await Promise.allSettled([
		one.entryStore.add([entry(1)]),
		other.entryStore.addDamaged(bad),
		other.entryStore.add([entry(2)]),
		one.entryStore.add([entry(3)]),
	]);
	expect([first.status, refused.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
	expect((await one.entryStore.page(undefined, 10)).sealed).toHaveLength(2);
	expect(record.standing()).toEqual({ answers: true });
});

test('a sale waits for no backlog of another branch that is being written, and for one of its own in its order', async () => {
	const url = await newDatabase();
	const record = await recordAt(url, 10_000);
	const [month, other] = [await record.open(branchName('5e', 'b1')), await record.open(branchName('5e', 'b2'))];
	const [locked, released] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
	const held = sqlAt(url).begin(async (transaction) => {
		await transaction`SELECT 1 FROM holdfast.branches WHERE branch = decode(${branchName('5e', 'b1').branch}, 'hex') FOR UPDATE`;
		locked.resolve(undefined);
		await released.promise;
	});
	await locked.promise;
	const written: string[] = [];
	const slice = month.entryStore.add(Array.from({ length: 32 }, (_, n) => entry(n + 1))).then(() => written.push('a slice of the month'));
	const own = month.entryStore.add([entry(33)]).then(() => written.push('its sale of just now'));
	await other.entryStore.add([entry(1)]).then(() => written.push('another’s'));
	expect(written).toEqual(['another’s']);
	released.resolve(undefined);
	await Promise.all([held, slice, own]);
	expect(written).toEqual(['another’s', 'a slice of the month', 'its sale of just now']);
	await month.close();
	expect((await (await record.open(branchName('5e', 'b1'))).entryStore.page(undefined, 100)).sealed).toHaveLength(33);
});

test('a sale waits for no question of a report, however many are asked and however long they take; one that takes too long has an end', async () => {
	const slow: ReportPlan = {
		tables: [{ name: 'things', columns: { thing: 'text' }, key: ['thing'] }],
		views: [{ name: 'slow', order: ['store'], sql: () => `SELECT '5e'::text AS store, pg_sleep(3)::text AS slept` }],
	};
	const record = await recordAt(await newDatabase(), 1_000, slow);
	const one = await record.open(branchName('5e', 'b1'));
	const asked = Array.from({ length: 16 }, () => record.report({ view: 'slow', store: '5e' as StoreId, limit: 1 }));
	const outcomes = Promise.allSettled(asked);
	for (let n = 1; n <= 5; n += 1) {
		await one.entryStore.add([entry(n)]);
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
	expect((await outcomes).map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as BadQuestion).why : 'answered'))).toEqual(
		asked.map(() => 'too-much'),
	);
	expect(record.standing()).toEqual({ answers: true });
});

test('a sale waits for no rows of reports, and whoever lost the branch writes none', async () => {
	const url = await newDatabase();
	const [older, newer] = [await recordAt(url, 10_000, REPORTS), await recordAt(url, 10_000, REPORTS)];
	const [one, other] = [await older.open(branchName('5e', 'b1')), await older.open(branchName('5e', 'b2'))];
	const person = (name: string) => ({ rows: new Map([['people', [{ person: 'p1', name, role: 'owner', disabled: false }]]]), marks: [] });
	const sql = sqlAt(url);
	const [locked, released] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
	const held = sql.begin(async (transaction) => {
		await transaction`LOCK TABLE holdfast_reports.people`;
		locked.resolve(undefined);
		await released.promise;
	});
	await locked.promise;
	let isReported = false;
	const reporting = one.reports.write(person('first')).then(() => (isReported = true));
	await new Promise((resolve) => setTimeout(resolve, 200));
	await one.entryStore.add([entry(1)]);
	expect(isReported).toBe(false);
	released.resolve(undefined);
	await Promise.all([held, reporting]);

	await newer.open(branchName('5e', 'b1'));
	const outcomes = await Promise.allSettled([one.reports.write(person('late')), other.reports.write(person('other'))]);
	expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
	expect(await sql`SELECT name FROM holdfast_reports.people ORDER BY name`).toEqual([{ name: 'first' }, { name: 'other' }]);
});

test('whoever opens a branch takes it: the one before writes no more, and hears of it', async () => {
	const url = await newDatabase();
	const [older, newer] = [await recordAt(url), await recordAt(url)];
	const lost: unknown[] = [];
	older.onLost((...what) => lost.push(what));
	const [before, untouched] = [await older.open(branchName()), await older.open(branchName('5e', 'b2'))];
	await before.entryStore.add([entry(1)]);
	const now = await newer.open(branchName());
	const outcomes = await Promise.allSettled([
		before.entryStore.add([entry(2)]),
		untouched.entryStore.add([entry(3)]),
		now.entryStore.add([entry(4)]),
	]);
	expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
	expect(await reasonOf(before.chunks.save(['a'], new Uint8Array()))).toMatchObject({ kind: 'not-owner' });
	expect(lost).toEqual([[branchName(), 'taken']]);
	expect((await now.entryStore.page(undefined, 10)).sealed).toEqual([entry(1).sealed, entry(4).sealed]);
});

test('a process that is stopped within a transaction, and wakes after another took its branch, writes nothing', async () => {
	const url = await newDatabase();
	const [older, newer] = [await recordAt(url), await recordAt(url)];
	const before = await older.open(branchName());
	// The newer one opens while the older one's transaction waits for the row that somebody holds.
	const sql = sqlAt(url);
	const [locked, released] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
	const held = sql.begin(async (transaction) => {
		await transaction`SELECT 1 FROM holdfast.branches FOR UPDATE`;
		locked.resolve(undefined);
		await released.promise;
		await transaction`UPDATE holdfast.branches SET epoch = epoch + 1`; // As opening does.
	});
	await locked.promise;
	const late = reasonOf(before.entryStore.add([entry(1)]));
	await new Promise((resolve) => setTimeout(resolve, 200));
	released.resolve(undefined);
	await held;
	expect(await late).toMatchObject({ kind: 'not-owner' });
	expect((await (await newer.open(branchName())).entryStore.page(undefined, 10)).sealed).toEqual([]);
});

test('kill −9 of the server loses nothing that was acknowledged, and the record goes on by itself', { timeout: 120_000 }, async () => {
	const server = await ownServer();
	const record = await recordAt(await server.database());
	const standings: boolean[] = [];
	record.onStanding(({ answers }) => standings.push(answers));
	const branch = await record.open(branchName());
	const acknowledged: number[] = [];
	let seq = 0;
	let isOver = false;
	const writing = (async () => {
		while (!isOver) {
			seq += 1;
			const mine = seq;
			// Tried until it is written, as the intake does.
			while ((await reasonOf(branch.entryStore.add([entry(mine)]))) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
			acknowledged.push(mine);
		}
	})();
	for (let round = 0; round < 2; round += 1) {
		const reached = acknowledged.length + 50;
		await eventually(() => acknowledged.length >= reached, 'sales are written');
		await server.kill();
		await eventually(() => !record.standing().answers, 'the loss is noticed');
		expect(await reasonOf(branch.entryStore.add([entry(1_000_000 + round)]))).toMatchObject({ name: 'StorageError', kind: 'failed' });
		await server.start();
		await answersAgain(record);
	}
	const reached = acknowledged.length + 20;
	await eventually(() => acknowledged.length >= reached, 'sales are written again');
	isOver = true;
	await writing;
	const { sealed } = await branch.entryStore.page(undefined, 100_000);
	expect(sealed.length).toBe(seq);
	expect(acknowledged).toEqual(Array.from({ length: seq }, (_, n) => n + 1));
	expect(standings).toEqual([false, true, false, true]);
});

test(
	'a server that stands still is noticed, and what was on its way by the old connection is not written after what came later',
	{ timeout: 120_000 },
	async () => {
		const server = await ownServer();
		const url = await server.database();
		const record = await recordAt(url, 1_000);
		const branch = await record.open(branchName());
		await branch.chunks.save(['document', 'snapshot', 'h'], new Uint8Array([1]));
		server.freeze(true);
		expect(await reasonOf(branch.chunks.save(['document', 'snapshot', 'h'], new Uint8Array([2])))).toMatchObject({ kind: 'failed' });
		expect(record.standing()).toMatchObject({ answers: false, reason: 'no answer within 1000 ms' });
		server.freeze(false);
		await answersAgain(record);
		await branch.chunks.save(['document', 'snapshot', 'h'], new Uint8Array([3]));
		await new Promise((resolve) => setTimeout(resolve, 500));
		expect(await branch.chunks.load(['document', 'snapshot', 'h'])).toEqual(new Uint8Array([3]));
	},
);

test(
	'a database that is put back to an earlier day under a running relay is noticed before anything is written on it',
	{ timeout: 120_000 },
	async () => {
		const server = await ownServer();
		const url = await server.database();
		const record = await recordAt(url);
		const lost: [BranchName, string][] = [];
		record.onLost((...what) => lost.push(what));
		const branch = await record.open(branchName());
		const quiet = await record.open(branchName('5e', 'b2'));
		for (let seq = 1; seq <= 5; seq += 1) await branch.entryStore.add([entry(seq)]);
		await quiet.entryStore.add([entry(1)]);
		// What a restore of an earlier backup does to these rows, done while nobody is connected.
		await server.stop();
		await server.start();
		const sql = sqlAt(url);
		await sql`DELETE FROM holdfast.entries WHERE seq > 2`;
		await sql`UPDATE holdfast.branches SET writes = 2 WHERE branch = decode(${branchName().branch}, 'hex')`;
		await reasonOf(branch.entryStore.add([entry(6)]));
		await answersAgain(record);
		await eventually(() => lost.length > 0, 'the loss is told');
		expect(lost).toEqual([[branchName(), 'put-back']]);
		expect(await reasonOf(branch.entryStore.add([entry(7)]))).toMatchObject({ kind: 'not-owner' });
		await quiet.entryStore.add([entry(2)]);
		const again = await record.open(branchName());
		await again.entryStore.add([entry(3)]);
		expect((await again.entryStore.page(undefined, 10)).sealed.length).toBeGreaterThanOrEqual(3);
	},
);

test('what cannot be reached is one sentence', async () => {
	await expect(recordAt('postgres://nobody@127.0.0.1:1/none')).rejects.toThrow(/did not open: .*ECONNREFUSED/);
});

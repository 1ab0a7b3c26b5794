import { copyFileSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEntryStore } from '#adapters/entries-sqlite/entry-store-sqlite.ts';
import { CARRIED_FROM_BYTES, createCarriedLogs } from '#server/storage/carry-logs.ts';
import { createLogsOnDisk } from '#server/storage/log-on-disk.ts';
import { expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-carried-'));

test('1: what was committed is in the file alone, the log begins anew, and who has the database open goes on', async () => {
	const file = join(folder, 'one.sqlite');
	const database = new DatabaseSync(file);
	database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)');
	for (let n = 0; n < 50; n += 1) database.exec(`INSERT INTO t VALUES (${n})`);
	const logs = createCarriedLogs();
	await Promise.all([logs.carry(file), logs.carry(file)]);
	expect(statSync(`${file}-wal`).size).toBe(0);
	copyFileSync(file, join(folder, 'copy.sqlite'));
	expect(new DatabaseSync(join(folder, 'copy.sqlite')).prepare('SELECT COUNT(*) AS n FROM t').get()).toEqual({ n: 50 });
	database.exec('INSERT INTO t VALUES (50)');
	expect(database.prepare('SELECT COUNT(*) AS n FROM t').get()).toEqual({ n: 51 });
	database.close();
	await logs.close();
});

test('2: a file that is none is no failure, and the next one is carried', async () => {
	const logs = createCarriedLogs();
	await expect(logs.carry(join(folder, 'no-such-folder', 'x.sqlite'))).resolves.toBeUndefined();
	await logs.close();
	await expect(createCarriedLogs().close()).resolves.toBeUndefined();
});

test('a log that has become long is carried, and so never longer than that and what is written meanwhile', async () => {
	const logs = createCarriedLogs();
	const carried: number[] = [];
	const file = join(folder, 'entries.sqlite');
	const log = createLogsOnDisk({
		async carry(of) {
			await logs.carry(of);
			carried.push(statSync(`${of}-wal`).size);
		},
	})(file);
	const store = openSqliteEntryStore(file, log);
	for (let n = 0; n < 96; n += 1) await store.setCache('large', new Uint8Array(256 * 1024).fill(n));
	await log.carried();
	// 24 MB were written.
	expect(carried.length).toBeGreaterThan(1);
	expect(Math.max(...carried)).toBe(0);
	expect(statSync(`${file}-wal`).size).toBeLessThan(2 * CARRIED_FROM_BYTES);
	expect((await store.getCache('large'))?.[0]).toBe(95);
	await log.close();
	await store.close();
	await logs.close();
});

test('what is written while the log is carried waits for that', async () => {
	const gate = Promise.withResolvers<void>();
	let under: Promise<void> | undefined = gate.promise;
	const store = openSqliteEntryStore(join(folder, 'waits.sqlite'), { written: async () => undefined, carried: () => under, isCarried: true });
	const order: string[] = [];
	const written = store.setCache('name', new Uint8Array([1])).then(() => order.push('written'));
	expect(await store.getCache('name')).toBeUndefined();
	order.push('carried');
	under = undefined;
	gate.resolve();
	await written;
	expect(order).toEqual(['carried', 'written']);
	expect(await store.getCache('name')).toEqual(new Uint8Array([1]));
	await store.close();
});

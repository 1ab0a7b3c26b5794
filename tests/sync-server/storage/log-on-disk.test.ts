import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createLogsOnDisk } from '#server/storage/log-on-disk.ts';

function databaseIn(folder: string, name: string): { readonly file: string; readonly write: () => void } {
	const file = join(folder, name);
	const database = new DatabaseSync(file);
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (a)');
	return {
		file,
		write: () => {
			database.exec('INSERT INTO t VALUES (1)');
		},
	};
}

test('who asks while a file is waited for shares the next wait, and many files all get theirs', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
	const logs = createLogsOnDisk();
	const files = Array.from({ length: 6 }, (_, n) => databaseIn(folder, `${n}.sqlite`));
	for (const { file, write } of files) {
		const log = logs(file);
		write();
		const first = log.written();
		expect(log.written()).toBe(first);
		await first;
		expect(log.written()).not.toBe(first);
	}
	const all = files.map(({ file, write }) => {
		const log = logs(file);
		write();
		return log.written().then(() => log.close());
	});
	await expect(Promise.all(all)).resolves.toHaveLength(6);
});

test('a database to which nothing was written is on the disk; one whose log cannot be reached is believed no more', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
	await expect(createLogsOnDisk()(join(folder, 'none.sqlite')).written()).resolves.toBeUndefined();
	const { file, write } = databaseIn(folder, 'one.sqlite');
	write();
	const log = createLogsOnDisk()(join(file, 'not-a-folder'));
	await expect(log.written()).rejects.toMatchObject({ kind: 'failed' });
	await expect(log.written()).rejects.toMatchObject({ kind: 'failed' });
});

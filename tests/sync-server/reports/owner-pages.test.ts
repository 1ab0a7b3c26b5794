import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '#server/data-folder.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { ownerSuite } from './owner-suite.ts';

ownerSuite('SQLite', async () => {
	const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-owner-')), 'relay');
	const record = openSqliteRecord(folder, REPORTS);
	return {
		record,
		async close() {
			await record.close();
			folder.release();
		},
	};
});

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { ReportRow } from '#ports';
import { openDataFolder } from '#server/data-folder.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { expect, test } from 'vitest';
import { reportsSuite } from './suite.ts';

reportsSuite('SQLite', async () => {
	const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-reports-')), 'relay');
	const record = openSqliteRecord(folder, REPORTS);
	const database = new DatabaseSync(join(folder.path, 'reports.sqlite'), { readOnly: true });
	const booleans = new Set(REPORTS.tables.flatMap(({ columns }) => Object.keys(columns).filter((name) => columns[name] === 'boolean')));
	return {
		record,
		table: async (name, store) =>
			database
				.prepare(`SELECT * FROM "table_${name}" WHERE store = ?`)
				.all(store)
				.map((row) =>
					Object.fromEntries(Object.entries(row).map(([column, value]) => [column, booleans.has(column) && value !== null ? value === 1 : value])),
				) as readonly ReportRow[],
		async close() {
			database.close();
			await record.close();
			folder.release();
		},
	};
});

test('docs/database.md names every view, with every column of it', async () => {
	const docs = readFileSync(fileURLToPath(new URL('../../../docs/database.md', import.meta.url)), 'utf8');
	const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-reports-')), 'relay');
	const record = openSqliteRecord(folder, REPORTS);
	const database = new DatabaseSync(join(folder.path, 'reports.sqlite'), { readOnly: true });
	const lacking = REPORTS.views.flatMap(({ name }) => {
		const [, part] = new RegExp(`\n### ${name}\n([\\s\\S]*?)(?=\n##|$)`).exec(docs) ?? [];
		if (part === undefined) return [name];
		const columns = database.prepare(`PRAGMA table_info("${name}")`).all();
		return columns
			.map((column) => String(column['name']))
			.filter((column) => !part.includes(`\`${column}\``))
			.map((column) => `${name}.${column}`);
	});
	database.close();
	await record.close();
	folder.release();
	expect(lacking).toEqual([]);
});

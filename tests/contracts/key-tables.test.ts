import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryKeyTable } from '#adapters/entries-memory/key-table-memory.ts';
import { openSqliteKeyTable } from '#adapters/key-table-sqlite/key-table-sqlite.ts';
import { expect, test } from 'vitest';
import type { KeyRow } from '#schemas/wire/keys.ts';
import { keyTableContract } from './key-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
const tables = new Map<string, ReturnType<typeof createMemoryKeyTable>>();

keyTableContract('memory', async (place) => {
	const table = tables.get(place) ?? createMemoryKeyTable();
	tables.set(place, table);
	return table;
});
keyTableContract('SQLite', async (place) => openSqliteKeyTable(join(folder, place)));

test('SQLite: of a key that was removed no byte is left in the folder, which nobody else may read', async () => {
	const at = mkdtempSync(join(folder, 'erased-'));
	const table = openSqliteKeyTable(join(at, 'keys.sqlite'));
	const all = Array.from({ length: 150 }, (): KeyRow => ['customer', randomBytes(16).toString('hex'), randomBytes(32).toString('hex')]);
	// One by one, as customers come: pages are split, and what was moved to another page lies on in the gap.
	for (const row of all) await table.add([row]);
	const bytes = (): string =>
		readdirSync(at)
			.map((file) => readFileSync(join(at, file), 'latin1'))
			.join('');
	const [gone, kept] = [all.filter((_, index) => index % 7 === 0), all.filter((_, index) => index % 7 !== 0)];
	for (const [, , key] of all) expect(bytes()).toContain(key);
	await table.remove(gone.map(([, id]) => id));
	for (const [, id, key] of gone) expect([bytes().includes(id.slice(4)), bytes().includes(key.slice(0, 16))]).toEqual([false, false]);
	for (const [, , key] of kept) expect(bytes()).toContain(key);
	expect(statSync(join(at, 'keys.sqlite')).mode & 0o077).toBe(0);
	await table.close();
});

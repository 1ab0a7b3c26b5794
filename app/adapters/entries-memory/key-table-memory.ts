/** The key table's contract without a disk, for tests. */
import type { KeyTable } from '#ports';
import type { KeyRow } from '#schemas/wire/keys.ts';

export function createMemoryKeyTable(): KeyTable {
	const rows = new Map<string, KeyRow>();
	return {
		rows: () => Promise.resolve([...rows.values()]),
		add(added) {
			for (const row of added) if (!rows.has(row[1])) rows.set(row[1], row);
			return Promise.resolve();
		},
		remove(ids) {
			for (const id of ids) rows.delete(id);
			return Promise.resolve();
		},
		close: () => Promise.resolve(),
	};
}

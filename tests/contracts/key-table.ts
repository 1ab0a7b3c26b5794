/** What every key table promises, run against memory, SQLite and a real browser's IndexedDB. `open` of one name again is the same disk. */
import { describe, expect, test } from 'vitest';
import type { KeyTable } from '#ports';
import type { KeyRow } from '#schemas/wire/keys.ts';

export const keyRowOf = (kind: KeyRow[0], byte: string): KeyRow => [kind, byte.repeat(16), byte.repeat(32)];
const sorted = async (table: KeyTable): Promise<readonly KeyRow[]> => [...(await table.rows())].sort((a, b) => (a[1] < b[1] ? -1 : 1));

export function keyTableContract(name: string, open: (place: string) => Promise<KeyTable>): void {
	describe(`key table: ${name}`, () => {
		let count = 0;
		const place = () => `keys-${(count += 1)}-${crypto.randomUUID().slice(0, 8)}`;

		test('rows come back as they went in, also after it was closed', async () => {
			const at = place();
			const table = await open(at);
			expect(await table.rows()).toEqual([]);
			await table.add([keyRowOf('customer', 'aa'), keyRowOf('secret', 'bb')]);
			await table.add([]);
			expect(await sorted(table)).toEqual([keyRowOf('customer', 'aa'), keyRowOf('secret', 'bb')]);
			await table.close();
			const again = await open(at);
			expect(await sorted(again)).toEqual([keyRowOf('customer', 'aa'), keyRowOf('secret', 'bb')]);
			await again.close();
		});

		test('a row that is there stays as it is', async () => {
			const table = await open(place());
			await table.add([keyRowOf('customer', 'aa')]);
			await table.add([['customer', 'aa'.repeat(16), 'cc'.repeat(32)], keyRowOf('customer', 'bb')]);
			expect(await sorted(table)).toEqual([keyRowOf('customer', 'aa'), keyRowOf('customer', 'bb')]);
			await table.close();
		});

		test('what is removed is gone, also after it was closed; the others stay', async () => {
			const at = place();
			const table = await open(at);
			await table.add(['aa', 'bb', 'cc'].map((byte) => keyRowOf('customer', byte)));
			await table.remove(['aa'.repeat(16), 'cc'.repeat(16), 'dd'.repeat(16)]);
			expect(await sorted(table)).toEqual([keyRowOf('customer', 'bb')]);
			await table.close();
			const again = await open(at);
			expect(await sorted(again)).toEqual([keyRowOf('customer', 'bb')]);
			await again.close();
		});

		test('closed, it says so', async () => {
			const table = await open(place());
			await table.close();
			if (name === 'memory') return;
			await expect(table.add([keyRowOf('customer', 'aa')])).rejects.toMatchObject({ kind: 'closed' });
		});
	});
}

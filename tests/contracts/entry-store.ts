/** What every entry store promises, run against memory, SQLite and a real browser's IndexedDB. */
import { describe, expect, test } from 'vitest';
import type { EntryStore, StoreCursor } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import { plainEntry } from './vault.ts';

const FIRST = '0a'.repeat(32) as DeviceId;
const SECOND = '0b'.repeat(32) as DeviceId;

export function entryStoreContract(name: string, open: (place: string) => Promise<EntryStore>): void {
	describe(`entry store: ${name}`, () => {
		let count = 0;
		const fresh = () => open(`store-${(count += 1)}-${crypto.randomUUID().slice(0, 8)}`);

		test('an entry is new once, in one batch or in two', async () => {
			const store = await fresh();
			const entry = plainEntry('branch', 1, 'key-number-1', FIRST);
			expect([...(await store.add([entry, entry]))]).toEqual([entry.hash]);
			expect([...(await store.add([entry]))]).toEqual([]);
			expect((await store.page(undefined, 10)).sealed).toHaveLength(1);
			await store.close();
		});

		test('two entries at one place of a chain are both kept: a fork is shown, not settled', async () => {
			const store = await fresh();
			const one = plainEntry('branch', 1, 'key-number-1', FIRST);
			const other: Entry = { ...one, hash: 'ff'.repeat(32) as EntryHash, sealed: new Uint8Array([9, 9]) };
			await store.add([one]);
			await store.add([other]);
			expect(await store.chain(FIRST, 'branch', 1, 10)).toHaveLength(2);
			await store.close();
		});

		test('pages give every entry once, in order of device, scope, seq', async () => {
			const store = await fresh();
			const entries = [SECOND, FIRST].flatMap((device) =>
				(['store', 'branch'] as const).flatMap((scope) =>
					[3, 1, 2, 11].map((seq) => plainEntry(scope, seq, `key-${device}-${scope}-${seq}`, device)),
				),
			);
			await store.add(entries);
			const seen: Uint8Array[] = [];
			let cursor: StoreCursor | undefined;
			for (;;) {
				const page = await store.page(cursor, 3);
				if (page.sealed.length === 0) break;
				seen.push(...page.sealed);
				cursor = page.cursor;
			}
			const inOrder = [FIRST, SECOND].flatMap((device) =>
				(['branch', 'store'] as const).flatMap((scope) =>
					[1, 2, 3, 11].map((seq) => plainEntry(scope, seq, `key-${device}-${scope}-${seq}`, device).sealed),
				),
			);
			expect(seen).toEqual(inOrder);
			expect(await store.chain(FIRST, 'store', 2, 2)).toEqual(
				[2, 3].map((seq) => plainEntry('store', seq, `key-${FIRST}-store-${seq}`, FIRST).sealed),
			);
			await store.close();
		});

		test('certificates, findings and caches come back as they went in', async () => {
			const store = await fresh();
			await store.addCertificates([{ device: FIRST, chain: new Uint8Array([1, 2]) }]);
			await store.addCertificates([{ device: FIRST, chain: new Uint8Array([1, 2]) }]);
			expect(await store.certificates()).toEqual([new Uint8Array([1, 2])]);
			const found = { document: 'segment 1', route: 'document' as const, reason: 'not CBOR', hash: 'ee'.repeat(32) as EntryHash, atMs: 7 };
			await store.addDamaged(found);
			expect(await store.damaged()).toEqual([found]);
			expect(await store.getCache('rows')).toBeUndefined();
			await store.setCache('rows', new Uint8Array([7]));
			await store.setCache('rows', new Uint8Array([8]));
			expect(await store.getCache('rows')).toEqual(new Uint8Array([8]));
			await store.close();
		});
	});
}

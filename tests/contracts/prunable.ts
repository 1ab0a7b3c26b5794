/** What a till's entry store promises about what leaves it, run against memory and a real browser's IndexedDB. */
import { describe, expect, test } from 'vitest';
import type { PrunableEntryStore } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import { plainEntry } from './vault.ts';

const FIRST = '0a'.repeat(32) as DeviceId;
const SECOND = '0b'.repeat(32) as DeviceId;

export function prunableContract(name: string, open: (place: string) => Promise<PrunableEntryStore>): void {
	describe(`pruning: ${name}`, () => {
		test('what lies up to a place leaves, what lies above and beside it stays, and what stands for it is there', async () => {
			const store = await open(`pruned-${crypto.randomUUID()}`);
			const entries = [FIRST, SECOND].flatMap((device) =>
				(['branch', 'store'] as const).flatMap((scope) => [1, 2, 3, 4].map((seq) => plainEntry(scope, seq, `key-${device}-${scope}-${seq}`, device))),
			);
			await store.add(entries);
			const upTo = [
				{ device: FIRST, scope: 'branch' as const, seq: 3 },
				{ device: SECOND, scope: 'store' as const, seq: 1 },
			];
			expect(await store.prune(upTo, [['checkpoint', new Uint8Array([5])]])).toBe(4);
			expect(await store.getCache('checkpoint')).toEqual(new Uint8Array([5]));
			const left = entries.filter(
				({ header: { device, scope, seq } }) => !upTo.some((end) => end.device === device && end.scope === scope && seq <= end.seq),
			);
			expect((await store.page(undefined, 100)).sealed).toEqual(left.map(({ sealed }) => sealed));
			expect(await store.chain(FIRST, 'branch', 1, 10)).toHaveLength(1);
			// What is fetched again is new again.
			expect((await store.add(entries)).size).toBe(4);
			await store.close();
		});
	});
}

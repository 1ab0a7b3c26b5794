/** What every storage of a relay promises, run against SQLite and a real PostgreSQL. */
import { describe, expect, test } from 'vitest';
import type { BranchName, RelayStorage } from '#ports';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { plainEntry } from './vault.ts';

export function branchName(store = '5e', branch = 'b1'): BranchName {
	return { store: store.repeat(16) as StoreId, branch: branch.repeat(16) as BranchId, root: 'a0'.repeat(32) as DeviceId };
}

/** `open` twice with one place: the same storage, opened again after it was closed. */
export function relayStorageContract(name: string, place: () => Promise<string>, open: (place: string) => Promise<RelayStorage>): void {
	describe(`relay storage: ${name}`, () => {
		test('branches are there again after a restart, with all that was written', async () => {
			const at = await place();
			const first = await open(at);
			const names = [branchName(), branchName('5e', 'b2'), branchName('5f', 'b1')];
			for (const one of names) {
				const branch = await first.open(one);
				await branch.entryStore.add([plainEntry('branch', 1, `key-of-${one.store.slice(0, 2)}-${one.branch.slice(0, 2)}`)]);
				await branch.chunks.save(['document', 'snapshot', one.branch], new Uint8Array([1, 2, 3]));
				await branch.close();
			}
			await first.setValue('device', 'aa');
			await first.close();
			const second = await open(at);
			expect(new Set((await second.branches()).map((one) => JSON.stringify(one)))).toEqual(new Set(names.map((one) => JSON.stringify(one))));
			for (const one of names) {
				const branch = await second.open(one);
				const { sealed } = await branch.entryStore.page(undefined, 10);
				expect(sealed).toEqual([plainEntry('branch', 1, `key-of-${one.store.slice(0, 2)}-${one.branch.slice(0, 2)}`).sealed]);
				expect(await branch.chunks.loadRange(['document'])).toEqual([{ key: ['document', 'snapshot', one.branch], data: new Uint8Array([1, 2, 3]) }]);
				await branch.close();
			}
			expect(await second.getValue('device')).toBe('aa');
			expect(await second.getValue('nothing')).toBeUndefined();
			expect(second.standing()).toEqual({ answers: true });
			await second.close();
		});

		test('what one branch writes no other one reads, be it of the same store or of another with the same branch id', async () => {
			const record = await open(await place());
			const [one, other, foreign] = await Promise.all(
				[branchName(), branchName('5e', 'b2'), branchName('5f', 'b1')].map((each) => record.open(each)),
			);
			await one!.entryStore.add([plainEntry('branch', 1, 'key-number-1')]);
			await one!.entryStore.setCache('rows', new Uint8Array([1]));
			await one!.entryStore.addCertificates([{ device: 'aa'.repeat(32) as DeviceId, chain: new Uint8Array([1]) }]);
			await one!.chunks.save(['document', 'snapshot', 'x'], new Uint8Array([1]));
			for (const quiet of [other!, foreign!]) {
				expect((await quiet.entryStore.page(undefined, 10)).sealed).toEqual([]);
				expect(await quiet.entryStore.certificates()).toEqual([]);
				expect(await quiet.entryStore.getCache('rows')).toBeUndefined();
				expect(await quiet.chunks.load(['document', 'snapshot', 'x'])).toBeUndefined();
				await quiet.chunks.removeRange(['document']);
			}
			expect(await one!.chunks.load(['document', 'snapshot', 'x'])).toEqual(new Uint8Array([1]));
			await record.close();
		});

		test('chunks come back in the order of writing, a range holds its prefix and nothing beside it, and what goes is gone', async () => {
			const record = await open(await place());
			const { chunks } = await record.open(branchName());
			const keyOf = (name: string): string[] => ['doc', 'incremental', name];
			// Not waited for: reads see what was asked for before them.
			for (const hash of ['c', 'a', 'b']) void chunks.save(keyOf(hash), new Uint8Array([hash.charCodeAt(0)]));
			void chunks.save(['doc', 'snapshot', 's'], new Uint8Array([9]));
			void chunks.save(['doc-2', 'incremental', 'z'], new Uint8Array([8]));
			void chunks.save(['doc', 'incremental-2'], new Uint8Array([7]));
			void chunks.save(['with/slash', 'é %', '.'], new Uint8Array());
			const names = async (...prefix: string[]): Promise<string[]> => (await chunks.loadRange(prefix)).map(({ key }) => key.join('|'));
			expect(await names('doc', 'incremental')).toEqual(['doc|incremental|c', 'doc|incremental|a', 'doc|incremental|b']);
			expect(await names('with/slash')).toEqual(['with/slash|é %|.']);
			// One that is written again keeps its place; one that went and came is the newest.
			void chunks.save(keyOf('c'), new Uint8Array([1]));
			void chunks.remove(keyOf('a'));
			void chunks.save(keyOf('a'), new Uint8Array([2]));
			expect(await chunks.loadRange(['doc', 'incremental'])).toEqual([
				{ key: keyOf('c'), data: new Uint8Array([1]) },
				{ key: keyOf('b'), data: new Uint8Array(['b'.charCodeAt(0)]) },
				{ key: keyOf('a'), data: new Uint8Array([2]) },
			]);
			void chunks.save(keyOf('d'), new Uint8Array([3]));
			void chunks.removeRange(['doc', 'incremental']);
			void chunks.save(keyOf('e'), new Uint8Array([4]));
			expect(await names('doc', 'incremental')).toEqual(['doc|incremental|e']);
			expect(await names('doc')).toEqual(['doc|snapshot|s', 'doc|incremental-2', 'doc|incremental|e']);
			await chunks.remove(['doc', 'snapshot', 's']);
			expect(await chunks.load(['doc', 'snapshot', 's'])).toBeUndefined();
			expect(await names('doc-2')).toEqual(['doc-2|incremental|z']);
			await record.close();
		});

		test('bytes of every value and two megabytes come back as they were', async () => {
			const record = await open(await place());
			const { chunks, entryStore } = await record.open(branchName());
			const large = Uint8Array.from({ length: 2 * 1024 * 1024 }, (_, index) => (index * 31) & 0xff);
			await chunks.save(['large', 'snapshot', 'h'], large);
			expect(await chunks.load(['large', 'snapshot', 'h'])).toEqual(large);
			await entryStore.setCache('large', large);
			expect(await entryStore.getCache('large')).toEqual(large);
			await record.close();
		});

		test('many branches that write at once all have everything', async () => {
			const record = await open(await place());
			const branches = await Promise.all(Array.from({ length: 20 }, (_, n) => record.open(branchName('5e', (16 + n).toString(16)))));
			await Promise.all(
				branches.flatMap(({ entryStore }, n) =>
					Array.from({ length: 25 }, (_, seq) => entryStore.add([plainEntry('branch', seq + 1, `key-of-${n}-number-${seq}`)])),
				),
			);
			for (const [n, { entryStore }] of branches.entries()) {
				const { sealed } = await entryStore.page(undefined, 100);
				expect(sealed.map((bytes) => new TextDecoder().decode(bytes.subarray(3)))).toEqual(
					Array.from({ length: 25 }, (_, seq) => `key-of-${n}-number-${seq}`),
				);
			}
			await record.close();
		});
	});
}

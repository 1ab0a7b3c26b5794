/** The numbered invariants of `adapters/entries-indexeddb/caches-ahead.ts`. */
import { readCachesAhead } from '#adapters/entries-indexeddb/caches-ahead.ts';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { expect, test } from 'vitest';

const wanted = { names: ['head'], prefix: 'catalogue:' };

test('1. of a place where nothing is, nothing comes, and nothing is made', async () => {
	const name = crypto.randomUUID();
	expect(await readCachesAhead(indexedDB, name, wanted)).toEqual({ device: undefined, caches: new Map() });
	expect((await indexedDB.databases()).map((one) => one.name)).not.toContain(name);
});

test('1. 2. what the last run left comes with whose it is, and whoever claims the place next finds it as it was', async () => {
	const name = crypto.randomUUID();
	const open = (ownership: number) =>
		openIndexedDbEntryStore({ places: [indexedDB], name, ownership, device: 'till-a', onFinding: (sentence) => expect.fail(sentence) });
	const before = await open(7);
	for (const cache of ['head', 'catalogue:0', 'catalogue:63', 'checkpoint']) await before.setCache(cache, new TextEncoder().encode(cache));
	await before.close();

	const { device, caches } = await readCachesAhead(indexedDB, name, wanted);
	expect(device).toBe('till-a');
	expect([...caches].map(([cache, bytes]) => [cache, new TextDecoder().decode(bytes)]).sort()).toEqual(
		['catalogue:0', 'catalogue:63', 'head'].map((cache) => [cache, cache]),
	);

	const after = await open(7);
	expect(await after.getCache('head')).toEqual(new TextEncoder().encode('head'));
	await after.close();
});

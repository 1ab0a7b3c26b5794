/** Pruning in a real browser: two copies, of which one may be lost, and a store that outlived the device it was of. */
import { expect, test } from 'vitest';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { plainEntry } from '../../contracts/vault.ts';

const places = await storagePlaces('heard');
const OTHER = '0b'.repeat(32) as DeviceId;
const newName = (): string => `pruned-${crypto.randomUUID()}`;
const entries = Array.from({ length: 1_500 }, (_, n) => plainEntry('branch', n + 1, `heard-${n}-----`, OTHER));
const upTo = [{ device: OTHER, scope: 'branch' as const, seq: 1_200 }];
const CHECKPOINT = new Uint8Array([1, 2, 3]);

async function open(name: string, where = places, device?: string, ownership = 1) {
	const findings: string[] = [];
	const store = await openIndexedDbEntryStore({ places: where, name, ownership, device, onFinding: (sentence) => findings.push(sentence) });
	return { store, findings };
}

async function heldBy(place: IDBFactory, name: string): Promise<number> {
	const { store } = await open(name, [place]);
	const { sealed } = await store.page(undefined, 5_000);
	await store.close();
	return sealed.length;
}

test('both copies are pruned, and stay so over a restart', async () => {
	const name = newName();
	const { store } = await open(name);
	await store.add(entries);
	expect(await store.prune(upTo, [['checkpoint', CHECKPOINT]])).toBe(1_200);
	await store.close();
	const again = await open(name);
	expect(again.findings).toEqual([]);
	await again.store.close();
	for (const place of places) expect(await heldBy(place, name)).toBe(300);
});

test.each([0, 1])('the copy in place %d is lost after pruning: the checkpoint that stands for what left is restored with the rest', async (place) => {
	const name = newName();
	const { store } = await open(name);
	await store.add(entries);
	await store.prune(upTo, [
		['checkpoint', CHECKPOINT],
		['adopted', new Uint8Array([7])],
	]);
	await store.close();
	await new Promise((resolve) => (places[place]!.deleteDatabase(name).onsuccess = resolve));
	const again = await open(name);
	expect((await again.store.page(undefined, 5_000)).sealed).toHaveLength(300);
	expect(await again.store.getCache('checkpoint')).toEqual(CHECKPOINT);
	expect(await again.store.getCache('adopted')).toEqual(new Uint8Array([7]));
	await again.store.close();
	const alone = await open(name, [places[place]!]);
	expect(await alone.store.getCache('checkpoint')).toEqual(CHECKPOINT);
	await alone.store.close();
});

test('a crash between the two copies while pruning: nothing is missing, and what was missing in one comes from the other', async () => {
	const name = newName();
	const { store } = await open(name);
	await store.add(entries);
	await store.close();
	const first = await open(name, [places[0]!]);
	await first.store.prune(upTo, [['checkpoint', CHECKPOINT]]);
	// As many as left: a count alone would call the two equal.
	await first.store.add(Array.from({ length: 1_200 }, (_, n) => plainEntry('store', n + 1, `later-${n}-----`, OTHER)));
	await first.store.close();
	const { store: both } = await open(name);
	expect((await both.page(undefined, 5_000)).sealed).toHaveLength(2_700);
	await both.close();
	for (const place of places) expect(await heldBy(place, name)).toBe(2_700);
});

test('what another device heard here is put away: a till whose vault was lost begins anew beside it, and its smaller owner’s number stops nobody', async () => {
	const name = newName();
	const before = await open(name, places, 'aa'.repeat(32), 9);
	await before.store.add(entries.slice(0, 5));
	await before.store.setCache('head', new Uint8Array([1]));
	await before.store.close();
	const { store } = await open(name, places, 'bb'.repeat(32), 1);
	expect((await store.page(undefined, 10)).sealed).toEqual([]);
	expect(await store.getCache('head')).toBeUndefined();
	expect((await store.add(entries.slice(0, 2))).size).toBe(2);
	await store.close();
	const same = await open(name, places, 'bb'.repeat(32), 2);
	expect((await same.store.page(undefined, 10)).sealed).toHaveLength(2);
	await same.store.close();
});

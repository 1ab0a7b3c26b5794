/** A journal that was carried away as a file: the code that the other device shows lets its till go, for just what was in it. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { bringIn, createCarried } from '#engine/bring-in.ts';
import { encodeJournal, type BroughtIn } from '#engine/journal-file.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { afterEach, expect, test } from 'vitest';
import { openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();
const opened: LinkedReplica[] = [];

afterEach(async () => {
	for (const { replica } of opened.splice(0)) await replica.close();
});

async function leaving(sales: number): Promise<SealingTill> {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 1; n <= sales; n += 1) await till.sell(`sold-alone-${n}`);
	return till;
}

function fileOf(till: SealingTill, chains = [till.chain]): Uint8Array {
	return encodeJournal({
		...{ store: shop.store, branch: shop.branch, device: till.signer.device, savedAtMs: 1 },
		...{ chains, sealed: till.told.map(({ sealed }) => sealed) },
	});
}

async function broughtIn(file: Uint8Array, self = 'fe'.repeat(32) as DeviceId): Promise<BroughtIn> {
	const other = await openLinked(shop, 'another till');
	opened.push(other);
	return on(other, file, self);
}

async function on(
	{ ledger, replica, entryStore, verifier }: LinkedReplica,
	file: Uint8Array,
	self = 'fe'.repeat(32) as DeviceId,
): Promise<BroughtIn> {
	const outcome = await bringIn(file, { store: shop.store, self, ledger, replica, verifier, entryStore, digest });
	if ('problem' in outcome) throw new Error(outcome.problem);
	return outcome;
}

test('2, 3: the code of a file that another device took in whole lets its till go for what was in it, and for no more', async () => {
	const till = await leaving(3);
	const carried = createCarried(till.vault, () => till.ownership, digest);
	const file = fileOf(till);
	await carried.saved(file, { branch: 3, store: 0 });
	const { added, code } = await broughtIn(file);
	expect(added).toBe(3);
	expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
	expect(await carried.upTo()).toEqual({ branch: 0, store: 0 });
	expect(await carried.confirm(` ${code?.toLowerCase().replace('-', ' ') ?? ''}`)).toBe(true);
	await till.sell('sold-after-saving');
	expect(await till.vault.recordedAbove(await carried.upTo())).toEqual({ entries: 1, receipts: 1 });
});

test('3: any other code is none, and so is that of a file that this till did not save', async () => {
	const till = await leaving(2);
	const carried = createCarried(till.vault, () => till.ownership, digest);
	await carried.saved(fileOf(till), { branch: 2, store: 0 });
	await till.sell('sold-after-saving');
	const later = await broughtIn(fileOf(till));
	expect(await carried.confirm(later.code ?? '')).toBe(false);
	expect(await carried.confirm('')).toBe(false);
	expect(await carried.upTo()).toEqual({ branch: 0, store: 0 });
});

test('3: the code of an older file is of what that one held, although a newer one was saved', async () => {
	const till = await leaving(1);
	const carried = createCarried(till.vault, () => till.ownership, digest);
	const first = fileOf(till);
	await carried.saved(first, { branch: 1, store: 0 });
	await till.sell('sold-in-between');
	await carried.saved(fileOf(till), { branch: 2, store: 0 });
	expect(await carried.confirm((await broughtIn(first)).code ?? '')).toBe(true);
	expect(await carried.upTo()).toEqual({ branch: 1, store: 0 });
});

test('3: an older file confirmed after a newer one takes nothing back', async () => {
	const till = await leaving(1);
	const carried = createCarried(till.vault, () => till.ownership, digest);
	const first = fileOf(till);
	await carried.saved(first, { branch: 1, store: 0 });
	await till.sell('sold-in-between');
	const second = fileOf(till);
	await carried.saved(second, { branch: 2, store: 0 });
	for (const file of [second, first]) expect(await carried.confirm((await broughtIn(file)).code ?? '')).toBe(true);
	expect(await carried.upTo()).toEqual({ branch: 2, store: 0 });
});

test('2: no code on the till itself, for a file of which something is refused, or whose till nobody here knows', async () => {
	const till = await leaving(3);
	expect((await broughtIn(fileOf(till), till.signer.device)).code).toBeUndefined();
	const bend = (sealed: Uint8Array): Uint8Array => sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
	const unreadable = (): Uint8Array => new Uint8Array([1, 2, 3]);
	for (const spoil of [bend, unreadable]) {
		const sealed = till.told.map((one, n) => (n === 1 ? spoil(one.sealed) : one.sealed));
		const damaged = { store: shop.store, branch: shop.branch, device: till.signer.device, savedAtMs: 1, chains: [till.chain], sealed };
		expect(await broughtIn(encodeJournal(damaged))).not.toHaveProperty('code');
	}
	expect(await broughtIn(fileOf(till, []))).not.toHaveProperty('code');
});

test('2: brought in twice it is known, and its code is the same', async () => {
	const till = await leaving(2);
	const file = fileOf(till);
	const other = await openLinked(shop, 'another till');
	opened.push(other);
	const [first, second] = [await on(other, file), await on(other, file)];
	expect([first.added, second.added, second.known]).toEqual([2, 0, 2]);
	expect(second.code).toBe(first.code);
});

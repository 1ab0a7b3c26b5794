/** What comes between two steps of handing on what concerns the whole store: branches that hold still where the test says so. */
import type { SharedRecord } from '#ports';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Branch } from '#server/branch.ts';
import { createStoreShare } from '#server/store-share.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

const STORE = '5e'.repeat(16) as StoreId;
const CHAIN = new Uint8Array([1]);
const NEWS = new Uint8Array([2]);
const branchId = (n: number): BranchId => n.toString(16).padStart(2, '0').repeat(16) as BranchId;
const deviceOf = (branch: BranchId): DeviceId => `${branch}${branch}` as DeviceId;

/** It has one entry for the whole store, where `writes`, and takes what it is given when the test lets it. */
function branchOf(n: number, { writes = false, store = STORE }: { readonly writes?: boolean; readonly store?: StoreId } = {}) {
	const branch = branchId(n);
	const taken: Uint8Array[] = [];
	const held: PromiseWithResolvers<undefined>[] = [];
	const listeners: ((change: unknown) => void)[] = [];
	let isHeld = false;
	const one = {
		ledger: {
			...{ store, branch, locator: () => [], chain: () => undefined },
			lackedBy: () => (writes ? [{ device: deviceOf(branch), scope: 'store', fromSeq: 1 }] : []),
		},
		verifier: {
			devices: () => [{ device: deviceOf(branch), branch }],
			chainOf: () => CHAIN,
			certificateOf: (device: DeviceId) => ({ device, branch: device.slice(0, branch.length) }),
		},
		entryStore: { chain: () => Promise.resolve([NEWS]) },
		replica: {
			take: (items: readonly { readonly bytes: Uint8Array }[]) => void taken.push(...items.map(({ bytes }) => bytes)),
			takeChain: () => Promise.resolve(undefined),
			pass: () => undefined,
			onFolded: (listener: (change: unknown) => void) => void listeners.push(listener),
			idle() {
				if (!isHeld) return Promise.resolve();
				const idle = Promise.withResolvers<undefined>();
				held.push(idle);
				return idle.promise;
			},
		},
	};
	return {
		branch: one as unknown as Branch,
		...{ id: branch, held },
		isGiven: () => taken.includes(NEWS),
		forget: () => void taken.splice(0),
		hold: () => (isHeld = true),
		release() {
			isHeld = false;
			for (const idle of held.splice(0)) idle.resolve(undefined);
		},
		/** Something for the whole store is new in it. */
		fold() {
			for (const listener of listeners) listener({ added: [{ header: { scope: 'store' } }] });
		},
	};
}

function shareOf(shared?: Partial<SharedRecord>) {
	const time = createManualTime();
	const share = createStoreShare({
		timers: time.timers,
		...(shared && { shared: shared as SharedRecord }),
		onFailed(error) {
			throw error;
		},
	});
	return { time, share };
}

test('a branch that goes from memory while it waits for its turn to be given what is new is taken up again for it', async () => {
	const { share } = shareOf();
	const [writer, slow, quiet] = [branchOf(1, { writes: true }), branchOf(2), branchOf(3)];
	for (const { branch } of [writer, slow, quiet]) share.add(branch);
	await expect.poll(() => quiet.isGiven()).toBe(true);
	quiet.forget();

	slow.hold();
	writer.fold();
	await expect.poll(() => slow.held.length).toBe(1);
	const wakes: string[] = [];
	share.rest(quiet.branch, () => wakes.push('woken'));
	slow.release();
	expect(quiet.isGiven()).toBe(false);
	expect(wakes).toEqual(['woken']);
	await share.close();
});

test('6: one whose disk takes nothing keeps no other store waiting, and who is given something, or read for it, stays', async () => {
	const other = 'ee'.repeat(16) as StoreId;
	const { share } = shareOf();
	const [writer, slow] = [branchOf(1, { writes: true }), branchOf(2)];
	const [elsewhere, beside, gone] = [branchOf(4, { writes: true, store: other }), branchOf(5, { store: other }), branchOf(6, { store: other })];
	slow.hold();
	for (const { branch } of [writer, slow]) share.add(branch);
	await expect.poll(() => slow.held.length).toBe(1);
	for (const { branch } of [elsewhere, beside, gone]) share.add(branch);
	await expect.poll(() => beside.isGiven() && gone.isGiven()).toBe(true);

	const wakes: string[] = [];
	for (const [name, { branch }] of Object.entries({ writer, slow, gone })) share.rest(branch, () => wakes.push(name));
	expect(wakes).toEqual(['writer', 'slow']);
	const closed = share.close();
	slow.release();
	await closed;
});

test('6: nor what another process keeps of one store what it keeps of another', async () => {
	const other = 'ee'.repeat(16) as StoreId;
	const elsewhere = branchId(9);
	const { time, share } = shareOf({
		branchesOf: () => Promise.resolve([{ branch: elsewhere, writes: 1 }]),
		storeChains: () => Promise.resolve([{ device: deviceOf(elsewhere), chain: CHAIN, seq: 1 }]),
		read: () => ({ chain: () => Promise.resolve([NEWS]) }) as never,
	});
	const [slow, beside] = [branchOf(1), branchOf(2, { store: other })];
	slow.hold();
	for (const { branch } of [slow, beside]) share.add(branch);
	await time.pass(1_000);
	await expect.poll(() => beside.isGiven()).toBe(true);
	expect(slow.held.length).toBe(1);
	const closed = share.close();
	slow.release();
	await closed;
});

test('one that nobody has anything for is left alone', async () => {
	const { share } = shareOf();
	const [writer, quiet] = [branchOf(1, { writes: true }), branchOf(3)];
	for (const { branch } of [writer, quiet]) share.add(branch);
	await expect.poll(() => quiet.isGiven()).toBe(true);
	const wakes: string[] = [];
	share.rest(quiet.branch, () => wakes.push('woken'));
	expect(wakes).toEqual([]);
	writer.fold();
	expect(wakes).toEqual(['woken']);
	await share.close();
});

test('a branch that comes while what another process keeps is being read is given that a second later', async () => {
	const elsewhere = branchId(9);
	const reading: PromiseWithResolvers<undefined>[] = [];
	let isHeld = true;
	const { time, share } = shareOf({
		branchesOf: () => Promise.resolve([{ branch: elsewhere, writes: 1 }]),
		async storeChains() {
			if (isHeld) {
				const read = Promise.withResolvers<undefined>();
				reading.push(read);
				await read.promise;
			}
			return [{ device: deviceOf(elsewhere), chain: CHAIN, seq: 1 }];
		},
		read: () => ({ chain: () => Promise.resolve([NEWS]) }) as never,
	});
	const [first, late] = [branchOf(1), branchOf(2)];
	share.add(first.branch);
	const looking = time.pass(1_000);
	await expect.poll(() => reading.length).toBe(1);
	share.add(late.branch);
	isHeld = false;
	reading[0]?.resolve(undefined);
	await looking;
	await expect.poll(() => first.isGiven()).toBe(true);
	expect(late.isGiven()).toBe(false);
	await time.pass(1_000);
	await expect.poll(() => late.isGiven()).toBe(true);
	await share.close();
});

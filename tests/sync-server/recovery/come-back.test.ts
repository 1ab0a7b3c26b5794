/** When a recovered hub says that the record is back: replicas that ask each other, on a clock of our own. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { compareText } from '#core/entry/order.ts';
import type { IntentKey } from '#schemas/ids.ts';
import type { Branch } from '#server/branch.ts';
import { createComeBack } from '#server/recovery/come-back.ts';
import { hexOf } from '#schemas/cbor.ts';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { changedSetting } from '../../support/facts.ts';
import { openLinked, type LinkedReplica } from '../../support/linked-replicas.ts';
import { openSealingShop, type SealingShop, type SealingTill } from '../../support/sealing-till.ts';

/** Of a page on a thin line. */
const ON_THE_WAY_MS = 6_000;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
	for (const one of open.splice(0)) await one.close();
});

/** A hub that has nothing yet, and how much it holds when it says that the record is back. */
async function recovered(shop: SealingShop) {
	const hub = await openLinked(shop, 'hub', { signs: { tier: 'host', signer: shop.hub } });
	let size: number | undefined;
	const commit = (): Promise<object> => {
		size = hub.ledger.size();
		return Promise.resolve({ entries: [], again: false });
	};
	const comeBack = createComeBack({
		file: {
			...{ store: shop.store, branch: shop.branch, root: shop.root.device, chain: hexOf(shop.hubChain) },
			made: { kind: 'recovered', removeOthers: false, byJournal: false },
		},
		...{ branch: { ledger: hub.ledger, replica: hub.replica, writer: { commit } } as unknown as Branch, hub: shop.hub },
		...{ isLinked: () => true, timers: hub.time.timers, onBack: () => undefined },
		onFailed: (error) => {
			throw error as Error;
		},
	});
	open.push({
		async close() {
			comeBack.stop();
			await hub.replica.close();
		},
	});
	return {
		hub,
		async sizeWhenBack(): Promise<number | undefined> {
			await eventually(async () => {
				await hub.time.pass(500);
				return size !== undefined;
			}, 'it is back');
			return size;
		},
	};
}

/** Two tills; the one that is told first has named the shop. */
async function tillsOf(shop: SealingShop, sales: number): Promise<readonly SealingTill[]> {
	const tills = await Promise.all([0, 1].map(() => shop.till({ vault: createMemoryVault() })));
	const sorted = tills.toSorted((a, b) => compareText(a.signer.device, b.signer.device));
	await sorted[0]?.commit({
		key: 'names-the-shop' as IntentKey,
		decide: () => ({ branch: [], store: [changedSetting({ name: 'storeName', value: 'Corner' })], takesReceipt: false }),
	});
	for (const [place, till] of sorted.entries()) for (let n = 0; n < sales; n += 1) await till.sell(`sale-${place}-${n}`);
	return sorted;
}

async function relayWith(shop: SealingShop, tills: readonly SealingTill[], name = 'relay'): Promise<LinkedReplica> {
	const relay = await openLinked(shop, name, { tills, signs: { tier: 'cloud', signer: shop.root } });
	open.push({ close: () => relay.replica.close() });
	return relay;
}

test('1: a record that comes page by page on a thin line is back with its last page, not in the pause before it', async () => {
	const shop = await openSealingShop();
	const relay = await relayWith(shop, await tillsOf(shop, 200));
	const { hub, sizeWhenBack } = await recovered(shop);
	hub.link('relay', relay);
	relay.link('hub', {
		...hub,
		hear(message, from) {
			hub.time.timers.after(ON_THE_WAY_MS, () => {
				hub.hear(message, from);
			});
		},
	});
	expect(await sizeWhenBack()).toBe(401);
});

test('1: for somebody linked who never answers the record does not wait for ever', async () => {
	const shop = await openSealingShop();
	const relay = await relayWith(shop, await tillsOf(shop, 2));
	const { hub, sizeWhenBack } = await recovered(shop);
	hub.link('silent', { ...relay, hear: () => undefined });
	hub.link('relay', relay);
	relay.link('hub', hub);
	expect(await sizeWhenBack()).toBe(5);
});

test('1: whoever is linked a moment before it would be back is asked first', async () => {
	const shop = await openSealingShop();
	const tills = await tillsOf(shop, 2);
	const [till, relay] = [await relayWith(shop, tills.slice(0, 1), 'till'), await relayWith(shop, tills)];
	const { hub, sizeWhenBack } = await recovered(shop);
	hub.link('till', till);
	till.link('hub', hub);
	await eventually(async () => {
		await hub.time.pass(500);
		return hub.ledger.size() === 3;
	}, 'the till’s record');
	await hub.time.pass(2_500);
	hub.link('relay', relay);
	relay.link('hub', hub);
	expect(await sizeWhenBack()).toBe(5);
});

/** Old entries are asked of everybody who is there: one has this, another that. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createRecall } from '#engine/recall.ts';
import { afterEach, expect, test } from 'vitest';
import { openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
});

async function open(name: string, tills: Parameters<typeof openLinked>[2] = {}): Promise<LinkedReplica> {
	const peer = await openLinked(shop, name, tills);
	stops.push(() => peer.replica.close());
	return peer;
}

test('of two old sales one peer has the first and another both: both come', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	for (const key of ['first-sale', 'second-sale']) await till.sell(key);
	const [asker, one, both] = [
		await open('asker'),
		await open('one', { tills: [{ ...till, told: till.told.slice(0, 1) }] }),
		await open('both', { tills: [till] }),
	];
	await asker.replica.takeChain(till.chain);
	const { documents, entryStore, ledger, verifier, time } = asker;
	const recall = createRecall({ documents, entryStore, ledger, verifier, timers: time.timers, ownChain: () => undefined, own: undefined });
	stops.push(() => Promise.resolve(recall.close()));
	for (const peer of [one, both]) {
		asker.link(peer.name, peer);
		peer.link('asker', asker);
	}
	const hashes = till.told.map(({ hash }) => hash);
	expect((await recall.byHash(hashes)).map(({ hash }) => hash)).toEqual(hashes);
});

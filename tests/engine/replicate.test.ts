/** What a replica does before it meets anybody: it stands as its disk left it. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { createVerifier, provenBy } from '#engine/verify.ts';
import type { EntryStore } from '#ports';
import { afterEach, expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();
const stops: Replica[] = [];

afterEach(async () => {
	for (const replica of stops.splice(0)) await replica.close();
});

async function soldAt(till: Awaited<ReturnType<typeof shop.till>>, name: string, sales: number) {
	for (let n = 0; n < sales; n += 1) await till.sell(`${name}-sale-${n}`);
	return till.told;
}

function replicaOf(entryStore: EntryStore): { replica: Replica; ledger: Ledger; folds: number[] } {
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	const folds: number[] = [];
	const { add } = ledger;
	Object.assign(ledger, {
		add(entries: Parameters<typeof add>[0]) {
			folds.push(entries.length);
			return add(entries);
		},
	});
	const timers = createSystemTimers((error) => {
		throw error;
	});
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: false, entryStore, ledger, verifier, digest },
		...{ clock: systemClock, timers, random: systemRandom },
	});
	stops.push(replica);
	return { replica, ledger, folds };
}

test('what the disk holds is folded once, however many pages it fills: pages come chain by chain, and each would take the fold back', async () => {
	const tills = [await shop.till({ vault: createMemoryVault() }), await shop.till({ vault: createMemoryVault() })];
	const entryStore = createMemoryEntryStore();
	for (const [place, till] of tills.entries()) {
		// Together more than one page of 500.
		await entryStore.add(await soldAt(till, `till-${place}`, 300));
		await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	}
	const { replica, ledger, folds } = replicaOf(entryStore);
	const told: number[] = [];
	replica.onFolded(({ added }) => told.push(added.length));
	await replica.load();
	expect(folds).toEqual([600]);
	expect(told).toEqual([600]);
	expect(ledger.state.sales.size).toBe(600);
	expect(ledger.marks().map(({ seq }) => seq)).toEqual([300, 300]);
	expect(replica.findings().damaged).toEqual([]);
});

test('what the disk broke is found and named, and everything else stands', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const stranger = await shop.till({ vault: createMemoryVault() });
	const [good, bad] = await soldAt(till, 'good', 2);
	const [strange] = await soldAt(stranger, 'strange', 1);
	const entryStore = createMemoryEntryStore();
	await entryStore.add([good!, { ...bad!, sealed: bad!.sealed.map((byte, place) => (place === 40 ? byte ^ 1 : byte)) }, strange!]);
	await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	const { replica, ledger } = replicaOf(entryStore);
	await replica.load();
	expect(ledger.state.sales.size).toBe(1);
	expect(replica.findings().damaged.map(({ document, route }) => [document, route])).toEqual([
		['entry store', 'own'],
		['entry store', 'own'],
	]);
	expect(replica.findings().damaged.map(({ reason }) => reason)).toContain('an entry whose device has no certificate here');
});

test('an empty disk folds nothing', async () => {
	const { replica, ledger, folds } = replicaOf(createMemoryEntryStore());
	await replica.load();
	expect([folds, ledger.size()]).toEqual([[], 0]);
});

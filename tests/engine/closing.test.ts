/** Full segments that a hub has on disk leave as documents; their entries stay, and come to whoever lacks them by catch-up. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createReplica } from '#engine/replicate.ts';
import { createVerifier, provenBy } from '#engine/verify.ts';
import { createWatermarkIssuer } from '#engine/watermark.ts';
import type { Documents, EntryStore } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { segmentLabel } from '#schemas/documents/segment.ts';
import type { Mark } from '#schemas/mark.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();
const till = await shop.till({ vault: createMemoryVault() });
for (let n = 0; n < 1_003; n += 1) await till.sell(`sale-number-${n}`);

async function open(entryStore: EntryStore) {
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	const time = createManualTime();
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: false, entryStore, ledger, verifier, digest },
		...{ clock: time.clock, timers: time.timers, random: systemRandom },
	});
	const nothing = (): void => undefined;
	const documents = new Set<string>();
	const lane: ((message: LaneSaid) => void)[] = [];
	await replica.load();
	await replica.takeChain(shop.hubChain);
	await replica.attach({
		...{ onItems: nothing, onFloor: nothing, broadcast: nothing, onDamage: nothing, sendTo: nothing, onDirect: nothing, onLinked: nothing },
		...{ changeFloor: () => Promise.resolve(), close: () => Promise.resolve(), genesis: () => Promise.resolve(undefined) },
		floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
		onLane: (listener) => lane.push((message) => listener(message, 'hub')),
		openSegment: (name) => Promise.resolve(void documents.add(segmentLabel(name))),
		closeSegment: (name) => Promise.resolve(void documents.delete(segmentLabel(name))),
		restSegment: (name) => Promise.resolve(void documents.delete(segmentLabel(name))),
		append: (name) => Promise.resolve(void documents.add(segmentLabel(name))),
	} satisfies Documents);
	const ofTill = (): number => [...documents].filter((label) => label.includes(till.signer.device.slice(0, 8))).length;
	return {
		...{ replica, ledger, time, ofTill },
		async hearWatermark(marks: readonly Mark[]): Promise<void> {
			const issue = createWatermarkIssuer({ store: shop.store, branch: shop.branch, tier: 'host', signer: shop.hub, clock: time.clock });
			const { signed } = await issue(marks);
			for (const hear of lane) hear({ t: 'watermark', signed: hexOf(signed) });
			await eventually(() => replica.findings().watermarks.some((one) => one.marks[0]?.seq === marks[0]?.seq), 'the watermark is taken');
			await time.pass(30_000);
		},
	};
}

async function diskOf({ told, signer, chain }: SealingTill): Promise<EntryStore> {
	const entryStore = createMemoryEntryStore();
	await entryStore.add(told);
	await entryStore.addCertificates([{ device: signer.device, chain }]);
	return entryStore;
}

test('6: a full segment is closed once a hub has all of it, and not before; the open one stays', async () => {
	const entryStore = await diskOf(till);
	const { replica, ledger, ofTill, hearWatermark, time } = await open(entryStore);
	const whole = ledger.marks();
	expect(ofTill()).toBe(3); // Two of its branch chain, and the first of its store chain.
	await hearWatermark(whole.map((mark) => ({ ...mark, seq: 999 })));
	expect(ofTill()).toBe(3);
	await time.pass(1_000);
	await hearWatermark(whole);
	expect(ofTill()).toBe(2);
	await replica.askAgain();
	expect(ofTill()).toBe(2);
	await replica.close();

	// After a restart it is not even opened.
	const again = await open(entryStore);
	expect(again.ofTill()).toBe(2);
	await again.replica.close();
});

test('6: what is not whole here is not closed, whoever has it', async () => {
	const gappy = await diskOf({ ...till, told: till.told.filter(({ header }) => header.seq !== 500) });
	const { ledger, ofTill, hearWatermark, replica } = await open(gappy);
	const end = till.told.at(-1);
	if (end === undefined) throw new Error('nothing sold');
	expect(ledger.marks().map(({ seq }) => seq)).toEqual([499]);
	await hearWatermark([{ device: end.header.device, scope: 'branch', seq: end.header.seq, hash: end.hash }]);
	expect(ofTill()).toBe(3);
	await replica.close();
});

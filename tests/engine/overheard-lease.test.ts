/** What a relay hears of the lease, which it never holds: a line in its log for each time that the branch changes hands. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { HEARTBEAT_MS, QUIET_MS } from '#core/lease/lease.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createReplica } from '#engine/replicate.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Documents } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const till = await shop.till({ vault: createMemoryVault() });

async function open() {
	const digest = createDigest();
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, certificateOf: (device) => verifier.certificateOf(device) });
	const time = createManualTime();
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: true, entryStore: createMemoryEntryStore(), ledger, verifier, digest },
		...{ clock: time.clock, timers: time.timers, random: systemRandom },
	});
	const lane: ((message: LaneSaid) => void)[] = [];
	const [nothing, soon] = [(): void => undefined, () => Promise.resolve()];
	await replica.load();
	for (const chain of [shop.hubChain, till.chain]) await replica.takeChain(chain);
	await replica.attach({
		...{ onItems: nothing, onFloor: nothing, onDamage: nothing, sendTo: nothing, onDirect: nothing, onLinked: nothing, broadcast: nothing },
		...{ changeFloor: soon, close: soon, openSegment: soon, closeSegment: soon, restSegment: soon, append: soon },
		genesis: () => Promise.resolve(undefined),
		floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
		onLane: (listener) => lane.push((message) => listener(message, 'somebody')),
	} satisfies Documents);
	return {
		time,
		beat(number: number, device: DeviceId): void {
			for (const listen of lane) listen({ t: 'lease', term: [number, device], heldForMs: 0, cloud: 'connected', cloudForMs: 0 });
		},
		hands: () => replica.findings().log.flatMap(({ event }) => (event.event === 'holder' ? [event.device] : [])),
	};
}

test('both sides of a split network are heard: the branch changes hands once, not with every heartbeat', async () => {
	const { time, beat, hands } = await open();
	for (let n = 0; n < 10; n += 1) {
		beat(4, shop.hub.device);
		if (n > 2) beat(5, till.signer.device);
		await time.pass(HEARTBEAT_MS);
	}
	expect(hands()).toEqual([shop.hub.device, till.signer.device]);
});

test('a lower term is the holder once the higher one is silent', async () => {
	const { time, beat, hands } = await open();
	beat(5, till.signer.device);
	await time.pass(QUIET_MS);
	beat(4, shop.hub.device);
	expect(hands()).toEqual([till.signer.device, shop.hub.device]);
});

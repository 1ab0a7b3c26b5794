import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { closeSegment, openClosedSegment } from '#engine/closed-segment.ts';
import { createVerifier } from '#engine/verify.ts';
import { hexOf } from '#schemas/cbor.ts';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';

test('sales that come out of a closed segment verify as they did when they went in', async () => {
	const digest = createDigest();
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	for (let i = 0; i < 12; i += 1) await till.sell(`sale-number-${i}`);
	const name = { store: shop.store, scope: 'branch', device: till.signer.device, n: 1 } as const;
	const closed = await closeSegment(
		digest,
		name,
		till.told.map(({ sealed }) => sealed),
	);
	if ('refused' in closed) throw new Error(closed.refused);
	const opened = await openClosedSegment(digest, closed.bytes);
	if ('refused' in opened) throw new Error(opened.refused);
	const verifier = createVerifier({ digest, store: shop.store });
	await verifier.chain(till.chain);
	const entries = await Promise.all(opened.sealed.map((sealed) => verifier.entry(sealed)));
	expect(entries.map((entry) => ('hash' in entry ? entry.hash : entry))).toEqual(till.told.map(({ hash }) => hash));
	expect(hexOf(opened.sealed[11]!)).toBe(hexOf(till.told[11]!.sealed));
});

/**
 * Shops of one branch each, with real keys and real sealing: a hub, its tills, a range of a hundred goods, and each till's sales of five lines. Sealed before
 * anything is measured, so that whoever brings them costs little.
 */
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { chainKey } from '#core/entry/codec.ts';
import { latestHlc, NO_HLC } from '#core/entry/hlc.ts';
import { seenOfMark } from '#core/entry/seen.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createSealer, type Sealer } from '#engine/seal.ts';
import type { Signer, VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS } from '#schemas/rights.ts';
import { openSealingShop, type SealingShop } from '../../support/sealing-till.ts';
import { chanceFrom, rangeOf } from '../ledger/goods.ts';
import { productFacts, saleOf } from '../ledger/sealed-sales.ts';

export interface SealedTill {
	readonly device: DeviceId;
	readonly chain: Uint8Array;
	/** In the order of its chain, from seq 1. */
	readonly sales: readonly Uint8Array[];
}

export interface SealedShop {
	readonly shop: SealingShop;
	/** The hub's, for the whole store: who is enrolled, goods and prices. */
	readonly opening: readonly Uint8Array[];
	readonly tills: readonly SealedTill[];
}

interface Writer {
	readonly signer: Signer;
	readonly seal: Sealer;
	heads: VaultState['heads'];
	hlc: Hlc;
}

const goods = rangeOf(100);

export async function sealedShop(seed: number, { tills: tillCount, sales }: { readonly tills: number; readonly sales: number }): Promise<SealedShop> {
	const shop = await openSealingShop();
	const chance = chanceFrom(seed);
	const digest = createDigest();
	const clock = { now: Date.now() - 8 * 60 * 60_000 };
	const vector = new Map<string, SeenChange>();
	let hlc = NO_HLC;
	const writerOf = (signer: Signer): Writer => ({
		...{ signer, hlc: NO_HLC, heads: { branch: undefined, store: undefined } },
		seal: createSealer({ store: shop.store, signer, digest, clock: { nowMs: () => clock.now } }),
	});

	async function seal(
		who: Writer,
		scope: 'branch' | 'store',
		facts: readonly Fact[],
	): Promise<{ readonly sealed: Uint8Array; readonly hash: EntryHash }> {
		const done = await who.seal({
			...{ branch: scope === 'branch' ? facts : [], store: scope === 'store' ? facts : [], heads: who.heads, hlc: who.hlc },
			...{ key: crypto.randomUUID() as IntentKey, seen: { vector, hlc }, day: { timeZone: 'Europe/London', dayStartMinutes: 0 } },
		});
		const [entry] = 'entries' in done ? done.entries : [];
		if (entry === undefined || !('heads' in done)) throw new Error('an entry of the bench was not sealed');
		who.heads = done.heads;
		who.hlc = done.hlc;
		hlc = latestHlc(hlc, done.hlc);
		const { device, seq } = entry.header;
		vector.set(chainKey(device, scope), seenOfMark({ device, scope, seq, hash: entry.hash }));
		return entry;
	}

	const hub = writerOf(shop.hub);
	const opening: Uint8Array[] = [];
	const enrol = async (fact: Omit<DeviceEnrolled, 'type' | 'v' | 'branch'>): Promise<void> => {
		opening.push((await seal(hub, 'store', [{ type: 'device.enrolled', v: 1, branch: shop.branch, ...fact }])).sealed);
	};
	await enrol({ device: shop.hub.device, role: 'hub', name: 'Hub', rights: [...HUB_RIGHTS], chain: hexOf(shop.hubChain) });
	const writers: { readonly who: Writer; readonly chain: Uint8Array }[] = [];
	for (let till = 1; till <= tillCount; till += 1) {
		const signer = await signerOf(await generateSigningKey(false));
		const named = { role: 'till' as const, name: `Till ${till}`, till, rights: [...MANAGER_RIGHTS] };
		const chain = await issueCertificate(shop.certificate(signer, named), shop.hub, shop.hubChain);
		await enrol({ ...named, device: signer.device, chain: hexOf(chain) });
		writers.push({ who: writerOf(signer), chain });
	}
	const { sealed, hash } = await seal(hub, 'store', goods.flatMap(productFacts));
	opening.push(sealed);
	const price = new Map<Sku, EntryHash>(goods.map(({ sku }) => [sku, hash]));

	const tills: SealedTill[] = [];
	for (const [place, { who, chain }] of writers.entries()) {
		const sold: Uint8Array[] = [];
		for (let number = 1; number <= sales; number += 1) {
			clock.now += 1_000;
			sold.push((await seal(who, 'branch', [saleOf(goods, price, number, chance, place + 1)])).sealed);
		}
		tills.push({ device: who.signer.device, chain, sales: sold });
	}
	return { shop, opening, tills };
}

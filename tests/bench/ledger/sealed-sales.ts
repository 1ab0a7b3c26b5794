/**
 * A day at two tills with real keys and real sealing: 1,000 sales of one till, each with five lines that name the entry of their price, in a shop of 2,000
 * goods. The other till sells at the same pace, so about every second sale has seen a new one of the neighbour's.
 */
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { seenOfMark } from '#core/entry/seen.ts';
import { chainKey } from '#core/entry/codec.ts';
import { latestHlc, NO_HLC } from '#core/entry/hlc.ts';
import { totalsOf } from '#core/sale/cart.ts';
import { cashTender, completeSale } from '#core/sale/complete-sale.ts';
import { createSealer, type Sealer } from '#engine/seal.ts';
import type { Cart } from '#schemas/cart.ts';
import type { ClosedSegmentName } from '#schemas/documents/closed-segment.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { EntryHash, IntentKey, Sku, StoreId } from '#schemas/ids.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import type { VaultState } from '#ports';
import { chanceFrom, pick, quantityMilliOf, rangeOf, type Chance, type Goods } from './goods.ts';

export const GBP = { code: 'GBP', digits: 2 } as const;
const LINES = 5;

export interface SealedSales {
	readonly name: ClosedSegmentName;
	readonly sealed: readonly Uint8Array[];
}

export async function sealedSales(sales: number, goods: readonly Goods[] = rangeOf(2_000), seed = 1): Promise<SealedSales> {
	const chance = chanceFrom(seed);
	const store = 'a1'.repeat(16) as StoreId;
	const clock = { now: Date.UTC(2026, 2, 2, 8) };
	const digest = createDigest();
	const newTill = async (): Promise<Till> => {
		const signer = await signerOf(await generateSigningKey(false));
		return {
			device: signer.device,
			seal: createSealer({ store, signer, digest, clock: { nowMs: () => clock.now } }),
			heads: { branch: undefined, store: undefined },
			hlc: NO_HLC,
			receipts: 0,
		};
	};
	const [hub, till, neighbour] = [await newTill(), await newTill(), await newTill()];
	const vector = new Map<string, SeenChange>();
	const price = new Map<Sku, EntryHash>();

	async function does(who: Till, scope: 'branch' | 'store', facts: readonly Fact[]): Promise<Entry> {
		const done = await who.seal({
			...{ branch: scope === 'branch' ? facts : [], store: scope === 'store' ? facts : [], heads: who.heads, hlc: who.hlc },
			...{ key: crypto.randomUUID() as IntentKey, seen: { vector, hlc: latestHlc(hub.hlc, latestHlc(till.hlc, neighbour.hlc)) } },
			day: { timeZone: 'Europe/London', dayStartMinutes: 0 },
		});
		if ('tooLarge' in done) throw new Error(`an entry of ${done.tooLarge} bytes`);
		who.heads = done.heads;
		who.hlc = done.hlc;
		const entry = done.entries[0]!;
		const { device, seq } = entry.header;
		vector.set(chainKey(device, scope), seenOfMark({ device, scope, seq, hash: entry.hash }));
		return entry;
	}

	// The range comes in an import, a hundred goods an entry; a fifth of the prices was changed by hand since.
	for (let from = 0; from < goods.length; from += 100) {
		const some = goods.slice(from, from + 100);
		const { hash } = await does(hub, 'store', some.flatMap(productFacts));
		for (const { sku } of some) price.set(sku, hash);
	}
	for (const { sku, unitPriceE4 } of goods) {
		if (chance() >= 0.2) continue;
		const { hash } = await does(hub, 'store', [{ type: 'price.changed', v: 1, sku, unitPriceE4, replaces: [price.get(sku)!] }]);
		price.set(sku, hash);
	}

	const sealed: Uint8Array[] = [];
	while (sealed.length < sales) {
		// A customer every 40 seconds or so, at either till.
		clock.now += Math.floor(-Math.log(1 - chance()) * 20_000) + 1_500;
		const who = chance() < 0.5 ? till : neighbour;
		who.receipts += 1;
		const entry = await does(who, 'branch', [saleOf(goods, price, who.receipts, chance)]);
		if (who === till) sealed.push(entry.sealed);
	}
	return { name: { store, scope: 'branch', device: till.device, n: 1 }, sealed };
}

interface Till {
	readonly device: ClosedSegmentName['device'];
	readonly seal: Sealer;
	heads: VaultState['heads'];
	hlc: Hlc;
	receipts: number;
}

export function productFacts({ sku, fields, unitPriceE4 }: Goods): readonly Fact[] {
	return [
		{ type: 'product.created', v: 1, sku, ...fields },
		{ type: 'price.changed', v: 1, sku, unitPriceE4, replaces: [] },
	];
}

/** Five lines; six of ten people pay by card, the others with what notes they have. */
export function saleOf(goods: readonly Goods[], price: ReadonlyMap<Sku, EntryHash>, number: number, chance: Chance, till = 1): Fact {
	const chosen = new Map<Sku, Goods>();
	while (chosen.size < LINES) {
		const one = pick(goods, chance);
		chosen.set(one.sku, one);
	}
	const cart: Cart = {
		key: 'key-of-a-cart' as IntentKey,
		lines: [...chosen.values()].map((one, index) => ({
			...{ id: String(index), sku: one.sku, name: one.fields.name, quantityMilli: quantityMilliOf(one, chance), unit: one.fields.unit },
			...{ unitPriceE4: one.unitPriceE4, price: price.get(one.sku)!, taxRate: one.fields.taxRate, taxPercentMilli: one.taxPercentMilli },
		})),
		changedAtMs: 1,
	};
	const dueMinor = totalsOf(cart, GBP, 1).totalMinor;
	const isCard = chance() < 0.6;
	const notes = [dueMinor, ...[500, 1000, 2000].map((note) => Math.ceil(dueMinor / note) * note)];
	const tender = isCard ? ({ type: 'card', amountMinor: dueMinor } as const) : cashTender(dueMinor, notes[Math.floor(chance() * notes.length)]!);
	const fact = completeSale(cart, [tender], { receipt: { till, number }, currency: GBP, cashRoundingMinor: 1 });
	if ('refused' in fact) throw new Error(`a sale of the bench is refused: ${fact.refused}`);
	return fact;
}

/**
 * A certified device with real keys, its vault and its commit; for Node and browser alike. The shop has a root and a hub, as in life.
 *
 *   const shop = await openSealingShop();
 *   const till = await shop.till({ vault: createMemoryVault() });
 *   await till.sell('key-of-this-sale');
 */
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { isRefusal, type Decision } from '#core/intent.ts';
import { completeSale } from '#core/sale/complete-sale.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createCommit, type Commit, type CommitDeps, type Committed } from '#engine/commit.ts';
import type { OneAtATime } from '#engine/one-at-a-time.ts';
import { createSealer, type Sealer, type Seen } from '#engine/seal.ts';
import { createVerifier, type Verifier } from '#engine/verify.ts';
import type { Signer, Vault } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, IntentKey, StoreId } from '#schemas/ids.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS } from '#schemas/rights.ts';

export interface SealingShop {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: Signer;
	readonly hub: Signer;
	readonly hubChain: Uint8Array;
	certificate(device: Signer, changes?: Partial<Certificate>): Certificate;
	till(options: TillOptions): Promise<SealingTill>;
}

export interface TillOptions {
	readonly vault: Vault;
	/** A key from an earlier run; else a new one. */
	readonly signer?: Signer;
	readonly nowMs?: () => number;
	readonly seen?: () => Seen;
	readonly sealer?: (real: Sealer) => Sealer;
	readonly onRecorded?: CommitDeps['onRecorded'];
	readonly isDropped?: () => boolean;
	readonly isOver?: () => boolean;
	readonly turns?: OneAtATime;
}

export interface SealingTill {
	readonly signer: Signer;
	readonly chain: Uint8Array;
	readonly vault: Vault;
	readonly verifier: Verifier;
	readonly commit: Commit;
	/** What it told, in order. */
	readonly told: Entry[];
	ownership: number;
	/** One unit for £2.50 in cash; fails if it does not become true. */
	sell(key: string): Promise<Committed>;
}

/** The same keys make the same shop again. */
export async function openSealingShop(keys: { readonly root?: Signer; readonly hub?: Signer } = {}): Promise<SealingShop> {
	const digest = createDigest();
	const root = keys.root ?? (await signerOf(await generateSigningKey(false)));
	const hub = keys.hub ?? (await signerOf(await generateSigningKey(false)));
	const store = hexOf(await digest.sha256(bytesOfHex(root.device))).slice(0, 32) as StoreId;
	const branch = hexOf(crypto.getRandomValues(new Uint8Array(16))) as BranchId;

	function certificate({ device }: Signer, changes: Partial<Certificate> = {}): Certificate {
		return {
			...{ v: 1, store, branch, device, peer: `peer-of-${device.slice(0, 16)}`, role: 'till', name: 'Till 1', till: 1 },
			...{ rights: [...MANAGER_RIGHTS], issuer: hub.device, issuedAtMs: 1, ...changes },
		};
	}
	const hubChain = await issueCertificate(certificate(hub, { role: 'hub', name: 'Hub', rights: [...HUB_RIGHTS], issuer: root.device }), root);

	return {
		...{ store, branch, root, hub, hubChain, certificate },
		async till({ vault, signer: known, nowMs = Date.now, seen = nothingSeen, sealer = (real) => real, onRecorded, isDropped, isOver, turns }) {
			const signer = known ?? (await signerOf(await generateSigningKey(false)));
			const chain = await issueCertificate(certificate(signer), hub, hubChain);
			const verifier = createVerifier({ digest, store });
			if ((await verifier.chain(chain)) === undefined) throw new Error('the test’s own chain does not verify');
			const told: Entry[] = [];
			const till: SealingTill = {
				...{ signer, chain, vault, verifier, told, ownership: await vault.takeOwnership() },
				commit: createCommit({
					...{ vault, digest, seen, sealer: sealer(createSealer({ store, signer, digest, clock: { nowMs } })) },
					ownership: () => till.ownership,
					day: () => ({ timeZone: 'Europe/London', dayStartMinutes: 0 }),
					onRecorded(entries) {
						told.push(...entries);
						onRecorded?.(entries);
					},
					...(isDropped === undefined ? {} : { isDropped }),
					...(isOver === undefined ? {} : { isOver }),
					...(turns === undefined ? {} : { turns }),
				}),
				async sell(key) {
					const done = await till.commit({ key: key as IntentKey, removesCart: key as IntentKey, decide: sale(key) });
					if (isRefusal(done) || 'trouble' in done) throw new Error(`not sold: ${JSON.stringify(done)}`);
					return done;
				},
			};
			return till;
		},
	};
}

export const nothingSeen = (): Seen => ({ vector: new Map(), hlc: [0, 0] });

/** Decides a sale of one unit for £2.50. */
export function sale(key: string): (nextReceiptNumber: number) => Decision {
	return (number) => {
		const fact = completeSale(cartOf(key), [{ type: 'cash', amountMinor: 250, givenMinor: 500, changeMinor: 250 }], {
			...{ receipt: { till: 1, number }, currency: { code: 'GBP', digits: 2 }, cashRoundingMinor: 1 },
		});
		if (isRefusal(fact)) throw new Error(`the test’s own sale is refused: ${fact.refused}`);
		return { branch: [fact], store: [], takesReceipt: true };
	};
}

export function cartOf(key: string): Cart {
	return {
		key: key as IntentKey,
		lines: [{ id: 'a', name: 'Bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 25_000, taxRate: 'standard', taxPercentMilli: 20_000 }],
		changedAtMs: 1,
	};
}

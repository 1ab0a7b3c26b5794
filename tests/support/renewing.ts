/** A sealing till that renews its keys: the old and the new ones, and the entries under each. */
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { countersignedBytes, decodeChain, encodeChain, encodeRenewalBody, type SignedRenewal } from '#core/entry/certificate.ts';
import type { Signer } from '#ports';
import type { Renewal } from '#schemas/renewal.ts';
import type { SealingShop, SealingTill } from './sealing-till.ts';

/** A new key of this device. */
export async function nextKeyOf({ device }: Signer): Promise<Required<Signer>> {
	const { device: key, sign } = await signerOf(await generateSigningKey(false));
	return { device, key, sign };
}

export interface Renewing {
	readonly signer: Signer;
	readonly chain: Uint8Array;
	readonly ends: Renewal['ends'];
	readonly next: Required<Signer>;
	/** Another than the shop's hub, with the chain that proves it down to what the device's own chain has. */
	readonly countersigner?: { readonly signer: Signer; readonly chain: Uint8Array | undefined };
	readonly atMs?: number;
	readonly change?: Partial<Renewal>;
}

/** The device's chain with one more renewal, made as the real ones are, and bent where asked. */
export async function renewedChain(
	shop: Pick<SealingShop, 'store' | 'hub'>,
	how: Renewing,
	bend: (signed: SignedRenewal) => SignedRenewal = (one) => one,
): Promise<Uint8Array> {
	const [own, ...above] = decodeChain(how.chain) ?? [];
	if (own === undefined) throw new Error('the test’s own chain cannot be read');
	const { signer, next, ends, atMs = 1_000, countersigner = { signer: shop.hub, chain: undefined } } = how;
	const before = (signer.key ?? signer.device) as Renewal['before'];
	const renewal: Renewal = {
		...{ v: 1, store: shop.store, device: signer.device, generation: own.renewals.length + 1, before, ends },
		...{ key: next.key as Renewal['key'], peer: `peer-of-${next.key.slice(0, 16)}` },
		...how.change,
	};
	const body = new Uint8Array(encodeRenewalBody(renewal));
	const signed: SignedRenewal = {
		...{ renewal, body, atMs, countersigner: countersigner.signer.device },
		byKeyBefore: new Uint8Array(await signer.sign(body)),
		byNewKey: new Uint8Array(await next.sign(body)),
		countersignature: new Uint8Array(await countersigner.signer.sign(countersignedBytes(body, atMs))),
		countersignerChain: countersigner.chain === undefined ? [] : (decodeChain(countersigner.chain) ?? []).slice(0, 1),
	};
	return encodeChain([{ ...own, renewals: [...own.renewals, bend(signed)] }, ...above]);
}

/** Where the till's chains end, as its vault has them. */
export async function endsOf({ vault }: Pick<SealingTill, 'vault'>): Promise<Renewal['ends']> {
	const { heads } = await vault.read();
	const place = (head: (typeof heads)['branch']) => head && { seq: head.seq, hash: head.hash };
	const [branch, store] = [place(heads.branch), place(heads.store)];
	return { ...(branch && { branch }), ...(store && { store }) };
}

export const digest = createDigest();

/** Renewals for tests in which nothing is signed: what a verifier would have proven of them is taken from the chain as it is. */
import { decodeChain, encodeCertificateBody, encodeChain, encodeRenewalBody, type SignedRenewal } from '#core/entry/certificate.ts';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DeviceRenewed } from '#schemas/facts/device-renewed.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Renewal } from '#schemas/renewal.ts';
import type { TestShop } from './ledger-builder.ts';

const SIGNATURE = new Uint8Array(64);

/** Of a device that has enrolment's keys. `key`: 64 hex characters. */
export interface UnsignedRenewal {
	readonly shop: Pick<TestShop, 'store' | 'branch'>;
	readonly device: DeviceId;
	readonly key: string;
	readonly ends?: Renewal['ends'];
	readonly countersigner: DeviceId;
	readonly atMs: number;
}

export function unsignedRenewal({ shop: { store, branch }, device, key, ends = {}, countersigner, atMs }: UnsignedRenewal): DeviceRenewed {
	const peer = `peer-of-${key.slice(0, 16)}`;
	const certificate = encodeCertificateBody({
		...{ v: 1, store, branch, device, peer, role: 'till', name: 'Till', till: 9, rights: [], issuer: countersigner, issuedAtMs: 0 },
	});
	const before = String(device) as Renewal['before'];
	const renewal: Renewal = { v: 1, store, device, generation: 1, before, key: key as Renewal['key'], peer, ends };
	const signed: SignedRenewal = {
		...{ renewal, body: new Uint8Array(encodeRenewalBody(renewal)), byKeyBefore: SIGNATURE, byNewKey: SIGNATURE, countersigner, atMs },
		...{ countersignature: SIGNATURE, countersignerChain: [] },
	};
	const chain = encodeChain([{ body: new Uint8Array(certificate), signature: SIGNATURE, renewals: [signed] }]);
	return { type: 'device.renewed', v: 1, device, generation: 1, chain: hexOf(chain) };
}

export function renewalsShown(chain: string): readonly SignedRenewal[] {
	return decodeChain(bytesOfHex(chain))?.[0]?.renewals ?? [];
}

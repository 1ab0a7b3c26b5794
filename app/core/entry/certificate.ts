/**
 * Certificate chains as bytes, and what can be said of one without any cryptography. Signatures are checked in `engine/verify.ts`.
 *
 * 1. A chain that `chainProblem` finds nothing in is of this store, each certificate issued by the next one's device, the last by the store's root.
 * 2. Only the root and devices with the right `enrol` issue, and nobody grants a right that it does not have itself.
 */
import * as v from 'valibot';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { certificate as certificateSchema, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, type Certificate } from '#schemas/certificate.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';

export interface SignedCertificate {
	readonly certificate: Certificate;
	/** The bytes that the issuer signed. */
	readonly body: Uint8Array<ArrayBuffer>;
	readonly signature: Uint8Array<ArrayBuffer>;
}

export function encodeCertificateBody(certificate: Certificate): Uint8Array {
	return encode(certificate);
}

/** The device's own first, the one that the root signed last. */
export function encodeChain(chain: readonly Pick<SignedCertificate, 'body' | 'signature'>[]): Uint8Array {
	return encode(chain.map(({ body, signature }) => [hexOf(body), hexOf(signature)]));
}

/** Undefined for bytes that are not a chain of well-formed certificates. Nothing is proven yet. */
export function decodeChain(bytes: Uint8Array): readonly SignedCertificate[] | undefined {
	if (bytes.length > MAX_CHAIN_BYTES) return undefined;
	const parts = v.safeParse(chainParts, decode(bytes));
	if (!parts.success) return undefined;
	const chain: SignedCertificate[] = [];
	for (const [bodyHex, signatureHex] of parts.output) {
		const body = bytesOfHex(bodyHex);
		const parsed = v.safeParse(certificateSchema, decode(body));
		if (!parsed.success) return undefined;
		chain.push({ certificate: parsed.output, body, signature: bytesOfHex(signatureHex) });
	}
	return chain;
}

/** The key that must have signed the last certificate: `rootIsStore` says whether its SHA-256 begins with the store id. */
export function rootOfChain(chain: readonly SignedCertificate[]): DeviceId | undefined {
	return chain.at(-1)?.certificate.issuer;
}

/** What is wrong with a chain in words, or undefined. Signatures, and whether the root is the store's, are asked outside. */
export function chainProblem(chain: readonly SignedCertificate[], store: StoreId, rootIsStore: boolean): string | undefined {
	if (chain.length === 0) return 'no certificate';
	if (chain.length > MAX_CHAIN_CERTIFICATES) return `${chain.length} certificates, at most ${MAX_CHAIN_CERTIFICATES} are allowed`;
	if (!rootIsStore) return "not signed by this store's root key";
	const devices = new Set<DeviceId>();
	for (const [place, { certificate }] of chain.entries()) {
		if (certificate.store !== store) return 'a certificate of another store';
		if (devices.has(certificate.device)) return 'one device twice in the chain';
		devices.add(certificate.device);
		const issuer = chain[place + 1]?.certificate;
		if (issuer === undefined) continue; // Signed by the root, which may do everything.
		if (issuer.device !== certificate.issuer) return 'the certificates do not follow from each other';
		if (!issuer.rights.includes('enrol')) return 'issued by a device that may not enrol';
		const tooMuch = certificate.rights.find((right) => !issuer.rights.includes(right));
		if (tooMuch !== undefined) return `grants the right "${tooMuch}", which its issuer does not have`;
	}
	const root = rootOfChain(chain);
	if (root !== undefined && devices.has(root)) return 'the root key is a device of its own chain';
	return undefined;
}

const hexBytes = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const chainParts = v.pipe(
	v.array(v.strictTuple([hexBytes, v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))])),
	v.minLength(1),
	v.maxLength(MAX_CHAIN_CERTIFICATES),
);

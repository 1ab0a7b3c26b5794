/**
 * Certificate chains as bytes, and what can be said of one without any cryptography. Signatures are checked in `engine/verify.ts`.
 *
 * 1. A chain that `chainProblem` finds nothing in is of this store, each certificate issued by the next one's device, the last by the store's root.
 * 2. Only the root and devices with the right `enrol` issue, and nobody grants a right that it does not have itself. A till makes no hub.
 * 3. A device's renewals follow from each other, no key comes twice, its chains do not go back, and another device with the right `enrol` countersigned each.
 */
import * as v from 'valibot';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { certificate as certificateSchema, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, type Certificate } from '#schemas/certificate.ts';
import { deviceId, SCOPES, type DeviceId, type SigningKey, type StoreId } from '#schemas/ids.ts';
import { renewal as renewalSchema, type Renewal } from '#schemas/renewal.ts';

export interface SignedCertificate {
	readonly certificate: Certificate;
	/** The bytes that the issuer signed. */
	readonly body: Uint8Array<ArrayBuffer>;
	readonly signature: Uint8Array<ArrayBuffer>;
	/** Of its device, the first one first. */
	readonly renewals: readonly SignedRenewal[];
}

export interface SignedRenewal {
	readonly renewal: Renewal;
	/** The bytes that both keys of the device signed. */
	readonly body: Uint8Array<ArrayBuffer>;
	readonly byKeyBefore: Uint8Array<ArrayBuffer>;
	readonly byNewKey: Uint8Array<ArrayBuffer>;
	readonly countersigner: DeviceId;
	/** By the countersigner's clock. */
	readonly atMs: number;
	readonly countersignature: Uint8Array<ArrayBuffer>;
	/** The countersigner's certificate and those above it; what stands in the outer chain is left out. */
	readonly countersignerChain: readonly SignedCertificate[];
}

export function encodeCertificateBody(certificate: Certificate): Uint8Array {
	return encode(certificate);
}

export function encodeRenewalBody(renewal: Renewal): Uint8Array {
	return encode(renewal);
}

/** What the countersigner signs. */
export function countersignedBytes(body: Uint8Array, atMs: number): Uint8Array {
	return encode([hexOf(body), atMs]);
}

/** The device's own first, the one that the root signed last. */
export function encodeChain(chain: readonly (Pick<SignedCertificate, 'body' | 'signature'> & Partial<SignedCertificate>)[]): Uint8Array {
	return encode(chain.map(partsOf));
}

function partsOf({ body, signature, renewals = [] }: Pick<SignedCertificate, 'body' | 'signature'> & Partial<SignedCertificate>): unknown {
	return [hexOf(body), hexOf(signature), ...(renewals.length === 0 ? [] : [renewals.map(renewalParts)])];
}

function renewalParts(one: SignedRenewal): unknown {
	return [
		...[hexOf(one.body), hexOf(one.byKeyBefore), hexOf(one.byNewKey), one.countersigner, one.atMs, hexOf(one.countersignature)],
		one.countersignerChain.map(partsOf),
	];
}

/** Undefined for bytes that are not a chain of well-formed certificates. Nothing is proven yet. */
export function decodeChain(bytes: Uint8Array): readonly SignedCertificate[] | undefined {
	if (bytes.length > MAX_CHAIN_BYTES) return undefined;
	const chain = readChain(decode(bytes), MAX_CHAIN_DEPTH);
	return chain === undefined || chain.length === 0 ? undefined : chain;
}

function readChain(value: unknown, depth: number): readonly SignedCertificate[] | undefined {
	const parts = v.safeParse(chainParts, value);
	if (!parts.success || depth === 0) return undefined;
	const chain: SignedCertificate[] = [];
	for (const [bodyHex, signatureHex, renewed = []] of parts.output) {
		const body = bytesOfHex(bodyHex);
		const parsed = v.safeParse(certificateSchema, decode(body));
		const renewals = renewed.map((one) => readRenewal(one, depth - 1));
		if (!parsed.success || !renewals.every((one) => one !== undefined)) return undefined;
		chain.push({ certificate: parsed.output, body, signature: bytesOfHex(signatureHex), renewals });
	}
	return chain;
}

function readRenewal(value: unknown, depth: number): SignedRenewal | undefined {
	const parts = v.safeParse(renewalTuple, value);
	if (!parts.success) return undefined;
	const [bodyHex, byKeyBefore, byNewKey, countersigner, atMs, countersignature, above] = parts.output;
	const body = bytesOfHex(bodyHex);
	const parsed = v.safeParse(renewalSchema, decode(body));
	const countersignerChain = readChain(above, depth);
	if (!parsed.success || countersignerChain === undefined) return undefined;
	return {
		...{ renewal: parsed.output, body, byKeyBefore: bytesOfHex(byKeyBefore), byNewKey: bytesOfHex(byNewKey), countersigner, atMs },
		...{ countersignature: bytesOfHex(countersignature), countersignerChain },
	};
}

/** The key that must have signed the last certificate: `rootIsStore` says whether its SHA-256 begins with the store id. */
export function rootOfChain(chain: readonly SignedCertificate[]): DeviceId | undefined {
	return chain.at(-1)?.certificate.issuer;
}

export interface KeyInForce {
	readonly device: DeviceId;
	readonly key: SigningKey;
	/** libp2p peer id of the network key that goes with it. */
	readonly peer: string;
	/** 0: the keys of enrolment. */
	readonly generation: number;
}

/** The keys that stand for the chain's first device by this chain; undefined for bytes that are none. Nothing is proven. */
export function keyInForce(chain: Uint8Array): KeyInForce | undefined {
	const own = decodeChain(chain)?.[0];
	if (own === undefined) return undefined;
	const last = own.renewals.at(-1)?.renewal;
	const { device, peer } = own.certificate;
	return { device, key: last?.key ?? device, peer: last?.peer ?? peer, generation: own.renewals.length };
}

/** All keys that a chain says its first device had: its id, then those of its renewals. */
export function keysOf({ certificate, renewals }: SignedCertificate): readonly SigningKey[] {
	return [certificate.device, ...renewals.map(({ renewal }) => renewal.key)];
}

/** The chain that proves the countersigner of a renewal of the first device of `chain`. */
export function chainOfCountersigner(
	{ countersigner, countersignerChain }: SignedRenewal,
	chain: readonly SignedCertificate[],
): readonly SignedCertificate[] {
	const next = countersignerChain.at(-1)?.certificate.issuer ?? countersigner;
	const place = chain.findIndex(({ certificate }) => certificate.device === next);
	return place < 0 ? countersignerChain : [...countersignerChain, ...chain.slice(place)];
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
		if (certificate.role === 'hub' && issuer.role !== 'hub') return 'a hub that a till let in';
		const tooMuch = certificate.rights.find((right) => !issuer.rights.includes(right));
		if (tooMuch !== undefined) return `grants the right "${tooMuch}", which its issuer does not have`;
	}
	const root = rootOfChain(chain);
	if (root !== undefined && devices.has(root)) return 'the root key is a device of its own chain';
	for (const place of chain.keys()) {
		const problem = renewalProblem(chain.slice(place), store);
		if (problem !== undefined) return problem;
	}
	return undefined;
}

/** Of the first device of this chain. */
function renewalProblem(chain: readonly SignedCertificate[], store: StoreId): string | undefined {
	const [own] = chain;
	if (own === undefined) return undefined;
	const keys = new Set<SigningKey>([own.certificate.device]);
	let before: SigningKey = own.certificate.device;
	for (const [place, signed] of own.renewals.entries()) {
		const { renewal, countersigner } = signed;
		if (renewal.store !== store || renewal.device !== own.certificate.device) return 'a renewal of another device';
		if (renewal.generation !== place + 1 || renewal.before !== before) return 'the renewals do not follow from each other';
		if (keys.has(renewal.key)) return 'a key twice in the renewals of a device';
		keys.add(renewal.key);
		before = renewal.key;
		const endsBefore = own.renewals[place - 1]?.renewal.ends;
		if (SCOPES.some((scope) => (renewal.ends[scope]?.seq ?? 0) < (endsBefore?.[scope]?.seq ?? 0))) return 'a renewal goes back behind the one before';
		const above = chainOfCountersigner(signed, chain);
		if (countersigner === own.certificate.device) return 'a device countersigned for itself';
		if (above[0]?.certificate.device !== countersigner) return 'its countersigner shows no certificate';
		if (!above[0].certificate.rights.includes('enrol')) return 'countersigned by a device that may not enrol';
		const root = rootOfChain(above);
		const problem = root === rootOfChain(chain) ? chainProblem(withoutRenewalsOf(above, own.certificate.device), store, true) : 'of another root';
		if (problem !== undefined) return `its countersigner's certificate: ${problem}`;
	}
	return undefined;
}

/** Of a hub whose till countersigned: the hub's own renewals are the ones that are being looked at. */
function withoutRenewalsOf(chain: readonly SignedCertificate[], device: DeviceId): readonly SignedCertificate[] {
	return chain.map((one) => (one.certificate.device === device ? { ...one, renewals: [] } : one));
}

/** A countersigner's chain may hold a renewal of its own, and so on: each level is at least 600 of `MAX_CHAIN_BYTES`. */
const MAX_CHAIN_DEPTH = 6;

const hexBytes = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const signature = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/));
const atMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const renewalTuple = v.strictTuple([hexBytes, signature, signature, deviceId, atMs, signature, v.unknown()]);
const certificateTuple = v.union([
	v.strictTuple([hexBytes, signature]),
	v.strictTuple([hexBytes, signature, v.pipe(v.array(v.unknown()), v.minLength(1))]),
]);
const chainParts = v.pipe(v.array(certificateTuple), v.maxLength(MAX_CHAIN_CERTIFICATES));

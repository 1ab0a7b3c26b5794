/**
 * Who may be believed: certificates against the store's root, renewals against certificates, entries against both.
 *
 * 1. Only what `chain` has proven introduces a device; an entry of any other device is `unknownDevice`, never an entry.
 * 2. What was proven once is remembered here: a chain costs its signatures once.
 * 3. A device may have several certificates. Peers are told by the first that was proven here; the ledger, which must be the same everywhere, asks for the one
 *    that an enrolment names (`core/roster`).
 * 4. An entry is checked against the key that it names, whatever other keys its device has had: where in its chain that key may have signed is judged by the
 *    ledger, which is the same everywhere. An entry under a key that no renewal here names waits like one of an unknown device.
 * 5. What is said now (a hello, a watermark, a proof to the relay) is checked against the newest key that is known here, and no other.
 * 6. A succession that an entry shows is proven when the entry is read, before any ledger asks for it.
 */
import { chainOfCountersigner, chainProblem, countersignedBytes, decodeChain, encodeChain, keysOf, rootOfChain } from '#core/entry/certificate.ts';
import type { SignedCertificate, SignedRenewal } from '#core/entry/certificate.ts';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { keyLineOf, signerOfKey, type KeyLine } from '#core/entry/renewals.ts';
import { decodeSuccession, type SignedSuccession } from '#core/entry/successions.ts';
import type { Digest } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry, Header } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, SigningKey, StoreId } from '#schemas/ids.ts';
import type { Renewal } from '#schemas/renewal.ts';

export interface Verifier {
	/** The certificate of the chain's first device, with the newest peer known, once every signature up to the store's root is checked. */
	chain(bytes: Uint8Array): Promise<Certificate | undefined>;
	entry(sealed: Uint8Array): Promise<Entry | { readonly damaged: string } | { readonly unknownDevice: DeviceId }>;
	/** The same without its signature: for bytes that an earlier run proved, and that hang by their hash on something that is proven. */
	unproven(sealed: Uint8Array): ReturnType<Verifier['entry']>;
	/**
	 * The first that was proven, with the peer of its newest renewal; with `chain` (hex; empty: nobody names one) the one of that chain, else the one with the
	 * smaller bytes.
	 */
	readonly certificateOf: (device: DeviceId, chain?: string) => Certificate | undefined;
	/** The proven chain as it came, with the renewals in force. */
	chainOf(device: DeviceId): Uint8Array | undefined;
	/** All that are proven here; empty for most devices. */
	keyLine(device: DeviceId): KeyLine;
	/** Those of the first device in a chain (hex) that was proven here, in force or not. */
	readonly renewalsIn: (chain: string) => readonly SignedRenewal[];
	/** A relay's succession (hex), once both keys' signatures are checked; undefined for anything else. */
	succession(shown: string): Promise<SignedSuccession | undefined>;
	/** The same of those that were proven here. */
	readonly successionIn: (shown: string) => SignedSuccession | undefined;
	/** Where one key of a device was given up for two: each of those renewals, with a chain that ends with it. */
	rivalChains(device: DeviceId): readonly { readonly renewal: Renewal; readonly chain: Uint8Array }[];
	/** Peers whose device has another by now: that one. */
	formerPeers(): ReadonlyMap<string, string>;
	devices(): readonly Certificate[];
	/** Hashing, and signatures of what is said now: each against the newest key of its device, or of whoever is no device here. */
	readonly live: Digest;
}

/** What a device signs with by now, as far as is known here. */
export function newestKeyOf({ keyLine }: Pick<Verifier, 'keyLine'>, device: DeviceId): SigningKey {
	return keyLine(device).inForce.at(-1)?.renewal.key ?? device;
}

/** Signed by the key before and by the new one. */
export async function provenSuccession(shown: string, digest: Digest): Promise<SignedSuccession | undefined> {
	const read = decodeSuccession(shown);
	if (read === undefined) return undefined;
	const { succession, body, byKeyBefore, byNewKey } = read;
	const isProven = (await digest.verify(succession.before, body, byKeyBefore)) && (await digest.verify(succession.key, body, byNewKey));
	return isProven ? read : undefined;
}

/** Chains that these entries show, to prove devices and their renewals by. */
export function chainsIn(entries: readonly Entry[]): readonly Uint8Array[] {
	return entries.flatMap(({ facts }) =>
		facts.flatMap((fact) =>
			!('raw' in fact) && (fact.type === 'device.enrolled' || fact.type === 'device.renewed') ? [bytesOfHex(fact.chain)] : [],
		),
	);
}

interface Proof {
	readonly certificate: Certificate;
	readonly bytes: Uint8Array;
}

/** What a ledger asks of whom this verifier has proven. */
export function provenBy({ certificateOf, renewalsIn, successionIn }: Verifier): Pick<Verifier, 'certificateOf' | 'renewalsIn' | 'successionIn'> {
	return { certificateOf, renewalsIn, successionIn };
}

const NO_LINE: KeyLine = { inForce: [], rivals: [] };

export function createVerifier({ digest, store }: { readonly digest: Digest; readonly store: StoreId }): Verifier {
	const proven = new Map<DeviceId, Proof>();
	/** Every proven chain without its device's own renewals, by its hex. */
	const provenChains = new Map<DeviceId, Map<string, Certificate>>();
	/** Of chains that were proven as they came, the renewals of the first device. */
	const renewalsOfChain = new Map<string, readonly SignedRenewal[]>();
	const renewalsOf = new Map<DeviceId, Map<string, SignedRenewal>>();
	const lines = new Map<DeviceId, KeyLine>();
	const formerPeers = new Map<string, string>();
	/** Proven, by their hex. */
	const successions = new Map<string, SignedSuccession>();

	async function chain(bytes: Uint8Array): Promise<Certificate | undefined> {
		const decoded = decodeChain(bytes);
		const own = decoded?.[0];
		const root = decoded === undefined ? undefined : rootOfChain(decoded);
		if (decoded === undefined || own === undefined || root === undefined) return undefined;
		const { device } = own.certificate;
		const hex = hexOf(bytes);
		if (renewalsOfChain.has(hex)) return certificateOf(device);
		const isRoot = hexOf(await digest.sha256(bytesOfHex(root))).startsWith(store);
		if (chainProblem(decoded, store, isRoot) !== undefined || !(await isSigned(decoded))) return undefined;
		renewalsOfChain.set(hex, own.renewals);
		const plain = own.renewals.length === 0 ? bytes : encodeChain(decoded.map((one) => (one === own ? { ...one, renewals: [] } : one)));
		renewalsOfChain.set(hexOf(plain), renewalsOfChain.get(hexOf(plain)) ?? []);
		provenChains.set(device, new Map([...(provenChains.get(device) ?? []), [hexOf(plain), own.certificate]]));
		// The first proof of a device stays: a second certificate would let its issuer change what its first entry was judged by.
		const known = proven.get(device);
		if (known === undefined) proven.set(device, { certificate: own.certificate, bytes });
		takeRenewals(own, bytes);
		return certificateOf(device);
	}

	function takeRenewals({ certificate: { device, peer }, renewals }: SignedCertificate, bytes: Uint8Array): void {
		if (renewals.length === 0) return;
		const known = renewalsOf.get(device) ?? new Map<string, SignedRenewal>();
		renewalsOf.set(device, known);
		for (const one of renewals) known.set(`${hexOf(one.body)} ${one.countersigner} ${one.atMs}`, one);
		const line = keyLineOf(device, known.values());
		lines.set(device, line);
		const first = proven.get(device);
		const isWhole = line.inForce.length === renewals.length && line.inForce.every((one, place) => isSame(one, renewals[place]));
		if (first !== undefined && isWhole) proven.set(device, { certificate: first.certificate, bytes });
		const peers = [first?.certificate.peer ?? peer, ...line.inForce.map(({ renewal }) => renewal.peer)];
		for (const former of peers.slice(0, -1)) formerPeers.set(former, peers.at(-1) ?? former);
	}

	function rivalChains(device: DeviceId): ReturnType<Verifier['rivalChains']> {
		const { inForce, rivals } = lines.get(device) ?? NO_LINE;
		const givenUp = new Set(rivals.map(({ renewal }) => renewal.before));
		const asked = new Set([...inForce.filter(({ renewal }) => givenUp.has(renewal.before)), ...rivals].map(({ renewal }) => renewal.key));
		if (asked.size === 0) return [];
		const found = new Map<SigningKey, { readonly renewal: Renewal; readonly chain: Uint8Array }>();
		for (const [hex, renewals] of renewalsOfChain) {
			const last = renewals.at(-1)?.renewal;
			if (last?.device === device && asked.has(last.key) && !found.has(last.key)) found.set(last.key, { renewal: last, chain: bytesOfHex(hex) });
		}
		return [...found.values()];
	}

	function isSame(a: SignedRenewal, b: SignedRenewal | undefined): boolean {
		return b !== undefined && hexOf(a.body) === hexOf(b.body) && a.countersigner === b.countersigner && a.atMs === b.atMs;
	}

	/** Each certificate by one of the keys that its issuer shows, each renewal by both keys and by one that its countersigner shows. */
	async function isSigned(of: readonly SignedCertificate[], count = of.length): Promise<boolean> {
		for (const [place, { certificate, body, signature, renewals }] of of.slice(0, count).entries()) {
			const issuer = of[place + 1];
			if (!(await isByOneOf(issuer === undefined ? [certificate.issuer] : keysOf(issuer), body, signature))) return false;
			for (const one of renewals) if (!(await isRenewed(one, of.slice(place)))) return false;
		}
		return true;
	}

	async function isRenewed(one: SignedRenewal, of: readonly SignedCertificate[]): Promise<boolean> {
		const { renewal, body, byKeyBefore, byNewKey, atMs, countersignature } = one;
		const above = chainOfCountersigner(one, of);
		const [countersigner] = above;
		return (
			countersigner !== undefined &&
			(await digest.verify(renewal.before, body, byKeyBefore)) &&
			(await digest.verify(renewal.key, body, byNewKey)) &&
			(await isByOneOf(keysOf(countersigner), countersignedBytes(body, atMs), countersignature)) &&
			(await isSigned(above, one.countersignerChain.length)) // What stands in the outer chain is looked at there.
		);
	}

	async function isByOneOf(keys: readonly SigningKey[], bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
		for (const key of keys) if (await digest.verify(key, bytes, signature)) return true;
		return false;
	}

	function certificateOf(device: DeviceId, named?: string): Certificate | undefined {
		const chains = provenChains.get(device);
		const first = proven.get(device)?.certificate;
		if (named !== undefined && chains !== undefined && chains.size > 1)
			return chains.get(named) ?? [...chains].sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[1];
		const peer = lines.get(device)?.inForce.at(-1)?.renewal.peer;
		return first === undefined || peer === undefined ? first : { ...first, peer };
	}

	/** The key that an entry names; undefined for one that is not known here. */
	function keyNamed({ device, signer }: Pick<Header, 'device' | 'signer'>): SigningKey | undefined {
		if (signer === undefined) return device;
		for (const { renewal } of renewalsOf.get(device)?.values() ?? []) if (signerOfKey(renewal.key) === signer) return renewal.key;
		return undefined;
	}

	async function succession(shown: string): Promise<SignedSuccession | undefined> {
		const known = successions.get(shown);
		if (known !== undefined) return known;
		const proven = await provenSuccession(shown, digest);
		if (proven !== undefined) successions.set(shown, proven);
		return proven;
	}

	function newestKey(of: SigningKey): SigningKey {
		return lines.get(of as DeviceId)?.inForce.at(-1)?.renewal.key ?? of;
	}

	async function read(sealed: Uint8Array, isProven: boolean): ReturnType<Verifier['entry']> {
		const parts = splitSealed(sealed);
		if (parts === undefined) return { damaged: 'not a sealed entry' };
		const decoded = decodeBody(parts.body);
		if ('damaged' in decoded) return decoded;
		const { header, facts } = decoded;
		if (header.store !== store) return { damaged: 'an entry of another store' };
		const key = proven.has(header.device) ? keyNamed(header) : undefined;
		if (key === undefined) return { unknownDevice: header.device };
		if (!isProven && !(await digest.verify(key, parts.body, parts.signature))) return { damaged: 'its signature does not verify' };
		for (const fact of facts) if (!('raw' in fact) && fact.type === 'relay.renewed') await succession(fact.succession);
		const hash = hexOf(await digest.sha256(parts.body)) as EntryHash;
		return { hash, header, facts, sealed };
	}

	return {
		chain,
		entry: (sealed) => read(sealed, false),
		unproven: (sealed) => read(sealed, true),
		certificateOf,
		chainOf: (device) => proven.get(device)?.bytes,
		keyLine: (device) => lines.get(device) ?? NO_LINE,
		renewalsIn: (of) => renewalsOfChain.get(of) ?? [],
		succession,
		successionIn: (shown) => successions.get(shown),
		rivalChains,
		formerPeers: () => formerPeers,
		devices: () => [...proven.keys()].flatMap((device) => certificateOf(device) ?? []),
		live: { sha256: digest.sha256, verify: (key, bytes, signature) => digest.verify(newestKey(key), bytes, signature) },
	};
}

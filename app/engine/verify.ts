/**
 * Who may be believed: certificates against the store's root, entries against certificates.
 *
 * 1. Only what `chain` has proven introduces a device; an entry of any other device is `unknownDevice`, never an entry.
 * 2. What was proven once is remembered here: a chain costs its signatures once.
 * 3. A device may have several certificates. Peers are told by the first that was proven here; the ledger, which must be the same everywhere, asks for the one
 *    that an enrolment names (`core/roster`).
 */
import { chainProblem, decodeChain, rootOfChain } from '#core/entry/certificate.ts';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import type { Digest } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, StoreId } from '#schemas/ids.ts';

export interface Verifier {
	/** The certificate of the chain's first device, once every signature up to the store's root is checked. */
	chain(bytes: Uint8Array): Promise<Certificate | undefined>;
	entry(sealed: Uint8Array): Promise<Entry | { readonly damaged: string } | { readonly unknownDevice: DeviceId }>;
	/** The same without its signature: for bytes that an earlier run proved, and that hang by their hash on something that is proven. */
	unproven(sealed: Uint8Array): ReturnType<Verifier['entry']>;
	/** The first that was proven; with `chain` (hex; empty: nobody names one) the one of that chain, else the one with the smaller bytes. */
	certificateOf(device: DeviceId, chain?: string): Certificate | undefined;
	/** The proven chain as it came. */
	chainOf(device: DeviceId): Uint8Array | undefined;
	devices(): readonly Certificate[];
}

interface Proof {
	readonly certificate: Certificate;
	readonly bytes: Uint8Array;
}

export function createVerifier({ digest, store }: { readonly digest: Digest; readonly store: StoreId }): Verifier {
	const proven = new Map<DeviceId, Proof>();
	/** Every proven chain, by its hex. */
	const provenChains = new Map<DeviceId, Map<string, Certificate>>();

	async function chain(bytes: Uint8Array): Promise<Certificate | undefined> {
		const decoded = decodeChain(bytes);
		const device = decoded?.[0]?.certificate.device;
		const root = decoded === undefined ? undefined : rootOfChain(decoded);
		if (decoded === undefined || device === undefined || root === undefined) return undefined;
		const known = proven.get(device);
		const hex = hexOf(bytes);
		if (provenChains.get(device)?.has(hex) === true) return known?.certificate;
		const isRoot = hexOf(await digest.sha256(bytesOfHex(root))).startsWith(store);
		if (chainProblem(decoded, store, isRoot) !== undefined) return undefined;
		for (const { certificate, body, signature } of decoded) {
			if (!(await digest.verify(certificate.issuer, body, signature))) return undefined;
		}
		const certificate = decoded[0]?.certificate;
		if (certificate !== undefined) provenChains.set(device, new Map([...(provenChains.get(device) ?? []), [hex, certificate]]));
		// The first proof of a device stays: a second certificate would let its issuer change what its first entry was judged by.
		if (certificate !== undefined && known === undefined) proven.set(device, { certificate, bytes });
		return known?.certificate ?? certificate;
	}

	async function read(sealed: Uint8Array, isProven: boolean): ReturnType<Verifier['entry']> {
		const parts = splitSealed(sealed);
		if (parts === undefined) return { damaged: 'not a sealed entry' };
		const decoded = decodeBody(parts.body);
		if ('damaged' in decoded) return decoded;
		const { header, facts } = decoded;
		if (header.store !== store) return { damaged: 'an entry of another store' };
		const certificate = proven.get(header.device)?.certificate;
		if (certificate === undefined) return { unknownDevice: header.device };
		if (!isProven && !(await digest.verify(header.device, parts.body, parts.signature))) return { damaged: 'its signature does not verify' };
		const hash = hexOf(await digest.sha256(parts.body)) as EntryHash;
		return { hash, header, facts, sealed };
	}

	return {
		chain,
		entry: (sealed) => read(sealed, false),
		unproven: (sealed) => read(sealed, true),
		certificateOf(device, named) {
			const chains = provenChains.get(device);
			if (named === undefined || chains === undefined || chains.size < 2) return proven.get(device)?.certificate;
			return chains.get(named) ?? [...chains].sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[1];
		},
		chainOf: (device) => proven.get(device)?.bytes,
		devices: () => [...proven.values()].map(({ certificate }) => certificate),
	};
}

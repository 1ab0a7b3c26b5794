/**
 * Judging a hello: nothing of a peer is believed before this says yes.
 *
 * 1. The certificate verifies up to our store's root, is of our branch, and names the libp2p peer that the encrypted connection authenticated: a
 *    certificate that somebody copied is worth nothing.
 * 2. The network key that a device has given up for another is told so, whatever chain of its device it shows.
 * 3. A peer that speaks another version is told to update, whatever else its hello says.
 */
import * as v from 'valibot';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { hello as helloSchema, PROTOCOL_VERSION, type Hello } from '#schemas/wire/hello.ts';
import type { Goodbye } from '#schemas/wire/link.ts';

export interface Greeted {
	readonly hello: Hello;
	readonly certificate: Certificate;
}

export interface JudgeDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly device: DeviceId;
	readonly verifyChain: (bytes: Uint8Array) => Promise<Certificate | undefined>;
	readonly isRevoked: (device: DeviceId) => boolean;
	/** Peer ids of network keys that their devices have given up. */
	readonly formerPeers: () => Pick<ReadonlySet<string>, 'has'>;
}

/** `remotePeer` is the peer id of the connection. */
export async function judgeHello(said: unknown, remotePeer: string, deps: JudgeDeps): Promise<Greeted | { readonly refused: Goodbye }> {
	const version = v.safeParse(v.object({ v: v.number() }), said);
	if (version.success && version.output.v !== PROTOCOL_VERSION) return { refused: 'update' };
	const parsed = v.safeParse(helloSchema, said);
	if (!parsed.success) return { refused: 'malformed' };
	const hello = parsed.output;
	if (hello.store !== deps.store) return { refused: 'other-store' };
	const certificate = await deps.verifyChain(bytesOfHex(hello.chain));
	if (certificate === undefined || certificate.store !== deps.store || certificate.device === deps.device) return { refused: 'not-certified' };
	if (certificate.branch !== deps.branch) return { refused: 'other-branch' };
	if (deps.formerPeers().has(remotePeer)) return { refused: 'key-given-up' };
	if (certificate.peer !== remotePeer) return { refused: 'certificate-of-another-peer' };
	if (deps.isRevoked(certificate.device)) return { refused: 'revoked' };
	// automerge-repo keeps peers in plain objects: `constructor` as a name would be found in every one of them.
	if (hello.repoPeer in {}) return { refused: 'malformed' };
	return { hello, certificate };
}

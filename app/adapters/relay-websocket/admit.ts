/** Who may speak to the relay: nonces that are used once, and a proof that the device holds the key its certificate names. */
import * as v from 'valibot';
import type { Clock, Digest, Random } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { admission as admissionSchema, admissionText, type Admission } from '#schemas/wire/relay-admission.ts';

export interface Challenges {
	draw(): string;
	/** True once for a nonce that was drawn within the last minute. */
	spend(nonce: string): boolean;
}

const NONCE_MS = 60_000;
/** A stranger may draw nonces as fast as it likes; the oldest fall out, and honest clients use theirs within a second. */
const MOST_NONCES = 10_000;

export function createChallenges({ clock, random }: { readonly clock: Clock; readonly random: Random }): Challenges {
	const drawn = new Map<string, number>();
	return {
		draw() {
			const nonce = hexOf(random.bytes(16));
			drawn.set(nonce, clock.nowMs());
			for (const [oldest, atMs] of drawn) {
				if (drawn.size <= MOST_NONCES && atMs > clock.nowMs() - NONCE_MS) break;
				drawn.delete(oldest);
			}
			return nonce;
		},
		spend(nonce) {
			const atMs = drawn.get(nonce);
			drawn.delete(nonce);
			return atMs !== undefined && atMs > clock.nowMs() - NONCE_MS;
		},
	};
}

export interface AdmitDeps {
	readonly challenges: Challenges;
	readonly digest: Digest;
	/** Proves a chain up to the root of the store that the certificate names. */
	readonly verifyChain: (admission: Admission, chain: Uint8Array) => Promise<Certificate | undefined>;
}

/** The proven request, or why not, in one sentence. */
export async function admit(
	query: URLSearchParams,
	{ challenges, digest, verifyChain }: AdmitDeps,
): Promise<{ readonly admission: Admission; readonly certificate: Certificate } | { readonly refused: string }> {
	const parsed = v.safeParse(admissionSchema, Object.fromEntries(query));
	if (!parsed.success) return { refused: 'The request lacks a proof: this address is for the devices of a shop.' };
	const admission = parsed.output;
	if (!challenges.spend(admission.nonce)) return { refused: 'The challenge is used or too old: ask for a new one.' };
	const signed = new TextEncoder().encode(admissionText(admission.nonce, admission.repoPeer));
	if (!(await digest.verify(admission.device, signed, bytesOfHex(admission.proof)))) return { refused: 'The proof does not fit the device.' };
	const certificate = await verifyChain(admission, bytesOfHex(admission.chain));
	if (certificate === undefined) return { refused: 'The certificate is not of this store.' };
	if (certificate.device !== admission.device || certificate.branch !== admission.branch)
		return { refused: 'The certificate is of another device or branch.' };
	// Else a device of the shop could take another's place in automerge-repo, and end its links as fast as it makes them.
	if (!isNameOf(certificate, admission.repoPeer)) return { refused: 'The certificate is of another peer.' };
	return { admission, certificate };
}

/** A hub is one repo for ever, a till another one in each tab and run: it begins with its device. */
function isNameOf({ peer, device }: Certificate, repoPeer: string): boolean {
	return repoPeer === peer || repoPeer.startsWith(`${device.slice(0, 16)}-`);
}

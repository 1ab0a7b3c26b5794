/**
 * Who may speak to the relay: nonces that are used once, and a proof that the device holds the key its certificate names.
 *
 * 1. A nonce proves by itself that a process of this relay drew it, and when: any process takes what another one drew, and no stranger's drawing pushes out
 *    anybody else's.
 * 2. It is spent with whoever lets the device in (`SharedRecord.spend`; alone: in memory).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { keyInForce } from '#core/entry/certificate.ts';
import type { Clock, Digest, Random } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { admission as admissionSchema, admissionText, type Admission } from '#schemas/wire/relay-admission.ts';

export interface Challenges {
	draw(): string;
	/** It was drawn with this key, within the last minute. */
	isOurs(nonce: string): boolean;
	/** True once for a nonce. */
	spend(nonce: string): Promise<boolean>;
}

export interface ChallengesDeps {
	readonly clock: Clock;
	readonly random: Random;
	/** The same in all processes of a relay. */
	readonly key: Uint8Array;
	/** Absent: this process remembers them alone. */
	readonly spend?: ((nonce: string) => Promise<boolean>) | undefined;
}

const NONCE_MS = 60_000;
/** 8 bytes of when and which, then 8 that only the key makes: guessing them takes 2^63 tries within a minute. */
const NAMED_BYTES = 8;

export function createChallenges({ clock, random, key, spend }: ChallengesDeps): Challenges {
	const spent = new Map<string, number>();
	const proven = (named: Uint8Array): Uint8Array => createHmac('sha256', key).update(named).digest().subarray(0, NAMED_BYTES);

	function spendHere(nonce: string): boolean {
		const nowMs = clock.nowMs();
		for (const [oldest, atMs] of spent) {
			if (atMs > nowMs - 2 * NONCE_MS) break;
			spent.delete(oldest);
		}
		if (spent.has(nonce)) return false;
		spent.set(nonce, nowMs);
		return true;
	}

	return {
		draw() {
			const named = Buffer.alloc(NAMED_BYTES, random.bytes(NAMED_BYTES));
			named.writeUInt32BE(Math.floor(clock.nowMs() / 1_000));
			return hexOf(Buffer.concat([named, proven(named)]));
		},
		isOurs(nonce) {
			const bytes = Buffer.from(nonce, 'hex');
			if (bytes.length !== 2 * NAMED_BYTES || !timingSafeEqual(bytes.subarray(NAMED_BYTES), proven(bytes.subarray(0, NAMED_BYTES)))) return false;
			// Of another machine's clock it may be from a little later, too.
			return Math.abs(clock.nowMs() - bytes.readUInt32BE() * 1_000) < NONCE_MS;
		},
		spend: async (nonce) => (spend === undefined ? spendHere(nonce) : spend(nonce)),
	};
}

export interface AdmitDeps {
	readonly challenges: Pick<Challenges, 'isOurs'>;
	readonly digest: Digest;
	/** Proves a chain up to the root of the store that the certificate names. */
	readonly verifyChain: (admission: Admission, chain: Uint8Array) => Promise<Certificate | undefined>;
}

export const SPENT = 'The challenge is used or too old: ask for a new one.';

/** The proven request, or why not, in one sentence. Its nonce is not spent yet. */
export async function admit(
	query: URLSearchParams,
	{ challenges, digest, verifyChain }: AdmitDeps,
): Promise<{ readonly admission: Admission; readonly certificate: Certificate } | { readonly refused: string }> {
	const parsed = v.safeParse(admissionSchema, Object.fromEntries(query));
	if (!parsed.success) return { refused: 'The request lacks a proof: this address is for the devices of a shop.' };
	const admission = parsed.output;
	if (!challenges.isOurs(admission.nonce)) return { refused: SPENT };
	const signed = new TextEncoder().encode(admissionText(admission.nonce, admission.repoPeer));
	const chain = bytesOfHex(admission.chain);
	const shown = keyInForce(chain);
	// By the newest key that the chain names for the device; the chain, which costs more to check, then proves that it is.
	const key = shown?.device === admission.device ? shown.key : admission.device;
	if (!(await digest.verify(key, signed, bytesOfHex(admission.proof)))) return { refused: 'The proof does not fit the device.' };
	const certificate = await verifyChain(admission, chain);
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

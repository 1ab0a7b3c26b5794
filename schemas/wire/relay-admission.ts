/**
 * How a device of a shop gets in at the relay.
 *
 *   GET /relay/challenge → { nonce }   single use, one minute
 *   GET /relay?<query> with a WebSocket upgrade; the query is below. Refused with 401 (or 429, 503) and one sentence.
 *
 * Where several processes are one relay, `GET /relay/challenge?store=…&branch=…` answers { owner } where another process keeps that branch and has an address
 * for devices: the client asks there. Else { nonce, keeper }, where `keeper` names the process that keeps it: another name than before, and the branch has
 * moved. A client that does not name its branch gets a nonce alone, and any process takes it: it passes the socket on to whoever keeps the branch.
 *
 * `proof` is Ed25519 by the device over the UTF-8 text `holdfast relay <nonce> <repoPeer>`: whoever copies a certificate cannot make one.
 */
import * as v from 'valibot';
import { branchId, deviceId, storeId } from '../ids.ts';
import { successionHex } from '../succession.ts';

export const RELAY_PATH = '/relay';
export const CHALLENGE_PATH = '/relay/challenge';

export const challenge = v.strictObject({ nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)) });

/** What a client asks that follows `owner`. */
export const whereQuery = v.object({ store: storeId, branch: branchId });
/** `owner`: the address of the process to ask. `keeper`: a name for it, and nothing to dial; absent where a process is alone, or nobody is known to keep it. */
export const whereAnswer = v.union([
	v.strictObject({ ...challenge.entries, keeper: v.optional(v.pipe(v.string(), v.maxLength(100))) }),
	v.strictObject({ owner: v.pipe(v.string(), v.maxLength(300), v.regex(/^wss?:\/\/./)) }),
]);
export type WhereAnswer = v.InferOutput<typeof whereAnswer>;

export const admission = v.strictObject({
	store: storeId,
	branch: branchId,
	device: deviceId,
	repoPeer: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
	nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
	proof: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
	/** Certificate chain, CBOR as hex: the relay may meet this store for the first time. */
	chain: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8192)),
});
export type Admission = v.InferOutput<typeof admission>;

export function admissionText(nonce: string, repoPeer: string): string {
	return `holdfast relay ${nonce} ${repoPeer}`;
}

/** GET /hub.json of a relay. */
export const relayInfo = v.strictObject({
	protocolVersion: v.number(),
	role: v.literal('relay'),
	/** The first key of this relay, by which it is known. */
	relay: deviceId,
	/** By which it came to the key that signs its watermarks, the first one first; absent: that is its first. */
	successions: v.optional(v.pipe(v.array(successionHex), v.minLength(1), v.maxLength(99))),
	name: v.string(),
	/** Repo peer of every branch process. */
	peer: v.string(),
	multiaddrs: v.array(v.string()),
	branches: v.number(),
});
export type RelayInfo = v.InferOutput<typeof relayInfo>;

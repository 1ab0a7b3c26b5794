/**
 * How a device of a shop gets in at the relay.
 *
 *   GET /relay/challenge → { nonce }   single use, one minute
 *   GET /relay?<query> with a WebSocket upgrade; the query is below. Refused with 401 (or 429, 503) and one sentence.
 *
 * `proof` is Ed25519 by the device over the UTF-8 text `holdfast relay <nonce> <repoPeer>`: whoever copies a certificate cannot make one.
 */
import * as v from 'valibot';
import { branchId, deviceId, storeId } from '../ids.ts';

export const RELAY_PATH = '/relay';
export const CHALLENGE_PATH = '/relay/challenge';

export const challenge = v.strictObject({ nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)) });

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
	/** The key that signs this relay's watermarks. */
	relay: deviceId,
	name: v.string(),
	/** Repo peer of every branch process. */
	peer: v.string(),
	multiaddrs: v.array(v.string()),
	branches: v.number(),
});
export type RelayInfo = v.InferOutput<typeof relayInfo>;

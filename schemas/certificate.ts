/**
 * A certificate: who a device is, in which branch, with which rights, said by one who may say so.
 *
 * On the wire: CBOR [body, signature], Ed25519 by `issuer` over body = CBOR of the fields below; behind the two stand the device's renewals (`renewal.ts`), where it
 * has any. A *chain* is a CBOR array of certificates, the
 * device's own first; the last one's issuer is the store's root key, whose SHA-256 begins with the store id.
 */
import * as v from 'valibot';
import { branchId, deviceId, storeId } from './ids.ts';
import { right } from './rights.ts';

export const role = v.picklist(['till', 'hub']);
export type Role = v.InferOutput<typeof role>;

/** libp2p peer id of a device's network key, base58: the gater compares it with who is really on the line. */
export const peerId = v.pipe(v.string(), v.minLength(20), v.maxLength(100));

export const certificate = v.strictObject({
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	device: deviceId,
	/** Of the network key of its enrolment; a renewal names the next one. */
	peer: peerId,
	role,
	/** As shown to people: "Till 2", "Hub". */
	name: v.pipe(v.string(), v.minLength(1), v.maxLength(60)),
	/** A till's number, never given to a second device. */
	till: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999))),
	rights: v.array(right),
	issuer: deviceId,
	issuedAtMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
export type Certificate = v.InferOutput<typeof certificate>;

export const MAX_CHAIN_CERTIFICATES = 4;
export const MAX_CHAIN_BYTES = 4096;

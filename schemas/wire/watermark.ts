/**
 * A watermark: "on my disk up to these marks", signed by a hub or the relay. A receipt of durability, never a request.
 *
 * On the wire: CBOR [body, signature], Ed25519 by `issuer`, or by the key that it names, over body = CBOR of the fields below. The newest by the issuer's `hlc` rules, even when it
 * covers less than the one before: that is how a shop learns that its relay was rolled back.
 *
 * `full` names devices of which the issuer takes no more on this day (`bounds.ts`), and until when: what they write waits where it was written. It is left out
 * where it names nobody.
 */
import * as v from 'valibot';
import { branchId, deviceId, signingKey, storeId } from '../ids.ts';
import { hlc, mark } from '../mark.ts';

export const watermark = v.strictObject({
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	issuer: deviceId,
	/** What a relay that has renewed its key signs with. */
	key: v.optional(signingKey),
	tier: v.picklist(['host', 'cloud']),
	hlc,
	/** Per chain of the branch, and every store chain held, the end of what is whole from its beginning. */
	marks: v.pipe(v.array(mark), v.maxLength(2000)),
	full: v.optional(
		v.strictObject({
			devices: v.pipe(v.array(deviceId), v.minLength(1), v.maxLength(500)),
			untilMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
		}),
	),
});
export type Watermark = v.InferOutput<typeof watermark>;

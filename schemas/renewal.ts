/**
 * A renewal: a device gets another signing key and another network key, and stays the device that it is.
 *
 * On the wire it stands in the chain of certificates, behind the certificate of its device: CBOR [body, by the key before, by the new key, countersigner, when,
 * by the countersigner, chain]. The first two sign body = CBOR of the fields below; the countersigner, another device that may enrol, signs CBOR [body, when].
 * `chain` proves the countersigner: its certificate and those above it, as far as they do not stand in the outer chain themselves.
 */
import * as v from 'valibot';
import { deviceId, entryHash, signingKey, storeId } from './ids.ts';
import { peerId } from './certificate.ts';

/** The last entry under the key before. */
const place = v.strictObject({ seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), hash: entryHash });

export const renewal = v.strictObject({
	v: v.literal(1),
	store: storeId,
	device: deviceId,
	/** The keys of enrolment are generation 0. */
	generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99)),
	before: signingKey,
	key: signingKey,
	peer: peerId,
	/** Where the device's chains end under the key before; a scope that is not named had no entry. */
	ends: v.strictObject({ branch: v.optional(place), store: v.optional(place) }),
});
export type Renewal = v.InferOutput<typeof renewal>;

/**
 * A succession: the relay gets another signing key, and stays the relay that it is. Its name everywhere is its first key, as a device's is.
 *
 * As bytes: CBOR [body, by the key before, by the new key]; both sign body = CBOR of the fields below. It says nothing of any store: a relay has one key for all
 * that it keeps. What makes it count in a store is an entry that shows it (`facts/relay-renewed.ts`).
 */
import * as v from 'valibot';
import { deviceId, signingKey } from './ids.ts';

export const succession = v.strictObject({
	v: v.literal(1),
	/** The key of generation 0. */
	relay: deviceId,
	generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99)),
	before: signingKey,
	key: signingKey,
	/** Wall clock of the relay, ms. */
	atMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
export type Succession = v.InferOutput<typeof succession>;

/** As hex. One is about 800 characters. */
export const successionHex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(2048));

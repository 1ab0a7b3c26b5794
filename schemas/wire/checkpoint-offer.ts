/**
 * A checkpoint that a hub or the relay answers for: "what I hold folds to these bytes". For newcomers, who begin from it and compare it with a second signer's.
 *
 * On the wire: CBOR [body, signature], Ed25519 by `issuer`, or by the key that it names, over body = CBOR of the fields below. The bytes themselves (`schemas/documents/checkpoint.ts`) follow
 * in parts. The same cut is the same bytes on every peer, so two signers who name one `last` must name one `hash`.
 */
import * as v from 'valibot';
import { branchId, deviceId, entryHash, signingKey, storeId } from '../ids.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** 50,000 products with a year behind take about 20 MB. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024 * 1024;

export const checkpointOffer = v.strictObject({
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	issuer: deviceId,
	/** What a relay that has renewed its key signs with. */
	key: v.optional(signingKey),
	/** The fold that it was made with: of another one it is of no use. */
	fold: count,
	/** Wall clock of the signer, ms. */
	at: count,
	/** The last entry below the cut, and its hybrid clock's ms: figures up to there are the signer's word. */
	last: entryHash,
	lastMs: count,
	/** SHA-256 of the bytes, in hex. */
	hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	bytes: v.pipe(count, v.maxValue(MAX_CHECKPOINT_BYTES)),
});
export type CheckpointOffer = v.InferOutput<typeof checkpointOffer>;

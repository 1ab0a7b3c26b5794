/**
 * What brings a store back when every device of it is lost: JSON of the fields below. Its secret part is AES-256-GCM (nonce first) over the JSON of `recovery`,
 * under argon2id of a passphrase with this salt: 64 MiB, three passes, four lanes (RFC 9106, the second recommended option).
 */
import * as v from 'valibot';
import { branchId, storeId } from '../ids.ts';

export const recoveryFile = v.strictObject({
	kind: v.literal('holdfast recovery'),
	v: v.literal(1),
	/** For whoever finds it. */
	storeName: v.pipe(v.string(), v.maxLength(80)),
	madeAtMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	salt: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
	sealed: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(32_768)),
});
export type RecoveryFile = v.InferOutput<typeof recoveryFile>;

export const recovery = v.strictObject({
	v: v.literal(1),
	/** Ed25519 seed of the root key. */
	root: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	store: storeId,
	/** The branch whose hub made this. */
	branch: branchId,
	/** Where its record in the cloud was. */
	relay: v.optional(v.pipe(v.string(), v.maxLength(300))),
});
export type Recovery = v.InferOutput<typeof recovery>;

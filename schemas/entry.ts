/**
 * An entry: everything that happened is one of these, immutable, signed, one per intent.
 *
 * On the wire: sealed = CBOR [body, signature], body = CBOR { ...header, facts }, both deterministic (`cbor.ts`); the signature is Ed25519 over
 * body; the entry's hash is SHA-256 of body. At most 256 KiB sealed.
 */
import * as v from 'valibot';
import { deviceId, entryHash, intentKey, personId, scope, storeId, tradingDay } from './ids.ts';
import { hlc, seenChange } from './mark.ts';
import type { Fact } from './facts/registry.ts';

export const ENTRY_VERSION = 1;
export const MAX_SEALED_BYTES = 256 * 1024;

/** An intent with a fact in each scope is two entries under one key: part 2 names the hash of part 1. */
export const part = v.strictObject({
	n: v.picklist([1, 2]),
	of: v.literal(2),
	first: v.optional(entryHash),
});

export const header = v.object({
	v: v.literal(ENTRY_VERSION),
	store: storeId,
	scope,
	device: deviceId,
	seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Hash of the entry before on this chain; absent on the first. */
	prev: v.optional(entryHash),
	hlc,
	/** The device's own wall clock, ms since 1970. */
	at: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4_102_444_800_000)),
	tradingDay,
	seen: v.array(seenChange),
	key: intentKey,
	by: personId,
	part: v.optional(part),
	/** The first 8 bytes of the key that signed this; absent: the device's first key, its id. */
	signer: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))),
});
export type Header = v.InferOutput<typeof header>;

/** A fact that this version does not know, or a newer version of one: kept, carried, shown as "update". */
export interface UnknownFact {
	readonly unknown: true;
	readonly type: string;
	readonly v: number;
	readonly raw: unknown;
}
/** A known fact whose content breaks its rules: its entry is quarantined as `not-allowed`. */
export interface InvalidFact {
	readonly invalid: string;
	readonly type: string;
	readonly v: number;
	readonly raw: unknown;
}
export type DecodedFact = Fact | UnknownFact | InvalidFact;

/** A verified entry: `sealed` hashes to `hash`, is signed by `header.device`, and that device has a certificate of the store. */
export interface Entry {
	readonly hash: import('./ids.ts').EntryHash;
	readonly header: Header;
	readonly facts: readonly DecodedFact[];
	readonly sealed: Uint8Array;
}

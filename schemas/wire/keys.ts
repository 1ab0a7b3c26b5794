/**
 * Rows of the key table, and how devices of a store ask each other for them. In no entry and no document: what is deleted here is gone.
 *
 * A row's id is the fingerprint of its key, so that nobody can give another key for it. What is asked and answered is signed by its device, and an answer is
 * encrypted to a box that the asker made for this run: whoever carries it in between reads nothing, now or later.
 */
import * as v from 'valibot';
import { deviceId, storeId } from '../ids.ts';

const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)));

/** `customer`: AES-256-GCM over one customer's fields; its id is the customer's. `secret`: of the store, under PIN hashes and the handles of contacts. */
export const KEY_KINDS = ['customer', 'secret'] as const;
export const keyRow = v.strictTuple([v.picklist(KEY_KINDS), hex(16), hex(32)]);
export type KeyRow = v.InferOutput<typeof keyRow>;
export type KeyKind = KeyRow[0];

/** CBOR of it under SHA-256; the first 16 bytes are the id. */
export function keyPreimage(kind: KeyKind, key: string): readonly string[] {
	return ['holdfast key', kind, key];
}

/** Rows are compared by the first byte of their id: 10,000 customers are 40 in each part. */
export const KEY_PARTS = 256;
/** 60 bytes each as CBOR: a page is far under the largest direct message. */
export const KEY_PAGE_ROWS = 2_000;
/** Whoever makes secrets without end is no hub. */
export const MOST_SECRETS = 64;
export const PART_HASH_HEX = 8;

const part = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(KEY_PARTS));

export const keyAsk = v.strictObject({
	v: v.literal(1),
	what: v.literal('want-keys'),
	store: storeId,
	issuer: deviceId,
	/** X25519, of this run of the asker. */
	box: hex(32),
	/** 4 bytes of each part's hash: what is the same need not be said. */
	have: v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(KEY_PARTS * PART_HASH_HEX)),
	/** Parts before it were answered. */
	from: part,
});
export type KeyAsk = v.InferOutput<typeof keyAsk>;

export const keyAnswer = v.strictObject({
	v: v.literal(1),
	what: v.literal('keys'),
	store: storeId,
	issuer: deviceId,
	/** The box that it is for. */
	to: hex(32),
	/** CBOR of rows, encrypted; hex. */
	sealed: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)),
	/** More lies from this part on. */
	next: v.optional(part),
});
export type KeyAnswer = v.InferOutput<typeof keyAnswer>;
export const keyRows = v.pipe(v.array(keyRow), v.maxLength(2 * KEY_PAGE_ROWS));

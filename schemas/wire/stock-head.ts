/**
 * What a table of stock rows comes to, as the hub or relay that folded it says: for another branch's stock, and for a till that was away, before it has the
 * entries.
 *
 * On the wire: CBOR [body, signature], Ed25519 by `issuer`, or by the key that it names, over body = CBOR of the fields below. The rows come beside it, and must come to `hash`.
 */
import * as v from 'valibot';
import { words } from '../facts/define.ts';
import { branchId, deviceId, signingKey, sku, storeId } from '../ids.ts';
import { mark } from '../mark.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A counter of the issuer's. Rows of one version are in order of their SKU. */
const version = count;

export const stockHead = v.strictObject({
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	/** As people call the branch; empty where nobody named it. */
	name: words(80),
	issuer: deviceId,
	/** What a relay that has renewed its key signs with. */
	key: v.optional(signingKey),
	/** The highest of its rows. */
	version,
	/** Wall clock of the issuer, ms. */
	at: count,
	/** What the rows reflect. */
	marks: v.pipe(v.array(mark), v.maxLength(2000)),
	/** SHA-256, in hex, as `engine/stock-table.ts` says. */
	hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
export type StockHead = v.InferOutput<typeof stockHead>;

export const stockRow = v.strictTuple([sku, v.pipe(v.number(), v.safeInteger()), version]);
/** SKU, on hand in thousandths, version. */
export type StockRow = v.InferOutput<typeof stockRow>;

/** As a table on disk is kept, in parts. */
export const stockRows = v.array(stockRow);

/** Where a reader of rows stands: behind this version, and of this version behind this SKU. */
export const stockPlace = v.strictTuple([version, v.pipe(v.string(), v.maxLength(64))]);
export type StockPlace = v.InferOutput<typeof stockPlace>;

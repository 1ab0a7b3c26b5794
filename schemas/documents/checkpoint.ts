/**
 * A checkpoint on disk: CBOR of the fields below, deterministic. What it means is in `app/core/ledger/checkpoint.ts`.
 *
 * It is a cache: of another fold version, damaged or not understood, it is thrown away and made again from the entries.
 */
import * as v from 'valibot';
import { branchId, deviceId, entryHash, scope, sku, storeId, type Sku } from '../ids.ts';
import { hlc, seenChange } from '../mark.ts';

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const integer = v.pipe(v.number(), v.safeInteger());
const sums = v.array(integer);

/** Rows by the ten thousand are looked through by a plain loop: shape by shape they would be half of a start. */
function isStock(value: unknown): boolean {
	const isRow = ([name, milli, stocked, ...more]: readonly unknown[]): boolean =>
		more.length === 0 && v.is(sku, name) && Number.isSafeInteger(milli) && typeof stocked === 'boolean';
	return Array.isArray(value) && value.every((row: unknown) => Array.isArray(row) && isRow(row));
}

export const checkpointDocument = v.strictObject({
	fold: v.pipe(v.number(), v.safeInteger()),
	store: storeId,
	branch: branchId,
	last: v.strictObject({ hash: entryHash, header: v.strictObject({ hlc, device: deviceId, seq }) }),
	chains: v.array(
		v.strictObject({
			device: deviceId,
			scope,
			seq,
			hash: entryHash,
			atMs: integer,
			seen: v.array(seenChange),
			heardSeq: v.pipe(integer, v.minValue(0)),
		}),
	),
	/** Sealed bytes as hex, and the whole vector of each. */
	kept: v.array(v.strictObject({ sealed: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), seen: v.array(seenChange) })),
	stock: v.custom<readonly (readonly [sku: Sku, onHandMilli: number, stocked: boolean])[]>(isStock, 'Expected rows of stock'),
	/** Shortages that are not over: of which SKU, by which entry, taken, left after, left as believed, rivals. */
	shorts: v.array(v.strictTuple([sku, entryHash, integer, integer, integer, v.array(entryHash)])),
	refunded: v.array(v.strictObject({ sale: entryHash, refunds: v.array(entryHash), milli: sums, minor: sums, taxMinor: sums })),
	corrected: v.array(v.strictTuple([entryHash, entryHash])),
	/** Bytes as hex; what they are is in `app/core/ledger/key-table.ts`. */
	keys: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/)),
	settled: v.array(v.strictTuple([v.string(), v.array(v.strictTuple([entryHash, entryHash]))])),
	/** Book, subject, and what its entries come to: the book's own schema says how that looks. */
	books: v.array(v.strictTuple([v.string(), v.string(), v.unknown()])),
	unknownFacts: v.pipe(integer, v.minValue(0)),
});
export type CheckpointDocument = v.InferOutput<typeof checkpointDocument>;

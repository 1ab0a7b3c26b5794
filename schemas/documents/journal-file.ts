/**
 * A till's journal as a file: deterministic CBOR of the fields below. The way out when no link is left: carried on a stick to any other till of the shop.
 * Entries carry their own proof, so whoever brings it in need not trust whoever carried it.
 */
import * as v from 'valibot';
import { branchId, deviceId, storeId } from '../ids.ts';

const bytes = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));

export const journalFile = v.strictObject({
	kind: v.literal('holdfast journal'),
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	/** The till that saved it. */
	device: deviceId,
	savedAtMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	/** Certificate chains of the devices whose entries are in it. */
	chains: v.array(bytes),
	/** Its own entries, and all of others that it held. */
	sealed: v.array(bytes),
});
export type JournalFile = v.InferOutput<typeof journalFile>;

/** Goods left one branch for another. Until they are received they are on no shelf: in transit. Read everywhere, folded in both branches. */
import * as v from 'valibot';
import { branchId, sku } from '../ids.ts';
import { positiveMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';

/** Drawn by the sender; names the transfer for ever. */
export const transferId = v.pipe(words(64), v.minLength(8), v.brand('TransferId'));
export type TransferId = v.InferOutput<typeof transferId>;

export const transferLines = v.pipe(v.array(v.strictObject({ sku, quantityMilli: positiveMilli })), v.minLength(1), v.maxLength(2000));

export const transferSent = defineFact({
	type: 'transfer.sent',
	version: 1,
	scope: 'store',
	right: 'stock',
	fields: { transfer: transferId, from: branchId, to: branchId, lines: transferLines, note: v.optional(words(200)) },
});
export type TransferSent = v.InferOutput<typeof transferSent.schema>;

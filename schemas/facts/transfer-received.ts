/** What arrived of a transfer: as counted at the receiving branch, whatever the sender wrote. No lines: nothing of it came. */
import * as v from 'valibot';
import { branchId, sku } from '../ids.ts';
import { positiveMilli } from '../numbers.ts';
import { defineFact } from './define.ts';
import { transferId } from './transfer-sent.ts';

export const transferReceived = defineFact({
	type: 'transfer.received',
	version: 1,
	scope: 'store',
	right: 'stock',
	fields: { transfer: transferId, at: branchId, lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: positiveMilli })), v.maxLength(2000)) },
});
export type TransferReceived = v.InferOutput<typeof transferReceived.schema>;

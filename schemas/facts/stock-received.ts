/** Goods came in. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { positiveMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';

export const stockReceived = defineFact({
	type: 'stock.received',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: {
		lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: positiveMilli })), v.minLength(1), v.maxLength(2000)),
		reference: v.optional(words(120)),
	},
});
export type StockReceived = v.InferOutput<typeof stockReceived.schema>;

/** Goods came in, perhaps against a supplier's delivery. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { stockReceived1 } from '../migrations/version-1.ts';
import { stockReceived2 } from '../migrations/version-2.ts';
import { positiveMilli, quantityMilli, unitPriceE4 } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { orderId } from './order-placed.ts';

const line = v.strictObject({
	sku,
	quantityMilli: positiveMilli,
	/** What the delivery note promised, where there was one: a difference is the supplier's to answer for. */
	expectedMilli: v.optional(v.pipe(quantityMilli, v.minValue(0))),
	/** What one cost, without tax. */
	costE4: v.optional(unitPriceE4),
});

export const stockReceived = defineFact({
	type: 'stock.received',
	version: 3,
	scope: 'branch',
	right: 'stock',
	fields: {
		lines: v.pipe(v.array(line), v.minLength(1), v.maxLength(2000)),
		reference: v.optional(words(120)),
		supplier: v.optional(v.pipe(words(80), v.minLength(1))),
		/** Since version 3: the order that these goods are of. */
		order: v.optional(orderId),
	},
	earlier: [stockReceived1, stockReceived2],
});
export type StockReceived = v.InferOutput<typeof stockReceived.schema>;

/** A branch orders goods from a supplier. What comes of it is received by `stock.received`, which names the order. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { positiveMilli, unitPriceE4 } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { supplierId } from './supplier-changed.ts';

/** Drawn when the form opens; names the order for ever. */
export const orderId = v.pipe(words(64), v.minLength(8), v.brand('OrderId'));
export type OrderId = v.InferOutput<typeof orderId>;

export const orderLines = v.pipe(
	v.array(
		v.strictObject({
			sku,
			quantityMilli: positiveMilli,
			/** The supplier's, as it was then. */ code: v.optional(words(60)),
			/** What one was to cost, without tax. */ costE4: v.optional(unitPriceE4),
		}),
	),
	v.minLength(1),
	v.maxLength(1000),
);

export const orderPlaced = defineFact({
	type: 'order.placed',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: { order: orderId, supplier: supplierId, lines: orderLines, note: v.optional(words(400)) },
});
export type OrderPlaced = v.InferOutput<typeof orderPlaced.schema>;

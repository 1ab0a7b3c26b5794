/** Nothing more comes of an order: all of it is here, or the rest was given up. */
import * as v from 'valibot';
import { defineFact, words } from './define.ts';
import { orderId } from './order-placed.ts';

export const orderClosed = defineFact({
	type: 'order.closed',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: { order: orderId, reason: v.optional(words(200)) },
});
export type OrderClosed = v.InferOutput<typeof orderClosed.schema>;

/** An order that is on its way asks for something else: these lines are all of it from now on. */
import * as v from 'valibot';
import { defineFact, words } from './define.ts';
import { orderId, orderLines } from './order-placed.ts';

export const orderChanged = defineFact({
	type: 'order.changed',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: { order: orderId, lines: orderLines, note: v.optional(words(400)) },
});
export type OrderChanged = v.InferOutput<typeof orderChanged.schema>;

/**
 * What was on the shelf. `asOf` is the moment of counting, earlier than the sealing: selling goes on in between, and what was sold then is
 * subtracted from the count on every peer alike.
 */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { hlc, mark } from '../mark.ts';
import { stockCounted1 } from '../migrations/version-1.ts';
import { quantityMilli } from '../numbers.ts';
import { countId } from './count-opened.ts';
import { defineFact } from './define.ts';

export const asOf = v.strictObject({ hlc, marks: v.pipe(v.array(mark), v.maxLength(500)) });
export type AsOf = v.InferOutput<typeof asOf>;

export const stockCounted = defineFact({
	type: 'stock.counted',
	version: 2,
	scope: 'branch',
	right: 'stock',
	fields: {
		lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: v.pipe(quantityMilli, v.minValue(0)), asOf })), v.minLength(1), v.maxLength(500)),
		/** The stock take that these lines are part of. */
		count: v.optional(countId),
	},
	earlier: [stockCounted1],
});
export type StockCounted = v.InferOutput<typeof stockCounted.schema>;

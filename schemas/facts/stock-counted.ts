/**
 * What was on the shelf. `asOf` is the moment of counting, earlier than the sealing: selling goes on in between, and what was sold then is
 * subtracted from the count on every peer alike.
 */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { hlc, mark } from '../mark.ts';
import { quantityMilli } from '../numbers.ts';
import { defineFact } from './define.ts';

export const asOf = v.strictObject({ hlc, marks: v.pipe(v.array(mark), v.maxLength(500)) });
export type AsOf = v.InferOutput<typeof asOf>;

export const stockCounted = defineFact({
	type: 'stock.counted',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: {
		lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: v.pipe(quantityMilli, v.minValue(0)), asOf })), v.minLength(1), v.maxLength(500)),
	},
});
export type StockCounted = v.InferOutput<typeof stockCounted.schema>;

/** A product's unit price, at once or from a moment on. A sale line names the entry of the price that it used. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { priceChanged1 } from '../migrations/version-1.ts';
import { unitPriceE4 } from '../numbers.ts';
import { defineFact, replaces } from './define.ts';

export const priceChanged = defineFact({
	type: 'price.changed',
	version: 2,
	scope: 'store',
	right: 'products',
	fields: {
		...{ sku, unitPriceE4, replaces },
		/** Wall clock, ms since 1970; absent: at once. Until then the price before stands. */
		fromMs: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4_102_444_800_000))),
	},
	earlier: [priceChanged1],
});
export type PriceChanged = v.InferOutput<typeof priceChanged.schema>;

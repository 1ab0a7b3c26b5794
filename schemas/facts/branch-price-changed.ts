/**
 * A product's unit price in one branch, beside the store's, at once or from a moment on. Null: the store's price holds there again. A sale line names the
 * entry of the price that it used, be it the store's or this.
 */
import * as v from 'valibot';
import { branchId, sku } from '../ids.ts';
import { unitPriceE4 } from '../numbers.ts';
import { defineFact, replaces } from './define.ts';

export const branchPriceChanged = defineFact({
	type: 'branchPrice.changed',
	version: 1,
	scope: 'store',
	right: 'products',
	fields: {
		...{ sku, branch: branchId, unitPriceE4: v.nullable(unitPriceE4) },
		/** Prices of the same branch. */
		replaces,
		/** Wall clock, ms since 1970; absent: at once. Until then what held before stands. */
		fromMs: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4_102_444_800_000))),
	},
});
export type BranchPriceChanged = v.InferOutput<typeof branchPriceChanged.schema>;

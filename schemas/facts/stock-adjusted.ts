/** Stock differs from what the ledger said, for a reason that someone names. Signed: found is above zero, broken below. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { quantityMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';

export const ADJUST_REASONS = ['found', 'damage', 'waste', 'theft', 'own-use', 'other'] as const;

export const stockAdjusted = defineFact({
	type: 'stock.adjusted',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: {
		lines: v.pipe(v.array(v.strictObject({ sku, quantityMilli: v.pipe(quantityMilli, v.notValue(0)) })), v.minLength(1), v.maxLength(2000)),
		reason: v.picklist(ADJUST_REASONS),
		note: v.optional(words(200)),
	},
});
export type StockAdjusted = v.InferOutput<typeof stockAdjusted.schema>;

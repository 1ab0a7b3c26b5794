/** What a supplier has of the shop's products: its own code, how many come in a case, what one costs without tax. Null: not any more. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { positiveMilli, unitPriceE4 } from '../numbers.ts';
import { defineFact, replaces, words } from './define.ts';
import { supplierId } from './supplier-changed.ts';

export const supplyTerms = v.strictObject({
	code: v.optional(v.pipe(words(60), v.minLength(1))),
	/** Ordered by the case; 1000 is a single one. */
	caseMilli: positiveMilli,
	costE4: v.optional(unitPriceE4),
});
export type SupplyTerms = v.InferOutput<typeof supplyTerms>;

export const supplyChanged = defineFact({
	type: 'supply.changed',
	version: 1,
	scope: 'store',
	right: 'products',
	fields: {
		supplier: supplierId,
		lines: v.pipe(v.array(v.strictObject({ sku, terms: v.nullable(supplyTerms), replaces })), v.minLength(1), v.maxLength(1000)),
	},
});
export type SupplyChanged = v.InferOutput<typeof supplyChanged.schema>;

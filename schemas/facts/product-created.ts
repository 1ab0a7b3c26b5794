/** A product exists. Its price is a fact of its own, in the same entry. */
import * as v from 'valibot';
import { gtin, sku } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const productFields = {
	name: v.pipe(words(200), v.minLength(1)),
	category: words(60),
	/** `kg`: sold by weight, quantities in grams. */
	unit: v.picklist(['each', 'kg']),
	gtins: v.pipe(v.array(gtin), v.maxLength(20)),
	/** Id of a rate in the setting `taxRates`. */
	taxRate: v.pipe(words(30), v.minLength(1)),
	/** Whether stock is counted for it: services and carrier bags are not. */
	tracked: v.boolean(),
};

export const productCreated = defineFact({
	type: 'product.created',
	version: 1,
	scope: 'store',
	right: 'products',
	fields: { sku, ...productFields },
});
export type ProductCreated = v.InferOutput<typeof productCreated.schema>;
export type ProductFields = Omit<ProductCreated, 'type' | 'v' | 'sku'>;
export type ProductField = keyof ProductFields;

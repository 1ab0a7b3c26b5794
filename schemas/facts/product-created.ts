/** A product exists. Its price is a fact of its own, in the same entry. */
import * as v from 'valibot';
import { gtin, sku } from '../ids.ts';
import { productCreated1 } from '../migrations/version-1.ts';
import { positiveMilli } from '../numbers.ts';
import { defineFact, words } from './define.ts';

/** One of these leaves the shelf of another product: a pack of six draws six bottles. A sale line says what it drew, so that a later edit changes no past. */
export const draw = v.strictObject({ sku, quantityMilli: positiveMilli });
export type Draw = v.InferOutput<typeof draw>;

/** One of several that a customer chooses between: `group` is what they have in common (`T-shirt`), `label` what tells them apart (`red, M`). */
export const variant = v.strictObject({ group: v.pipe(words(60), v.minLength(1)), label: v.pipe(words(60), v.minLength(1)) });
export type Variant = v.InferOutput<typeof variant>;

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

/** Since version 2; null and absent say the same. */
export const productExtras = {
	draws: v.nullable(draw),
	variant: v.nullable(variant),
	/** The product whose price is charged beside it and given back for the empty. */
	deposit: v.nullable(sku),
	/** Years: the till asks. */
	ageLimit: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99))),
};

export const productCreated = defineFact({
	type: 'product.created',
	version: 2,
	scope: 'store',
	right: 'products',
	fields: {
		...{ sku, ...productFields },
		draws: v.optional(productExtras.draws),
		variant: v.optional(productExtras.variant),
		deposit: v.optional(productExtras.deposit),
		ageLimit: v.optional(productExtras.ageLimit),
	},
	earlier: [productCreated1],
});
export type ProductCreated = v.InferOutput<typeof productCreated.schema>;
export type ProductFields = Omit<ProductCreated, 'type' | 'v' | 'sku'>;
/** Fields that every product has. */
export type ProductField = Exclude<keyof ProductFields, ProductExtra>;
export type ProductExtra = keyof typeof productExtras;

/** The open cart, as it lies in the vault from its first line on: it carries the key of the sale that it will become. */
import * as v from 'valibot';
import { entryHash, gtin, intentKey, sku } from './ids.ts';
import { percentMilli, positiveMilli, unitPriceE4 } from './numbers.ts';

export const cartLine = v.strictObject({
	/** Names the line while the cart is open. */
	id: v.string(),
	sku: v.optional(sku),
	name: v.string(),
	quantityMilli: positiveMilli,
	unit: v.picklist(['each', 'kg']),
	unitPriceE4,
	price: v.optional(entryHash),
	taxRate: v.string(),
	taxPercentMilli: percentMilli,
	gtin: v.optional(gtin),
});
export type CartLine = v.InferOutput<typeof cartLine>;

export const cart = v.strictObject({ key: intentKey, lines: v.array(cartLine), parked: v.optional(v.string()), changedAtMs: v.number() });
export type Cart = v.InferOutput<typeof cart>;

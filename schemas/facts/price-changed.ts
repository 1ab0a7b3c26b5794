/** A product's unit price. A sale line names the entry of the price that it used. */
import type * as v from 'valibot';
import { sku } from '../ids.ts';
import { unitPriceE4 } from '../numbers.ts';
import { defineFact, replaces } from './define.ts';

export const priceChanged = defineFact({
	type: 'price.changed',
	version: 1,
	scope: 'store',
	right: 'products',
	fields: { sku, unitPriceE4, replaces },
});
export type PriceChanged = v.InferOutput<typeof priceChanged.schema>;

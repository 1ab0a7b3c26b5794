/** A product that was retired is offered again, as it was. */
import type * as v from 'valibot';
import { sku } from '../ids.ts';
import { defineFact } from './define.ts';

export const productRestored = defineFact({ type: 'product.restored', version: 1, scope: 'store', right: 'products', fields: { sku } });
export type ProductRestored = v.InferOutput<typeof productRestored.schema>;

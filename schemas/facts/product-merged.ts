/** Two products were one all along: `sku` is not offered any more, its barcodes and what is left of it belong to `into`. What was sold stays as it was sold. */
import type * as v from 'valibot';
import { sku } from '../ids.ts';
import { defineFact } from './define.ts';

export const productMerged = defineFact({ type: 'product.merged', version: 1, scope: 'store', right: 'products', fields: { sku, into: sku } });
export type ProductMerged = v.InferOutput<typeof productMerged.schema>;

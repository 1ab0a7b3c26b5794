/** A product is no longer offered. What was sold of it stays. */
import type * as v from 'valibot';
import { sku } from '../ids.ts';
import { defineFact } from './define.ts';

export const productRetired = defineFact({ type: 'product.retired', version: 1, scope: 'store', right: 'products', fields: { sku } });
export type ProductRetired = v.InferOutput<typeof productRetired.schema>;

/** From which stock on this branch orders a product again, and up to which. Null: by what is sold. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { quantityMilli } from '../numbers.ts';
import { defineFact } from './define.ts';

const level = v.pipe(quantityMilli, v.minValue(0));
export const stockLevels = v.strictObject({ minimumMilli: level, targetMilli: level });
export type StockLevels = v.InferOutput<typeof stockLevels>;

export const levelsSet = defineFact({
	type: 'levels.set',
	version: 1,
	scope: 'branch',
	right: 'stock',
	fields: { lines: v.pipe(v.array(v.strictObject({ sku, levels: v.nullable(stockLevels) })), v.minLength(1), v.maxLength(2000)) },
});
export type LevelsSet = v.InferOutput<typeof levelsSet.schema>;

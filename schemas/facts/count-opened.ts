/** A stock take begins, of all or of some products. Selling goes on: every counted line says as of when it was counted. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { countOpened1 } from '../migrations/version-1.ts';
import { defineFact, words } from './define.ts';

/** Drawn when it is opened; names the stock take for ever. */
export const countId = v.pipe(words(64), v.minLength(8), v.brand('CountId'));
export type CountId = v.InferOutput<typeof countId>;

export const countOpened = defineFact({
	type: 'count.opened',
	version: 2,
	scope: 'branch',
	right: 'stock',
	fields: {
		count: countId,
		name: v.pipe(words(80), v.minLength(1)),
		/** Absent: everything. */
		skus: v.optional(v.pipe(v.array(sku), v.minLength(1), v.maxLength(2000))),
		/** Since version 2: nobody is shown what was expected before it is closed. */
		blind: v.optional(v.literal(true)),
	},
	earlier: [countOpened1],
});
export type CountOpened = v.InferOutput<typeof countOpened.schema>;

/** The second versions of facts that have grown since: what was sealed under them is read for ever. Nothing here changes any more. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { positiveMilli, quantityMilli, unitPriceE4 } from '../numbers.ts';
import { words } from '../facts/define.ts';

const receivedLine = v.strictObject({
	sku,
	quantityMilli: positiveMilli,
	expectedMilli: v.optional(v.pipe(quantityMilli, v.minValue(0))),
	costE4: v.optional(unitPriceE4),
});

export const stockReceived2 = {
	lines: v.pipe(v.array(receivedLine), v.minLength(1), v.maxLength(2000)),
	reference: v.optional(words(120)),
	supplier: v.optional(v.pipe(words(80), v.minLength(1))),
};

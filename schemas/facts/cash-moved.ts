/** Cash went into the drawer (`in`), to the safe (`drop`) or out for a small expense (`out`), without a sale. */
import * as v from 'valibot';
import { minor } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { shiftNumber } from './sale-completed.ts';

export const cashMoved = defineFact({
	type: 'cash.moved',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: { shift: shiftNumber, kind: v.picklist(['in', 'drop', 'out']), amountMinor: v.pipe(minor, v.minValue(1)), reason: v.optional(words(200)) },
});
export type CashMoved = v.InferOutput<typeof cashMoved.schema>;

/** Somebody opened this till's drawer for a shift, with a float in it. Shifts are of the author's own device, numbered from 1. */
import type * as v from 'valibot';
import { nonNegativeMinor } from '../numbers.ts';
import { defineFact } from './define.ts';
import { shiftNumber } from './sale-completed.ts';

export const shiftOpened = defineFact({
	type: 'shift.opened',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: { shift: shiftNumber, floatMinor: nonNegativeMinor },
});
export type ShiftOpened = v.InferOutput<typeof shiftOpened.schema>;

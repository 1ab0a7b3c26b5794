/** The drawer was counted, blind, and the shift is over. What was expected is the fold's to say; `expectedMinor` is what this till had folded. */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { minor, nonNegativeMinor } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { shiftNumber } from './sale-completed.ts';

export const shiftClosed = defineFact({
	type: 'shift.closed',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: {
		/** Whose drawer: absent for the author's own, named where somebody counts again at another device. */
		device: v.optional(deviceId),
		shift: shiftNumber,
		countedMinor: nonNegativeMinor,
		expectedMinor: minor,
		/** Coins and notes, where they were counted one by one: value of one in minor units, and how many. */
		denominations: v.optional(v.pipe(v.array(v.strictObject({ valueMinor: nonNegativeMinor, count: nonNegativeMinor })), v.maxLength(30))),
		note: v.optional(words(200)),
	},
});
export type ShiftClosed = v.InferOutput<typeof shiftClosed.schema>;

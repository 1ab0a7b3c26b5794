/**
 * Wrong PINs were typed under a person's name. Written when the till begins to wait, not at every slip: so a flood of tries is a handful of entries a day.
 */
import * as v from 'valibot';
import { personId } from '../ids.ts';
import { defineFact } from './define.ts';

export const pinRefused = defineFact({
	type: 'pin.refused',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: {
		person: personId,
		/** In a row, on this device, since the last right one. */
		tries: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	},
});
export type PinRefused = v.InferOutput<typeof pinRefused.schema>;

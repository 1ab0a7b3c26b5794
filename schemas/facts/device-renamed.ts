/** A device has another name, or another till number from its next receipt on: a number that no device ever had. */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const deviceRenamed = defineFact({
	type: 'device.renamed',
	version: 1,
	scope: 'store',
	right: 'enrol',
	fields: {
		device: deviceId,
		name: v.optional(v.pipe(words(60), v.minLength(1))),
		till: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999))),
	},
});
export type DeviceRenamed = v.InferOutput<typeof deviceRenamed.schema>;

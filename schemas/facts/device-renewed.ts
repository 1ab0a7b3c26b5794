/** A device goes on under new keys. Written by itself, as the first thing under them; the chain is what proves it (`renewal.ts`). */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { defineFact } from './define.ts';

export const deviceRenewed = defineFact({
	type: 'device.renewed',
	version: 1,
	scope: 'store',
	right: 'settings',
	fields: {
		device: deviceId,
		generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99)),
		/** The certificate chain with the renewal, CBOR as hex. */
		chain: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8192)),
	},
});
export type DeviceRenewed = v.InferOutput<typeof deviceRenewed.schema>;

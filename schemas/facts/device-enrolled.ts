/** A device belongs to the store. The certificate chain is what proves it; this makes it known and gives it its place in the ledger. */
import * as v from 'valibot';
import { branchId, deviceId } from '../ids.ts';
import { right } from '../rights.ts';
import { role } from '../certificate.ts';
import { defineFact, words } from './define.ts';

export const deviceEnrolled = defineFact({
	type: 'device.enrolled',
	version: 1,
	scope: 'store',
	right: 'enrol',
	fields: {
		device: deviceId,
		branch: branchId,
		role,
		name: v.pipe(words(60), v.minLength(1)),
		till: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(9999))),
		rights: v.array(right),
		/** The certificate chain, CBOR as hex. */
		chain: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8192)),
	},
});
export type DeviceEnrolled = v.InferOutput<typeof deviceEnrolled.schema>;

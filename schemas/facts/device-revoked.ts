/** A device is no longer trusted beyond the marks named; a chain without a mark counts from its beginning. */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { mark } from '../mark.ts';
import { defineFact, words } from './define.ts';

export const deviceRevoked = defineFact({
	type: 'device.revoked',
	version: 1,
	scope: 'store',
	right: 'revoke',
	fields: { device: deviceId, marks: v.pipe(v.array(mark), v.maxLength(2)), reason: words(200) },
});
export type DeviceRevoked = v.InferOutput<typeof deviceRevoked.schema>;

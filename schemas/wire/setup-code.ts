/**
 * What the hub's setup code says: how a till that was served from anywhere reaches the hub by webrtc-direct, and the join code that lets it in. As text it is
 * written and read by `core/setup-code.ts`.
 */
import * as v from 'valibot';
import { hubPlace } from './hub-place.ts';

export const setupCode = v.strictObject({
	/** As people type it: `K7QM-42XR`; used once, ten minutes. */
	code: v.pipe(v.string(), v.regex(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/, 'is no join code')),
	...hubPlace.entries,
});
export type SetupCode = v.InferOutput<typeof setupCode>;

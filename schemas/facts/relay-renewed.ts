/** A relay of this store goes on under a new key. Written by a hub that asked the relay's address; the succession is what proves it (`succession.ts`). */
import type * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { successionHex } from '../succession.ts';
import { defineFact } from './define.ts';

export const relayRenewed = defineFact({
	type: 'relay.renewed',
	version: 1,
	scope: 'store',
	right: 'join-relay',
	fields: { relay: deviceId, succession: successionHex },
});
export type RelayRenewed = v.InferOutput<typeof relayRenewed.schema>;

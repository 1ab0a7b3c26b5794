/** A relay is this store's no more, because it is lost: nothing that it signs is believed from here on. */
import type * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { defineFact } from './define.ts';

export const relayLeft = defineFact({ type: 'relay.left', version: 1, scope: 'store', right: 'join-relay', fields: { relay: deviceId } });
export type RelayLeft = v.InferOutput<typeof relayLeft.schema>;

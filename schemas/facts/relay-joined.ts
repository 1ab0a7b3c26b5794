/** A relay signs watermarks for this store with this key. */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const relayJoined = defineFact({
	type: 'relay.joined',
	version: 1,
	scope: 'store',
	right: 'join-relay',
	fields: { relay: deviceId, url: v.pipe(words(300), v.minLength(1)), name: words(60) },
});
export type RelayJoined = v.InferOutput<typeof relayJoined.schema>;

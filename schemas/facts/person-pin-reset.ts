/** A person has a new PIN, or (null) none until one is chosen. The later in ledger order counts. */
import type * as v from 'valibot';
import { personId } from '../ids.ts';
import { defineFact } from './define.ts';
import { pinHash } from './person-added.ts';

export const personPinReset = defineFact({
	type: 'person.pinReset',
	version: 1,
	scope: 'store',
	right: 'sell',
	fields: { person: personId, pin: pinHash },
});
export type PersonPinReset = v.InferOutput<typeof personPinReset.schema>;

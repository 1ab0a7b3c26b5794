/** A person no longer works here: no till opens under the name. `false` brings the person back. */
import * as v from 'valibot';
import { personId } from '../ids.ts';
import { defineFact } from './define.ts';

export const personDisabled = defineFact({
	type: 'person.disabled',
	version: 1,
	scope: 'store',
	right: 'settings',
	fields: { person: personId, disabled: v.boolean() },
});
export type PersonDisabled = v.InferOutput<typeof personDisabled.schema>;

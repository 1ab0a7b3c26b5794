/** A person has another name, role or place. */
import * as v from 'valibot';
import { branchId, personId } from '../ids.ts';
import { defineFact, replaces, words } from './define.ts';
import { personRole } from './person-added.ts';

export const personChanged = defineFact({
	type: 'person.changed',
	version: 1,
	scope: 'store',
	right: 'settings',
	fields: {
		person: personId,
		name: v.pipe(words(60), v.minLength(1)),
		role: personRole,
		branches: v.optional(v.pipe(v.array(branchId), v.minLength(1), v.maxLength(200))),
		replaces,
	},
});
export type PersonChanged = v.InferOutput<typeof personChanged.schema>;

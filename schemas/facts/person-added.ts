/** Somebody works here. The PIN opens the till under this name; the entry's `by` is the device's claim. */
import * as v from 'valibot';
import { branchId, personId } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const PERSON_ROLES = ['cashier', 'supervisor', 'manager', 'owner'] as const;
export const personRole = v.picklist(PERSON_ROLES);
export type PersonRole = v.InferOutput<typeof personRole>;

/** Argon2id in PHC string form, under a secret of the store; null: no PIN yet. */
export const pinHash = v.nullable(v.pipe(words(200), v.minLength(1)));

export const personAdded = defineFact({
	type: 'person.added',
	version: 1,
	scope: 'store',
	right: 'settings',
	fields: {
		person: personId,
		name: v.pipe(words(60), v.minLength(1)),
		role: personRole,
		pin: pinHash,
		/** Absent: in every branch. */
		branches: v.optional(v.pipe(v.array(branchId), v.minLength(1), v.maxLength(200))),
	},
});
export type PersonAdded = v.InferOutput<typeof personAdded.schema>;

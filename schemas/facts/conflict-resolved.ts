/**
 * A person's answer to a conflict; the only fact about one. It names the members that it settles: a later member opens the conflict again.
 * What the answer does to stock and money is further facts in the same entry, or in part 2 when they are of the other scope.
 */
import * as v from 'valibot';
import { branchId, entryHash } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const conflictId = v.strictObject({
	kind: v.pipe(words(40), v.minLength(1)),
	subject: v.pipe(words(240), v.minLength(1)),
	branch: v.optional(branchId),
});
export type ConflictId = v.InferOutput<typeof conflictId>;

const fields = {
	conflict: conflictId,
	members: v.pipe(v.array(entryHash), v.minLength(1), v.maxLength(2000)),
	/** Id of the choice, as `core/conflict` lists it for the kind. */
	choice: v.pipe(words(60), v.minLength(1)),
	/** What was chosen where a choice asks for one: an entry hash, a typed value. */
	value: v.optional(words(400)),
};

export const conflictResolved = defineFact({ type: 'conflict.resolved', version: 1, scope: 'either', right: 'resolve', fields });
export type ConflictResolved = v.InferOutput<typeof conflictResolved.schema>;

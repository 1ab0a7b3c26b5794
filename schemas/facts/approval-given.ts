/**
 * Somebody allowed on the spot, by PIN, what the person at the device may not do alone. Stands in the entry of what was done. The device's claim, as `by` is.
 */
import * as v from 'valibot';
import { personId } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const approvalGiven = defineFact({
	type: 'approval.given',
	version: 1,
	scope: 'either',
	right: 'sell',
	fields: {
		approvedBy: personId,
		/** What for, by the names of `core/people/roles.ts`; for people to read, judged by nobody. */
		acts: v.pipe(v.array(v.pipe(words(40), v.minLength(1))), v.minLength(1), v.maxLength(20)),
	},
});
export type ApprovalGiven = v.InferOutput<typeof approvalGiven.schema>;

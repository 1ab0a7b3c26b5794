/**
 * How a hub says no, whatever it was asked: `error` is an English sentence that says what to do, `why` its name and `figures` what the sentence names.
 * `why` is one of `core/enrolment-refusals.ts` or `core/hub-refusals.ts`, or one that this version does not know; older hubs say nothing.
 */
import * as v from 'valibot';
import { words } from '../facts/define.ts';

export const hubRefusal = v.object({
	error: words(600),
	why: v.optional(words(40)),
	figures: v.optional(v.record(words(20), v.union([v.string(), v.number()]))),
});
export type HubRefusal = v.InferOutput<typeof hubRefusal>;

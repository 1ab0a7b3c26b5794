/**
 * Who stays of devices that removed each other: an owner says so, and owners are hubs. A page on the hub's own machine has it do so.
 *
 *   POST /disputes/answer  disputeAnswer  → {} · 4xx `hub-refusal.ts`
 */
import * as v from 'valibot';
import { conflictId } from '../facts/conflict-resolved.ts';
import { words } from '../facts/define.ts';
import { intentKey } from '../ids.ts';

export const DISPUTES_PATH = '/disputes/answer';

export const disputeAnswer = v.strictObject({
	conflict: conflictId,
	/** As the conflict offers them. */
	choice: v.pipe(words(80), v.minLength(1)),
	/** The same for every try. */
	key: intentKey,
});
export type DisputeAnswer = v.InferOutput<typeof disputeAnswer>;

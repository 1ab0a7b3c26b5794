/** Somebody accepted that entries will not come: watermarks pass the gap. Should they come after all, they count. */
import * as v from 'valibot';
import { deviceId, scope } from '../ids.ts';
import { mark } from '../mark.ts';
import { defineFact } from './define.ts';

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const entriesDeclaredLost = defineFact({
	type: 'entries.declaredLost',
	version: 1,
	scope: 'either',
	right: 'declare-lost',
	fields: { device: deviceId, chain: scope, fromSeq: seq, toSeq: seq, /** What is known right after the gap. */ next: v.optional(mark) },
});
export type EntriesDeclaredLost = v.InferOutput<typeof entriesDeclaredLost.schema>;

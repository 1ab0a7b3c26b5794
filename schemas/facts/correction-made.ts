/** The effects of an earlier entry on stock and money are taken back, from here on. Nothing is ever edited: the entry itself stays. */
import type * as v from 'valibot';
import { entryHash } from '../ids.ts';
import { defineFact, words } from './define.ts';

export const correctionMade = defineFact({
	type: 'correction.made',
	version: 1,
	scope: 'branch',
	right: 'resolve',
	fields: { corrects: entryHash, reason: words(200) },
});
export type CorrectionMade = v.InferOutput<typeof correctionMade.schema>;

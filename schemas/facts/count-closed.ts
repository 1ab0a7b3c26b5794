/** A stock take is over. What was not counted stays as the ledger has it. */
import type * as v from 'valibot';
import { countId } from './count-opened.ts';
import { defineFact } from './define.ts';

export const countClosed = defineFact({ type: 'count.closed', version: 1, scope: 'branch', right: 'stock', fields: { count: countId } });
export type CountClosed = v.InferOutput<typeof countClosed.schema>;

/** Somebody printed or exported a day of this branch: what arrives for that day afterwards is an addition, and is shown as one. */
import * as v from 'valibot';
import { tradingDay } from '../ids.ts';
import { minor } from '../numbers.ts';
import { defineFact } from './define.ts';

export const dayReported = defineFact({
	type: 'day.reported',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: { day: tradingDay, /** Takings as they were shown. */ takingsMinor: minor, receipts: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) },
});
export type DayReported = v.InferOutput<typeof dayReported.schema>;

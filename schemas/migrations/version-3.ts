/** What stood before sales and exchanges said why a line had another price: what was sealed under it is read for ever. Nothing here changes any more. */
import * as v from 'valibot';
import { customerId, entryHash, personId } from '../ids.ts';
import { currency, minor } from '../numbers.ts';
import { words } from '../facts/define.ts';
import { receipt2, refundLine2, saleCompleted2, saleLine2, tender2 } from './version-2.ts';

export const saleCompleted3 = {
	...saleCompleted2,
	ageChecked: v.optional(
		v.strictObject({
			years: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(99)),
			bornBy: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
		}),
	),
};

export const exchangeCompleted1 = {
	receipt: receipt2,
	currency,
	sale: v.optional(entryHash),
	returned: v.pipe(v.array(refundLine2), v.minLength(1), v.maxLength(500)),
	lines: v.pipe(v.array(saleLine2), v.minLength(1), v.maxLength(1000)),
	roundingMinor: minor,
	totalMinor: minor,
	tenders: v.pipe(v.array(tender2), v.maxLength(20)),
	reason: v.optional(words(200)),
	taxExcluded: v.optional(v.literal(true)),
	shift: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
	customer: v.optional(customerId),
	approvedBy: v.optional(personId),
};

/**
 * A return and a sale on one receipt: what came back, what went out, and the difference in money. `sale` names the sale that the returned lines are of.
 *
 * Rules beyond the shape (`core/sale/rules.ts`): sold lines less returned lines plus rounding are the total, and so are the tenders. Below zero: money went back.
 */
import * as v from 'valibot';
import { customerId, entryHash, personId } from '../ids.ts';
import { exchangeCompleted1 } from '../migrations/version-3.ts';
import { currency, minor } from '../numbers.ts';
import { defineFact, words } from './define.ts';
import { refundLine } from './refund-completed.ts';
import { ageChecked, receipt, saleLine, shiftNumber, tender } from './sale-completed.ts';

export const exchangeCompleted = defineFact({
	type: 'exchange.completed',
	version: 2,
	scope: 'branch',
	right: 'refund',
	fields: {
		receipt,
		currency,
		/** Absent: returned without a receipt. */
		sale: v.optional(entryHash),
		returned: v.pipe(v.array(refundLine), v.minLength(1), v.maxLength(500)),
		lines: v.pipe(v.array(saleLine), v.minLength(1), v.maxLength(1000)),
		roundingMinor: minor,
		totalMinor: minor,
		tenders: v.pipe(v.array(tender), v.maxLength(20)),
		reason: v.optional(words(200)),
		taxExcluded: v.optional(v.literal(true)),
		shift: v.optional(shiftNumber),
		customer: v.optional(customerId),
		approvedBy: v.optional(personId),
		/** Since version 2: the highest age that was asked for; and why a line has another price. */
		ageChecked: v.optional(ageChecked),
	},
	earlier: [exchangeCompleted1],
});
export type ExchangeCompleted = v.InferOutput<typeof exchangeCompleted.schema>;

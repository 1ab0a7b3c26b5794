import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { Till } from './day.ts';

/** The refund, with its money out of the till's drawer. */
export function paidBack({ shift }: Till, fact: RefundCompleted): RefundCompleted {
	if (shift === undefined) return fact;
	shift.cashMinor -= fact.totalMinor;
	return { ...fact, shift: shift.number };
}

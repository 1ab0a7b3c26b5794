/**
 * What a sale and a refund must add up to, beyond their shape: the parts sum to the whole. Judged at replay on every peer; an entry that breaks a rule
 * is quarantined as `not-allowed`. Line totals themselves are not computed again: a future discount may lie between quantity times price and total.
 */
import { sumMinor } from '#core/money.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';

/** The broken rule in words, or undefined. */
export function brokenSaleRule(fact: SaleCompleted | RefundCompleted): string | undefined {
	const linesMinor = sumMinor(fact.lines.map(({ totalMinor }) => totalMinor));
	if (linesMinor + fact.roundingMinor !== fact.totalMinor)
		return `lines and rounding add up to ${linesMinor + fact.roundingMinor}, the total says ${fact.totalMinor}`;
	const tendersMinor = sumMinor(fact.tenders.map(({ amountMinor }) => amountMinor));
	if (tendersMinor !== fact.totalMinor) return `tenders add up to ${tendersMinor}, the total says ${fact.totalMinor}`;
	for (const tender of fact.tenders) {
		if (tender.type === 'cash' && tender.givenMinor - tender.changeMinor !== tender.amountMinor) return 'cash given less change is not the amount';
	}
	const negative = fact.tenders.find(({ amountMinor }) => amountMinor < 0);
	if (negative !== undefined) return `a tender of ${negative.amountMinor}`;
	if (fact.roundingMinor !== 0 && !fact.tenders.some(({ type }) => type === 'cash'))
		return `rounded by ${fact.roundingMinor} though nothing was paid in cash`;
	if (Math.abs(fact.roundingMinor) >= MOST_ROUNDING_MINOR) return `rounded by ${fact.roundingMinor}`;
	const lines: readonly { readonly taxMinor: number; readonly totalMinor: number }[] = fact.lines;
	const badTax = lines.find(({ taxMinor, totalMinor }) => Math.abs(taxMinor) > Math.abs(totalMinor));
	return badTax === undefined ? undefined : `a tax of ${badTax.taxMinor} inside ${badTax.totalMinor}`;
}

/** The largest smallest coin is 50: rounding moves at most half of that. */
const MOST_ROUNDING_MINOR = 26;

/** Rules of a fact that its shape cannot say. What breaks one is quarantined, for figures that disagree cannot both be folded. Never throws on what a peer wrote. */
import { brokenSaleRule } from '#core/sale/rules.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';

/** 10¹¹ major units of a currency with two digits: with 1,500 lines of it sums are still exact integers below 2⁵³. */
const MOST_MINOR = 1e12;

const WILD = `an amount above ${MOST_MINOR}`;

/** The broken rule in words, or undefined. */
export function brokenRule(fact: Fact): string | undefined {
	switch (fact.type) {
		case 'refund.completed':
			if (fact.deposits === true && (fact.sale !== undefined || fact.lines.some(({ sku }) => sku === undefined)))
				return 'deposits of goods that were no deposits';
			return hasWildAmount(fact) ? WILD : brokenSaleRule(fact);
		case 'sale.completed':
			return hasWildAmount(fact) ? WILD : brokenSaleRule(fact);
		case 'exchange.completed':
			return hasWildAmount(fact) || fact.returned.some(({ totalMinor, taxMinor }) => isWild(totalMinor) || isWild(taxMinor))
				? WILD
				: brokenSaleRule(fact);
		case 'refund.claimed':
			return fact.lines.some(({ totalMinor, taxMinor }) => isWild(totalMinor) || isWild(taxMinor)) ? WILD : undefined;
		case 'cash.moved':
		case 'credit.given':
		case 'credit.used':
		case 'debt.noted':
			return isWild(fact.amountMinor) ? WILD : undefined;
		case 'shift.opened':
			return isWild(fact.floatMinor) ? WILD : undefined;
		case 'shift.closed':
			return isWild(fact.countedMinor) || isWild(fact.expectedMinor) ? WILD : undefined;
		case 'customer.merged':
			return fact.customer === fact.into ? 'a customer merged into itself' : undefined;
		case 'entries.declaredLost':
			return fact.fromSeq > fact.toSeq ? 'a range that ends before it begins' : undefined;
		case 'device.revoked':
			return fact.marks.some(({ device }) => device !== fact.device) ? 'marks of another device' : undefined;
		default:
			return undefined;
	}
}

/** Asked of every sale that is folded: no list is made for it. */
function hasWildAmount({ lines, tenders, totalMinor, roundingMinor }: SaleCompleted | RefundCompleted | ExchangeCompleted): boolean {
	if (isWild(totalMinor) || isWild(roundingMinor)) return true;
	for (const line of lines) if (isWild(line.totalMinor) || isWild(line.taxMinor)) return true;
	for (const { amountMinor } of tenders) if (isWild(amountMinor)) return true;
	return false;
}

function isWild(amountMinor: number): boolean {
	return Math.abs(amountMinor) > MOST_MINOR;
}

/**
 * What a sale, a refund and an exchange must add up to, beyond their shape: the parts sum to the whole. Judged at replay on every peer; an entry that breaks a
 * rule is quarantined as `not-allowed`. Never throws on what a peer wrote.
 *
 * 1. Lines (where prices are without tax, and their taxes) and rounding are the total, and so are the tenders.
 * 2. Cash given less change is its amount; only where cash changes hands is anything rounded.
 * 3. Since version 2: quantity times price, less the discounts, is the line; a deposit belongs to an earlier line. Older sales stay as they are.
 */
import { lineTotalMinor, sumMinor } from '#core/money.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted, SaleLine, Tender } from '#schemas/facts/sale-completed.ts';
import type { Currency } from '#schemas/numbers.ts';

/** The broken rule in words, or undefined. Amounts are known to be below 10¹² (`core/ledger/fact-rules.ts`). */
export function brokenSaleRule(fact: SaleCompleted | RefundCompleted | ExchangeCompleted): string | undefined {
	const excluded = fact.taxExcluded === true;
	const linesMinor = costOf(fact.lines, excluded) - (fact.type === 'exchange.completed' ? costOf(fact.returned, excluded) : 0);
	if (linesMinor + fact.roundingMinor !== fact.totalMinor)
		return `lines and rounding add up to ${linesMinor + fact.roundingMinor}, the total says ${fact.totalMinor}`;
	const tendersMinor = sumMinor(fact.tenders.map(({ amountMinor }) => amountMinor));
	if (tendersMinor !== fact.totalMinor) return `tenders add up to ${tendersMinor}, the total says ${fact.totalMinor}`;
	return (
		brokenTender(fact) ??
		brokenTax(fact.lines, excluded) ??
		(fact.type === 'exchange.completed' ? brokenTax(fact.returned, excluded) : undefined) ??
		(fact.type === 'exchange.completed' || (fact.type === 'sale.completed' && fact.v > 1) ? brokenLine(fact.lines, fact.currency) : undefined)
	);
}

type CostingLine = { readonly totalMinor: number; readonly taxMinor: number };

function costOf(lines: readonly CostingLine[], taxExcluded: boolean): number {
	return sumMinor(lines.map(({ totalMinor, taxMinor }) => totalMinor + (taxExcluded ? taxMinor : 0)));
}

function brokenTender({
	tenders,
	totalMinor,
	roundingMinor,
}: {
	tenders: readonly Tender[];
	totalMinor: number;
	roundingMinor: number;
}): string | undefined {
	for (const tender of tenders) {
		if (tender.type === 'cash' && tender.givenMinor - tender.changeMinor !== tender.amountMinor) return 'cash given less change is not the amount';
	}
	// All one way: an exchange below zero gives back, and takes nothing.
	const opposite = tenders.find(({ amountMinor }) => (totalMinor < 0 ? amountMinor > 0 : amountMinor < 0));
	if (opposite !== undefined) return `a tender of ${opposite.amountMinor}`;
	if (roundingMinor !== 0 && !tenders.some(({ type }) => type === 'cash')) return `rounded by ${roundingMinor} though nothing was paid in cash`;
	return Math.abs(roundingMinor) >= MOST_ROUNDING_MINOR ? `rounded by ${roundingMinor}` : undefined;
}

/** The largest smallest coin is 50: rounding moves at most half of that. */
const MOST_ROUNDING_MINOR = 26;

function brokenTax(lines: readonly CostingLine[], taxExcluded: boolean): string | undefined {
	for (const { taxMinor, totalMinor } of lines) {
		if (!taxExcluded && Math.abs(taxMinor) > Math.abs(totalMinor)) return `a tax of ${taxMinor} inside ${totalMinor}`;
		// No rate is above 1,000 %, and a piece of a line is rounded.
		if (taxExcluded && Math.abs(taxMinor) > Math.abs(totalMinor) * 10 + 1) return `a tax of ${taxMinor} on ${totalMinor}`;
	}
	return undefined;
}

function brokenLine(lines: readonly SaleLine[], currency: Currency): string | undefined {
	for (const [place, line] of lines.entries()) {
		const { sku, quantityMilli, unitPriceE4, totalMinor, discounts = [], draws, depositOf, resaleOf } = line;
		// In floats, for what is far beyond an integer; with no more than 10¹² to be reached, discounts bridge no such gap.
		if ((quantityMilli * unitPriceE4 * 10 ** currency.digits) / 1e7 > MOST_LINE_MINOR) return `line ${place + 1} costs more than a line can`;
		const costMinor = lineTotalMinor(quantityMilli, unitPriceE4, currency);
		let offMinor = 0;
		for (const { amountMinor } of discounts) offMinor += Math.min(amountMinor, MOST_LINE_MINOR);
		if (totalMinor < 0 || costMinor - offMinor !== totalMinor) return `line ${place + 1} costs ${costMinor} less ${offMinor}, and says ${totalMinor}`;
		if (depositOf !== undefined && (depositOf >= place || lines[depositOf]?.depositOf !== undefined))
			return `line ${place + 1} is the deposit of line ${depositOf + 1}`;
		if (draws !== undefined && (sku === undefined || draws.sku === sku || resaleOf !== undefined))
			return `line ${place + 1} takes ${draws.sku} off the shelf`;
		if (resaleOf !== undefined && sku === undefined) return `line ${place + 1} was returned before, and is no product`;
	}
	return undefined;
}

/** 10¹³: a line that costs 10¹² after discounts of no more than that costs less before them. */
const MOST_LINE_MINOR = 1e13;

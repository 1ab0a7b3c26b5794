/** What goes back for empties: what their deposits cost, tax and all. */
import { lineTotalMinor, roundToCash, sumMinor, taxOnTopMinor } from '#core/money.ts';
import type { Currency } from '#schemas/numbers.ts';

export interface DepositsBack {
	readonly quantityMilli: number;
	readonly unitPriceE4: number;
	readonly taxPercentMilli: number;
}

/** Minor units. Where prices are without tax, a deposit was paid with it. */
export function depositMinor({ quantityMilli, unitPriceE4, taxPercentMilli }: DepositsBack, currency: Currency, taxExcluded: boolean): number {
	const netMinor = lineTotalMinor(quantityMilli, unitPriceE4, currency);
	return netMinor + (taxExcluded ? taxOnTopMinor(netMinor, taxPercentMilli) : 0);
}

export interface DepositTerms {
	readonly currency: Currency;
	readonly taxExcluded: boolean;
	readonly cashRoundingMinor: number;
}

/** All of them: in the smallest coin, and (`creditMinor`) as store credit, which is not rounded. */
export function depositsMinor(
	lines: readonly DepositsBack[],
	{ currency, taxExcluded, cashRoundingMinor }: DepositTerms,
): { readonly cashMinor: number; readonly creditMinor: number } {
	const creditMinor = sumMinor(lines.map((line) => depositMinor(line, currency, taxExcluded)));
	return { cashMinor: roundToCash(creditMinor, cashRoundingMinor), creditMinor };
}

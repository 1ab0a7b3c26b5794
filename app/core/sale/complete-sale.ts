/**
 * A cart and its tenders become a sale, or the reason why not. Stock is never a reason: the goods are on the counter.
 *
 * 1. What comes out adds up (`rules.ts`): a sale that would be quarantined at replay is never sealed.
 * 2. Only what is paid in cash is rounded to the smallest coin.
 */
import * as v from 'valibot';
import type { Refusal } from '#core/intent.ts';
import { roundToCash, sumMinor, taxInsideMinor } from '#core/money.ts';
import type { Cart } from '#schemas/cart.ts';
import { saleCompleted, type Receipt, type SaleCompleted, type SaleLine, type Tender } from '#schemas/facts/sale-completed.ts';
import type { Currency } from '#schemas/numbers.ts';
import { totalOfLine } from './cart.ts';
import { brokenSaleRule } from './rules.ts';

export interface SaleTerms {
	readonly receipt: Receipt;
	readonly currency: Currency;
	/** Smallest coin, minor units: 1 is no rounding. */
	readonly cashRoundingMinor: number;
}

const MOST_LINES = 1500;
/** 10¹² minor units: more than a shop turns over, and far below where integers end. */
const MOST_MINOR = 1e12;

/** The fact that makes the sale true. What a card leaves open is rounded to the smallest coin; a sale that cards pay whole is not. */
export function completeSale(cart: Cart, tenders: readonly Tender[], { receipt, currency, cashRoundingMinor }: SaleTerms): SaleCompleted | Refusal {
	if (cart.lines.length === 0) return { refused: 'cart-empty' };
	if (cart.lines.length > MOST_LINES) return { refused: 'too-many-lines', most: MOST_LINES };
	// In floats: only whether it is far too much is asked, and the exact product may be more than an integer holds.
	const wildMinor = cart.lines.reduce((most, line) => Math.max(most, (line.quantityMilli * line.unitPriceE4 * 10 ** currency.digits) / 1e7), 0);
	if (wildMinor > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const lines = cart.lines.map((line): SaleLine => {
		const totalMinor = totalOfLine(line, currency);
		return {
			...(line.sku === undefined ? {} : { sku: line.sku }),
			...(line.price === undefined ? {} : { price: line.price }),
			...{ name: line.name, quantityMilli: line.quantityMilli, unitPriceE4: line.unitPriceE4, totalMinor, taxRate: line.taxRate },
			...{ taxPercentMilli: line.taxPercentMilli, taxMinor: taxInsideMinor(totalMinor, line.taxPercentMilli) },
		};
	});
	const linesMinor = sumMinor(lines.map(({ totalMinor }) => totalMinor));
	if (linesMinor > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const paidMinor = sumMinor(tenders.map(({ amountMinor }) => amountMinor));
	const cashMinor = sumMinor(tenders.map((tender) => (tender.type === 'cash' ? tender.amountMinor : 0)));
	const cardMinor = paidMinor - cashMinor;
	const isCashLast = tenders.some(({ type }) => type === 'cash') && cardMinor < linesMinor;
	const dueMinor = isCashLast ? cardMinor + roundToCash(linesMinor - cardMinor, cashRoundingMinor) : linesMinor;
	if (tenders.length === 0 || paidMinor < dueMinor) return { refused: 'tender-short', shortMinor: dueMinor - paidMinor };
	if (paidMinor > dueMinor) return { refused: 'tender-over', overMinor: paidMinor - dueMinor };
	const fact: SaleCompleted = {
		...{ type: 'sale.completed', v: 1, receipt, currency, lines, roundingMinor: dueMinor - linesMinor, totalMinor: dueMinor, tenders: [...tenders] },
		...(cart.parked === undefined ? {} : { parked: cart.parked }),
	};
	// A card's reference or an open item's name is typed by hand, and may be longer than a fact carries.
	const parsed = v.safeParse(saleCompleted.schema, fact);
	if (!parsed.success) return { refused: 'value-invalid', field: v.getDotPath(parsed.issues[0]) ?? 'sale', reason: parsed.issues[0].message };
	const broken = brokenSaleRule(fact);
	if (broken !== undefined) throw new Error(`a sale that would not add up: ${broken}`);
	return fact;
}

/** Cash for an amount that is due: what was given, and the change. */
export function cashTender(dueMinor: number, givenMinor: number): Tender {
	return { type: 'cash', amountMinor: Math.min(dueMinor, givenMinor), givenMinor, changeMinor: Math.max(0, givenMinor - dueMinor) };
}

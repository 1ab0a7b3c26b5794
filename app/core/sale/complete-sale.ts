/**
 * A cart and its tenders become a sale, or the reason why not. Stock is never a reason: the goods are on the counter.
 *
 * 1. What comes out adds up (`rules.ts`): a sale that would be quarantined at replay is never sealed.
 * 2. Only what is paid in cash is rounded to the smallest coin.
 * 3. Store credit that is spent is a fact of the store's scope, under the same key: one for each customer.
 */
import { inLowestVersion } from '#core/entry/fact-version.ts';
import type { Refusal } from '#core/intent.ts';
import { roundHalfEven, roundToCash, sumMinor } from '#core/money.ts';
import type { Cart, CartLine } from '#schemas/cart.ts';
import type { CreditUsed } from '#schemas/facts/credit-used.ts';
import type { Draw } from '#schemas/facts/product-created.ts';
import { saleCompleted, type Receipt, type SaleCompleted, type SaleLine, type Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerId } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import * as v from 'valibot';
import { priceLines } from './cart.ts';
import { brokenSaleRule } from './rules.ts';

export interface SaleTerms {
	readonly receipt: Receipt;
	readonly currency: Currency;
	/** Smallest coin, minor units: 1 is no rounding. */
	readonly cashRoundingMinor: number;
	/** Prices are without tax. */
	readonly taxExcluded?: boolean | undefined;
	/** The shift that is open on this till. */
	readonly shift?: number | undefined;
}

const MOST_LINES = 1500;
/** 10¹² minor units: more than a shop turns over, and far below where integers end. */
const MOST_MINOR = 1e12;

/** The fact that makes the sale true. What cards and credit leave open is rounded to the smallest coin; a sale that they pay whole is not. */
export function completeSale(cart: Cart, tenders: readonly Tender[], terms: SaleTerms): SaleCompleted | Refusal {
	const { receipt, currency, cashRoundingMinor, taxExcluded = false, shift } = terms;
	const lines = linesOfSale(cart, terms);
	if ('refused' in lines) return lines;
	const dueMinor = sumMinor(lines.map(({ totalMinor, taxMinor }) => totalMinor + (taxExcluded ? taxMinor : 0)));
	if (dueMinor > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const totalMinor = roundedWhereCash(dueMinor, tenders, cashRoundingMinor);
	const paidMinor = sumMinor(tenders.map(({ amountMinor }) => amountMinor));
	if (tenders.length === 0 || paidMinor < totalMinor) return { refused: 'tender-short', shortMinor: totalMinor - paidMinor };
	if (paidMinor > totalMinor) return { refused: 'tender-over', overMinor: paidMinor - totalMinor };
	const fact: SaleCompleted = {
		...{
			type: 'sale.completed',
			v: 2,
			receipt,
			currency,
			lines: [...lines],
			roundingMinor: totalMinor - dueMinor,
			totalMinor,
			tenders: [...tenders],
		},
		...(cart.parked === undefined ? {} : { parked: cart.parked }),
		...(taxExcluded ? { taxExcluded } : {}),
		...(shift === undefined ? {} : { shift }),
		...(cart.customer === undefined ? {} : { customer: cart.customer }),
		...(cart.note === undefined || cart.note === '' ? {} : { note: cart.note }),
		...(cart.ageChecked === undefined ? {} : { ageChecked: cart.ageChecked }),
	};
	// A card's reference or an open item's name is typed by hand, and may be longer than a fact carries.
	const parsed = v.safeParse(saleCompleted.schema, fact);
	if (!parsed.success) return { refused: 'value-invalid', field: v.getDotPath(parsed.issues[0]) ?? 'sale', reason: parsed.issues[0].message };
	const broken = brokenSaleRule(fact);
	if (broken !== undefined) throw new Error(`a sale that would not add up: ${broken}`);
	return inLowestVersion(fact);
}

/** The cart as the lines of a sale. */
export function linesOfSale(
	cart: Cart,
	{ currency, taxExcluded = false }: Pick<SaleTerms, 'currency' | 'taxExcluded'>,
): readonly SaleLine[] | Refusal {
	if (cart.lines.length === 0) return { refused: 'cart-empty' };
	if (cart.lines.length > MOST_LINES) return { refused: 'too-many-lines', most: MOST_LINES };
	// In floats: only whether it is far too much is asked, and the exact product may be more than an integer holds.
	const wildMinor = cart.lines.reduce((most, line) => Math.max(most, (line.quantityMilli * line.unitPriceE4 * 10 ** currency.digits) / 1e7), 0);
	if (wildMinor > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const placeOf = new Map<string, number>();
	return priceLines(cart, currency, taxExcluded).map(({ line, discounts, totalMinor, taxMinor }, place): SaleLine => {
		placeOf.set(line.id, place);
		const depositOf = line.depositOf === undefined ? undefined : placeOf.get(line.depositOf);
		const draws = line.resaleOf === undefined ? drawnBy(line) : undefined;
		return {
			...(line.sku === undefined ? {} : { sku: line.sku }),
			...(line.price === undefined ? {} : { price: line.price }),
			...(line.priceReason === undefined || line.priceReason === '' ? {} : { priceReason: line.priceReason }),
			...{ name: line.name, quantityMilli: line.quantityMilli, unitPriceE4: line.unitPriceE4, totalMinor, taxRate: line.taxRate },
			...{ taxPercentMilli: line.taxPercentMilli, taxMinor },
			...(discounts.length === 0 ? {} : { discounts: [...discounts] }),
			...(draws === undefined ? {} : { draws }),
			...(depositOf === undefined ? {} : { depositOf }),
			...(line.resaleOf === undefined ? {} : { resaleOf: line.resaleOf }),
			...(line.note === undefined || line.note === '' ? {} : { note: line.note }),
		};
	});
}

/** What is to be paid: in part by cash, what the others leave open is rounded to the smallest coin. Amounts that go back are the same below zero. */
export function roundedWhereCash(dueMinor: number, tenders: readonly Tender[], cashRoundingMinor: number): number {
	const elseMinor = sumMinor(tenders.map((tender) => (tender.type === 'cash' ? 0 : tender.amountMinor)));
	const isCashLast = tenders.some(({ type }) => type === 'cash') && Math.abs(elseMinor) < Math.abs(dueMinor);
	return isCashLast ? elseMinor + roundToCash(dueMinor - elseMinor, cashRoundingMinor) : dueMinor;
}

/** Cash for an amount that is due: what was given, and the change. */
export function cashTender(dueMinor: number, givenMinor: number): Tender {
	return { type: 'cash', amountMinor: Math.min(dueMinor, givenMinor), givenMinor, changeMinor: Math.max(0, givenMinor - dueMinor) };
}

/** The part of a sale that is read everywhere: whose credit it took. */
export function creditUsedIn(tenders: readonly Tender[]): readonly CreditUsed[] {
	return [...creditByCustomer(tenders)].flatMap(([customer, amountMinor]) =>
		amountMinor > 0 ? [{ type: 'credit.used', v: 1, customer, amountMinor } as const] : [],
	);
}

/** Store credit among the tenders, by customer, in the order in which they come. */
export function creditByCustomer(tenders: readonly Tender[]): ReadonlyMap<CustomerId, number> {
	const sums = new Map<CustomerId, number>();
	for (const tender of tenders) if (tender.type === 'credit') sums.set(tender.customer, (sums.get(tender.customer) ?? 0) + tender.amountMinor);
	return sums;
}

/** In all, not for one; what is far too much is left as it is for the schema to refuse. */
function drawnBy({ draws, quantityMilli }: CartLine): Draw | undefined {
	if (draws === undefined) return undefined;
	const isExact = Number.isSafeInteger(draws.quantityMilli * quantityMilli);
	const inAll = isExact ? roundHalfEven(BigInt(draws.quantityMilli) * BigInt(quantityMilli), 1000n) : (draws.quantityMilli * quantityMilli) / 1000;
	return { sku: draws.sku, quantityMilli: Math.max(1, inAll) };
}

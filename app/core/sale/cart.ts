/**
 * The open cart: what the cashier builds, line by line. Every change answers a new cart, so the one before is the undo.
 *
 * 1. Line totals are rounded once; the total is their sum, and the tax is what is inside it, line by line.
 * 2. The same product at the same price is one line, the newest last; a weighed one is a line for each weighing.
 */
import { lineTotalMinor, roundToCash, sumMinor, taxInsideMinor } from '#core/money.ts';
import type { Cart, CartLine } from '#schemas/cart.ts';
import type { IntentKey } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';

export interface CartTotals {
	readonly totalMinor: number;
	/** What cash pays after rounding to the smallest coin. */
	readonly cashMinor: number;
	/** By rate, in the order in which the rates came up. */
	readonly taxes: readonly { readonly taxRate: string; readonly percentMilli: number; readonly grossMinor: number; readonly taxMinor: number }[];
	/** Pieces; a weighed line counts as one. */
	readonly pieces: number;
}

export function emptyCart(key: IntentKey, nowMs: number): Cart {
	return { key, lines: [], changedAtMs: nowMs };
}

export function addLine(cart: Cart, line: CartLine, nowMs: number): Cart {
	const same = line.unit === 'each' && line.sku !== undefined ? cart.lines.find((other) => isSame(other, line)) : undefined;
	if (same === undefined) return { ...cart, lines: [...cart.lines, line], changedAtMs: nowMs };
	const merged = { ...same, quantityMilli: same.quantityMilli + line.quantityMilli };
	return { ...cart, lines: [...cart.lines.filter((other) => other !== same), merged], changedAtMs: nowMs };
}

/** A quantity of nothing removes the line. */
export function setQuantity(cart: Cart, lineId: string, quantityMilli: number, nowMs: number): Cart {
	if (quantityMilli <= 0) return removeLine(cart, lineId, nowMs);
	return { ...cart, lines: cart.lines.map((line) => (line.id === lineId ? { ...line, quantityMilli } : line)), changedAtMs: nowMs };
}

export function removeLine(cart: Cart, lineId: string, nowMs: number): Cart {
	return { ...cart, lines: cart.lines.filter(({ id }) => id !== lineId), changedAtMs: nowMs };
}

export function totalOfLine({ quantityMilli, unitPriceE4 }: Pick<CartLine, 'quantityMilli' | 'unitPriceE4'>, currency: Currency): number {
	return lineTotalMinor(quantityMilli, unitPriceE4, currency);
}

export function totalsOf(cart: Cart, currency: Currency, cashRoundingMinor: number): CartTotals {
	const totalMinor = sumMinor(cart.lines.map((line) => totalOfLine(line, currency)));
	const taxes = new Map<string, { taxRate: string; percentMilli: number; grossMinor: number; taxMinor: number }>();
	for (const line of cart.lines) {
		const grossMinor = totalOfLine(line, currency);
		// A rate may change its percent while a cart is open: the line before it is taxed as it was sold.
		const rate = `${line.taxPercentMilli} ${line.taxRate}`;
		const tax = taxes.get(rate) ?? { taxRate: line.taxRate, percentMilli: line.taxPercentMilli, grossMinor: 0, taxMinor: 0 };
		tax.grossMinor += grossMinor;
		tax.taxMinor += taxInsideMinor(grossMinor, line.taxPercentMilli);
		taxes.set(rate, tax);
	}
	const pieces = cart.lines.reduce((sum, line) => sum + (line.unit === 'each' ? Math.ceil(line.quantityMilli / 1000) : 1), 0);
	return { totalMinor, cashMinor: roundToCash(totalMinor, cashRoundingMinor), taxes: [...taxes.values()], pieces };
}

/** Notes and coins that people hand over for an amount: the exact one, then the next round ones, at most four. */
export function quickAmounts(dueMinor: number, currency: Currency): readonly number[] {
	// Where there are no decimals the smallest note is a hundred or a thousand of them.
	const unit = currency.digits === 0 ? 100 : 10 ** currency.digits;
	const amounts = new Set([dueMinor]);
	for (const note of [1, 5, 10, 20, 50, 100, 200, 500].map((whole) => whole * unit)) {
		const rounded = Math.ceil(dueMinor / note) * note;
		if (rounded > dueMinor && amounts.size < 4) amounts.add(rounded);
	}
	return [...amounts].sort((a, b) => a - b);
}

/** What a cashier should know about the shelf: how much stays once these are sold; undefined when there is plenty, or nothing is counted. */
export function leftOnShelf(
	product: { readonly tracked: boolean; readonly unit: 'each' | 'kg'; readonly onHandMilli: number },
	inCartMilli: number,
): number | undefined {
	const leftMilli = product.onHandMilli - inCartMilli;
	return product.tracked && product.unit === 'each' && leftMilli < LOW_MILLI ? leftMilli : undefined;
}

/** Three pieces or fewer are worth a word. */
const LOW_MILLI = 4_000;

function isSame(a: CartLine, b: CartLine): boolean {
	const isSamePrice = a.unitPriceE4 === b.unitPriceE4 && a.price === b.price;
	return a.sku === b.sku && a.unit === b.unit && isSamePrice && a.taxRate === b.taxRate && a.taxPercentMilli === b.taxPercentMilli;
}

/**
 * The open cart: what the cashier builds, line by line. Every change answers a new cart, so the one before is the undo.
 *
 * 1. Line totals are rounded once; the total is their sum, and the tax is what is inside it (or, where prices are without tax, on top of it), line by line.
 * 2. The same product at the same price is one line, the newest last; a weighed one is a line for each weighing.
 * 3. A discount on the sale is shared by the lines in proportion to what they cost, to the last minor unit; nothing costs less than nothing.
 * 4. A deposit follows its line, comes right after it, and takes no part in a discount on the sale.
 * 5. Parking drops the key: whoever fetches the cart draws a new one and names the parked cart.
 */
import { allocateMinor, lineTotalMinor, percentOfMinor, roundToCash, sumMinor, taxInsideMinor, taxOnTopMinor } from '#core/money.ts';
import type { Cart, CartDiscount, CartLine, ParkedCart } from '#schemas/cart.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import type { Discount } from '#schemas/facts/sale-completed.ts';
import type { CustomerId, IntentKey } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';

export interface CartTotals {
	readonly totalMinor: number;
	/** What cash pays after rounding to the smallest coin. */
	readonly cashMinor: number;
	/** By rate, in the order in which the rates came up; gross is with the tax. */
	readonly taxes: readonly { readonly taxRate: string; readonly percentMilli: number; readonly grossMinor: number; readonly taxMinor: number }[];
	/** Pieces; a weighed line counts as one, a deposit as none. */
	readonly pieces: number;
	/** What all discounts took off. */
	readonly discountMinor: number;
}

export function emptyCart(key: IntentKey, nowMs: number): Cart {
	return { key, lines: [], changedAtMs: nowMs };
}

/** Something is in it that must not be lost. */
export function isOpen(cart: Cart | undefined): cart is Cart {
	return cart !== undefined && (cart.lines.length > 0 || cart.exchange !== undefined);
}

/** `deposit`: the line of the product whose price is charged beside it. */
export function addLine(cart: Cart, line: CartLine, nowMs: number, deposit?: CartLine): Cart {
	const same = line.unit === 'each' && line.sku !== undefined ? cart.lines.find((other) => isSame(other, line)) : undefined;
	const merged = same === undefined ? line : { ...same, quantityMilli: same.quantityMilli + line.quantityMilli };
	const known = cart.lines.filter(({ depositOf }) => depositOf === merged.id);
	const brought = known.length > 0 || deposit === undefined ? known : [{ ...deposit, depositOf: merged.id }];
	const others = cart.lines.filter((other) => other !== same && !known.includes(other));
	return { ...cart, lines: [...others, merged, ...brought.map((one) => ({ ...one, quantityMilli: depositMilli(merged) }))], changedAtMs: nowMs };
}

/** A quantity of nothing removes the line. */
export function setQuantity(cart: Cart, lineId: string, quantityMilli: number, nowMs: number): Cart {
	if (quantityMilli <= 0) return removeLine(cart, lineId, nowMs);
	return changeLines(cart, nowMs, (line) => {
		if (line.id === lineId) return { ...line, quantityMilli };
		const bearer = line.depositOf === lineId ? cart.lines.find(({ id }) => id === lineId) : undefined;
		return bearer === undefined ? line : { ...line, quantityMilli: depositMilli({ ...bearer, quantityMilli }) };
	});
}

export function removeLine(cart: Cart, lineId: string, nowMs: number): Cart {
	return { ...cart, lines: cart.lines.filter(({ id, depositOf }) => id !== lineId && depositOf !== lineId), changedAtMs: nowMs };
}

/** A price that somebody typed is no entry's price, and says why: no code says it. */
export function setPrice(cart: Cart, lineId: string, unitPriceE4: number, priceReason: string, nowMs: number): Cart {
	return changeLines(cart, nowMs, (line) => {
		if (line.id !== lineId) return line;
		const { price: _price, priceReason: _before, ...typed } = line;
		return { ...typed, unitPriceE4, ...(priceReason === '' || priceReason === PRICE_IN_CODE ? {} : { priceReason }) };
	});
}

export function setLineDiscount(cart: Cart, lineId: string, discount: CartDiscount | undefined, nowMs: number): Cart {
	return changeLines(cart, nowMs, (line) => {
		if (line.id !== lineId) return line;
		const { discount: _before, ...bare } = line;
		return discount === undefined ? bare : { ...bare, discount };
	});
}

export function setSaleDiscount(cart: Cart, discount: CartDiscount | undefined, nowMs: number): Cart {
	const { discount: _before, ...bare } = cart;
	return { ...bare, ...(discount === undefined ? {} : { discount }), changedAtMs: nowMs };
}

export function setLineNote(cart: Cart, lineId: string, note: string, nowMs: number): Cart {
	return changeLines(cart, nowMs, (line) => {
		if (line.id !== lineId) return line;
		const { note: _before, ...bare } = line;
		return note === '' ? bare : { ...bare, note };
	});
}

export function setCustomer(cart: Cart, customer: CustomerId | undefined, nowMs: number): Cart {
	const { customer: _before, ...bare } = cart;
	return { ...bare, ...(customer === undefined ? {} : { customer }), changedAtMs: nowMs };
}

/** What was taken for it stays with this till: whoever has parts of the money, or what comes back, finishes (`payment.ts`). */
export function parkCart({ key: _key, parked: _parked, taken: _taken, onTerminal: _onTerminal, exchange: _exchange, ...content }: Cart): ParkedCart {
	return content;
}

export function fetchCart(parked: ParkedCart, id: string, key: IntentKey, nowMs: number): Cart {
	return { ...parked, key, parked: id, changedAtMs: nowMs };
}

/** A line with all that it costs. */
export interface PricedLine {
	readonly line: CartLine;
	/** Quantity times price. */
	readonly grossMinor: number;
	/** What came off, the line's own first; none that took nothing. */
	readonly discounts: readonly Discount[];
	/** Gross less discounts. */
	readonly totalMinor: number;
	readonly taxMinor: number;
}

/** In the order of the receipt: each deposit right after its line. */
export function priceLines(cart: Cart, currency: Currency, taxExcluded: boolean): readonly PricedLine[] {
	const lines = inReceiptOrder(cart.lines);
	const owns = lines.map((line) => {
		const grossMinor = lineTotalMinor(line.quantityMilli, line.unitPriceE4, currency);
		return { line, grossMinor, offMinor: takenOff(grossMinor, line.discount) };
	});
	const weights = owns.map(({ line, grossMinor, offMinor }) => (line.depositOf === undefined ? grossMinor - offMinor : 0));
	const offSaleMinor = takenOff(sumMinor(weights), cart.discount);
	const shares = offSaleMinor === 0 ? [] : allocateMinor(offSaleMinor, weights);
	return owns.map(({ line, grossMinor, offMinor }, index) => {
		const shareMinor = shares[index] ?? 0;
		const totalMinor = grossMinor - offMinor - shareMinor;
		return {
			...{ line, grossMinor, totalMinor },
			discounts: [...discountsOf('line', offMinor, line.discount), ...discountsOf('sale', shareMinor, cart.discount)],
			taxMinor: taxExcluded ? taxOnTopMinor(totalMinor, line.taxPercentMilli) : taxInsideMinor(totalMinor, line.taxPercentMilli),
		};
	});
}

/** With its own discount, and before its share of one on the sale: as it stands in the open cart. */
export function totalOfLine(
	{ quantityMilli, unitPriceE4, discount }: Pick<CartLine, 'quantityMilli' | 'unitPriceE4' | 'discount'>,
	currency: Currency,
): number {
	const grossMinor = lineTotalMinor(quantityMilli, unitPriceE4, currency);
	return grossMinor - takenOff(grossMinor, discount);
}

export function totalsOf(cart: Cart, currency: Currency, cashRoundingMinor: number, taxExcluded = false): CartTotals {
	const priced = priceLines(cart, currency, taxExcluded);
	const taxes = new Map<string, { taxRate: string; percentMilli: number; grossMinor: number; taxMinor: number }>();
	for (const { line, totalMinor, taxMinor } of priced) {
		// A rate may change its percent while a cart is open: the line before it is taxed as it was sold.
		const rate = `${line.taxPercentMilli} ${line.taxRate}`;
		const tax = taxes.get(rate) ?? { taxRate: line.taxRate, percentMilli: line.taxPercentMilli, grossMinor: 0, taxMinor: 0 };
		tax.grossMinor += totalMinor + (taxExcluded ? taxMinor : 0);
		tax.taxMinor += taxMinor;
		taxes.set(rate, tax);
	}
	const totalMinor = sumMinor([...taxes.values()].map(({ grossMinor }) => grossMinor));
	const pieces = cart.lines.reduce(
		(sum, line) => sum + (line.depositOf !== undefined ? 0 : line.unit === 'each' ? Math.ceil(line.quantityMilli / 1000) : 1),
		0,
	);
	return {
		...{ totalMinor, cashMinor: roundToCash(totalMinor, cashRoundingMinor), taxes: [...taxes.values()], pieces },
		discountMinor: sumMinor(priced.flatMap(({ discounts }) => discounts.map(({ amountMinor }) => amountMinor))),
	};
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
	const isSpecial = [a, b].some(
		({ discount, priceReason, note, resaleOf, depositOf }) => (discount ?? priceReason ?? note ?? resaleOf ?? depositOf) !== undefined,
	);
	const isSameDraw = a.draws?.sku === b.draws?.sku && a.draws?.quantityMilli === b.draws?.quantityMilli;
	return (
		!isSpecial &&
		a.sku === b.sku &&
		a.unit === b.unit &&
		isSamePrice &&
		isSameDraw &&
		a.taxRate === b.taxRate &&
		a.taxPercentMilli === b.taxPercentMilli
	);
}

/** One for each piece; what is weighed comes in one vessel. */
function depositMilli({ unit, quantityMilli }: Pick<CartLine, 'unit' | 'quantityMilli'>): number {
	return unit === 'each' ? quantityMilli : 1000;
}

function changeLines(cart: Cart, nowMs: number, change: (line: CartLine) => CartLine): Cart {
	return { ...cart, lines: cart.lines.map(change), changedAtMs: nowMs };
}

/** A deposit whose line is gone stands where it is, by itself. */
function inReceiptOrder(lines: readonly CartLine[]): readonly CartLine[] {
	if (lines.every(({ depositOf }) => depositOf === undefined)) return lines;
	const bearing = new Set(lines.filter(({ depositOf }) => depositOf === undefined).map(({ id }) => id));
	return lines.flatMap((line): readonly CartLine[] => {
		if (line.depositOf === undefined) return [line, ...lines.filter(({ depositOf }) => depositOf === line.id)];
		const { depositOf, ...alone } = line;
		return bearing.has(depositOf) ? [] : [alone];
	});
}

function takenOff(ofMinor: number, discount: CartDiscount | undefined): number {
	if (discount === undefined) return 0;
	return Math.min(ofMinor, 'percentMilli' in discount ? percentOfMinor(ofMinor, discount.percentMilli) : discount.amountMinor);
}

function discountsOf(of: Discount['of'], amountMinor: number, discount: CartDiscount | undefined): readonly Discount[] {
	if (discount === undefined || amountMinor === 0) return [];
	const { reason, approvedBy } = discount;
	return [
		{
			...{ of, amountMinor },
			...('percentMilli' in discount ? { percentMilli: discount.percentMilli } : {}),
			...(reason === undefined ? {} : { reason }),
			...(approvedBy === undefined ? {} : { approvedBy }),
		},
	];
}

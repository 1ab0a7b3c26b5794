/**
 * Goods come back: a refund, a return without a receipt, an exchange.
 *
 * 1. No more of a line than was sold and not refunded yet, as far as this device knows. Two devices that do not know of each other may both refund:
 *    that is a conflict, not a refusal.
 * 2. However a line is refunded, in one go or piece by piece, the pieces sum to what the customer paid for it, and so do the tax in them and what a pack
 *    puts back on the shelf.
 * 3. What goes back as store credit is a fact of the store's scope, under the same key. Nobody who was forgotten is given any: nobody could find it again.
 * 4. Empties go back at what their deposits cost now, and nothing else does so without a receipt or somebody's say.
 * 5. A sale of another branch is refunded here and claimed there (`refund.claimed`): the money leaves this drawer, the goods come onto this shelf, and the
 *    sale's own branch counts what was given back of it. What this branch gave back already counts even where that has not got there yet.
 * 6. An exchange is one receipt and one difference: what is sold less what came back. Only the difference changes hands, and only it is rounded.
 */
import { isRefusal, type DecideContext, type GivenBack, type Intent, type Refusal, type RefundTender, type SaleElsewhere } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { LineGivenBack } from '#core/ledger/sales.ts';
import type { SaleState } from '#core/ledger/state.ts';
import { roundHalfEven, roundToCash, sumMinor, taxInsideMinor } from '#core/money.ts';
import { approvalsIn } from '#core/people/approved.ts';
import { priceAt } from '#core/price.ts';
import { creditUsedIn, linesOfSale, roundedWhereCash } from '#core/sale/complete-sale.ts';
import { depositMinor } from '#core/sale/deposits.ts';
import { brokenSaleRule } from '#core/sale/rules.ts';
import type { Cart } from '#schemas/cart.ts';
import type { CreditGiven } from '#schemas/facts/credit-given.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundClaimed } from '#schemas/facts/refund-claimed.ts';
import type { RefundCompleted, RefundLine } from '#schemas/facts/refund-completed.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerId, EntryHash, Sku } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { Facts } from './facts.ts';
import { openShiftOf } from './shift.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

const MOST_LINES = 1500;
/** Of an exchange. */
const MOST_RETURNED = 500;
const MOST_MINOR = 1e12;
/** More bottles than a lorry holds. */
const MOST_DEPOSITS_MILLI = 100_000_000;

export function decideRefund(ledger: Ledger, { sale, elsewhere, lines, tender, ...why }: Of<'refund'>, context: DecideContext): Facts | Refusal {
	const back = linesBack(ledger, { sale, lines, ...(elsewhere === undefined ? {} : { elsewhere }) }, MOST_LINES);
	return isRefusal(back) ? back : refund(ledger, back, tender, why, context);
}

/** A return without a receipt, at the amounts that somebody answers for. */
export function decideRefundWithoutSale(
	ledger: Ledger,
	{ lines, tender, ...why }: Of<'refund-without-sale'>,
	context: DecideContext,
): Facts | Refusal {
	const back = linesBack(ledger, { lines }, MOST_LINES);
	return isRefusal(back) ? back : refund(ledger, back, tender, why, context);
}

/** Empties need no receipt: what a deposit costs is what goes back for it, now. */
export function decideDepositsBack(ledger: Ledger, { lines, tender }: Of<'take-back-deposits'>, context: DecideContext): Facts | Refusal {
	const deposits = depositsOf(ledger.state);
	const currency = ledger.state.settings.value('currency');
	if (currency === undefined) return { refused: 'setting-invalid', setting: 'currency' };
	const list: { sku: Sku; quantityMilli: number; totalMinor: number; restock: boolean }[] = [];
	for (const { sku, quantityMilli } of lines) {
		const product = ledger.state.products.get(sku);
		const price = product === undefined || !deposits.has(sku) ? undefined : priceAt(product, ledger.branch, context.nowMs);
		if (product === undefined || price === undefined) return { refused: 'no-deposit', sku };
		if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) return { refused: 'quantity-not-positive', sku };
		if (quantityMilli > MOST_DEPOSITS_MILLI) return { refused: 'quantity-out-of-range', sku };
		const taxPercentMilli = ledger.state.settings.value('taxRates')?.find(({ id }) => id === product.taxRate.value)?.percentMilli ?? 0;
		const taxExcluded = ledger.state.settings.value('taxExcluded') ?? false;
		const totalMinor = depositMinor({ quantityMilli, unitPriceE4: price.unitPriceE4, taxPercentMilli }, currency, taxExcluded);
		list.push({ sku, quantityMilli, totalMinor, restock: true });
	}
	const back = linesBack(ledger, { lines: list }, MOST_LINES);
	return isRefusal(back) ? back : refund(ledger, back, tender, { deposits: true }, context);
}

/** Products that are the deposit of one that is offered. */
export function depositsOf({ products }: Pick<Ledger['state'], 'products'>): ReadonlySet<Sku> {
	const deposits = new Set<Sku>();
	for (const { deposit, retired } of products.values()) if (!retired && (deposit?.value ?? null) !== null) deposits.add(deposit?.value as Sku);
	return deposits;
}

export function decideExchange(
	ledger: Ledger,
	{ returned, cart, tenders, back: by, ...why }: Of<'exchange'>,
	{ nextReceipt, device }: DecideContext,
): Facts | Refusal {
	const back = linesBack(ledger, returned, MOST_RETURNED);
	if (isRefusal(back)) return back;
	const { currency, taxExcluded } = back;
	const lines = linesOfSale(cart, { currency, taxExcluded });
	if ('refused' in lines) return lines;
	const dueMinor = costOf(lines, taxExcluded) - costOf(back.lines, taxExcluded);
	if (Math.abs(dueMinor) > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
	const coinMinor = ledger.state.settings.value('cashRoundingMinor') ?? 1;
	const forgotten = dueMinor < 0 ? forgottenIn(ledger, by) : undefined;
	if (forgotten !== undefined) return forgotten;
	const settled = dueMinor > 0 ? paid(dueMinor, tenders, coinMinor) : givenBack(-dueMinor, by, coinMinor);
	if (isRefusal(settled)) return settled;
	const totalMinor = dueMinor > 0 ? settled.totalMinor : below(settled.totalMinor);
	const fact: ExchangeCompleted = {
		...{ type: 'exchange.completed', v: 2, receipt: nextReceipt, currency },
		...(back.sale === undefined ? {} : { sale: back.sale }),
		...{ returned: [...back.lines], lines: [...lines] },
		...{ roundingMinor: totalMinor - dueMinor, totalMinor },
		// An even one moves no money; what rounding made even did.
		tenders: dueMinor > 0 ? [...settled.tenders] : dueMinor === 0 ? [] : settled.tenders.map(turned),
		...(taxExcluded ? { taxExcluded } : {}),
		...shiftOf(ledger, device),
		...customerOf(cart.customer ?? (dueMinor < 0 ? creditorIn(by) : undefined)),
		...whyOf(why),
		...(cart.ageChecked === undefined ? {} : { ageChecked: cart.ageChecked }),
	};
	const broken = brokenSaleRule(fact);
	if (broken !== undefined) throw new Error(`an exchange that would not add up: ${broken}`);
	const credit = dueMinor > 0 ? creditUsedIn(tenders) : creditGivenBy(by, settled.totalMinor);
	return { branch: [fact, ...approvalsIn(cart)], store: [...credit, ...claimOf(back)], takesReceipt: true };
}

export interface ReturnFigures {
	/** What came back is worth, and what the customer takes instead costs. */
	readonly backMinor: number;
	readonly goodsMinor: number;
	/** Above zero: the customer pays; below: money goes back. In cash, rounded to the smallest coin. */
	readonly dueMinor: number;
}

/** What a refund, a return or an exchange would come to, before anybody does it. */
export function returnFigures(
	ledger: Ledger,
	{ returned, cart, inCash }: { readonly returned: GivenBack; readonly cart: Cart | undefined; readonly inCash: boolean },
): ReturnFigures | Refusal {
	const back = linesBack(ledger, returned, cart === undefined ? MOST_LINES : MOST_RETURNED);
	if (isRefusal(back)) return back;
	const lines = cart === undefined || cart.lines.length === 0 ? [] : linesOfSale(cart, back);
	if ('refused' in lines) return lines;
	const [backMinor, goodsMinor] = [costOf(back.lines, back.taxExcluded), costOf(lines, back.taxExcluded)];
	const dueMinor = goodsMinor - backMinor;
	const coinMinor = inCash ? (ledger.state.settings.value('cashRoundingMinor') ?? 1) : 1;
	return { backMinor, goodsMinor, dueMinor: dueMinor < 0 ? below(roundToCash(-dueMinor, coinMinor)) : roundToCash(dueMinor, coinMinor) };
}

/** What comes back, whether or not somebody has the receipt. */
interface Back {
	readonly sale: EntryHash | undefined;
	/** The sale is another branch's. */
	readonly elsewhere?: SaleElsewhere | undefined;
	readonly currency: Currency;
	readonly taxExcluded: boolean;
	readonly lines: readonly RefundLine[];
}

function linesBack(ledger: Ledger, given: GivenBack, most: number): Back | Refusal {
	if (given.lines.length === 0) return { refused: 'nothing-changed' };
	if (given.lines.length > most) return { refused: 'too-many-lines', most };
	return 'sale' in given ? linesOfReceipt(ledger, given) : linesWithoutReceipt(ledger, given.lines);
}

type RefundedSale = Pick<SaleState, 'fact' | 'refundedMilli' | 'refundedMinor' | 'refundedTaxMinor' | 'correctedBy'>;

function linesOfReceipt(ledger: Ledger, { sale: hash, elsewhere, lines }: Extract<GivenBack, { readonly sale: EntryHash }>): Back | Refusal {
	const own = ledger.state.sales.get(hash);
	const sale: RefundedSale | undefined = own === undefined ? elsewhere && saleOfOther(ledger, hash, elsewhere) : own.counts ? own : undefined;
	if (sale === undefined) return { refused: 'no-such-sale' };
	// Its money is no money of this drawer.
	if (sale.fact.currency.code !== ledger.state.settings.value('currency')?.code && own === undefined)
		return { refused: 'setting-invalid', setting: 'currency' };
	/** What earlier pieces of a line came to, those of this very return among them. */
	const here = new Map<number, LineGivenBack>();
	const list: RefundLine[] = [];
	for (const { saleLine, quantityMilli, restock } of lines) {
		const line = lineOfSale(sale, saleLine, quantityMilli, restock, here);
		if (isRefusal(line)) return line;
		list.push(line);
	}
	const { currency, taxExcluded } = sale.fact;
	return { sale: hash, elsewhere: own === undefined ? elsewhere : undefined, currency, taxExcluded: taxExcluded === true, lines: list };
}

/** Its branch has heard of most of what was given back here; what it has not heard of is known here. */
function saleOfOther(ledger: Ledger, hash: EntryHash, { home, fact, refunded }: SaleElsewhere): RefundedSale | undefined {
	if (home === ledger.branch) return undefined;
	const here = ledger.givenBackOf(hash);
	const most = (what: keyof LineGivenBack): number[] =>
		fact.lines.map((_line, place) => Math.max(refunded[place]?.[what] ?? 0, here.get(place)?.[what] ?? 0));
	return { fact, refundedMilli: most('milli'), refundedMinor: most('minor'), refundedTaxMinor: most('taxMinor'), correctedBy: undefined };
}

/** The half of a refund that the sale's own branch reads. */
function claimOf({ sale, elsewhere, lines }: Back): readonly RefundClaimed[] {
	if (sale === undefined || elsewhere === undefined) return [];
	const claimed = lines.flatMap(({ saleLine, quantityMilli, totalMinor, taxMinor }) =>
		saleLine === undefined ? [] : [{ saleLine, quantityMilli, totalMinor, taxMinor }],
	);
	return [{ type: 'refund.claimed', v: 1, sale, home: elsewhere.home, at: elsewhere.at, lines: claimed }];
}

function lineOfSale(
	sale: RefundedSale,
	saleLine: number,
	quantityMilli: number,
	restock: boolean,
	here: Map<number, LineGivenBack>,
): RefundLine | Refusal {
	const sold = sale.fact.lines[saleLine];
	if (sold === undefined) return { refused: 'no-such-sale', line: saleLine };
	if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) return { refused: 'quantity-not-positive', line: saleLine };
	const before = here.get(saleLine) ?? {
		milli: sale.refundedMilli[saleLine] ?? 0,
		minor: sale.refundedMinor[saleLine] ?? 0,
		taxMinor: sale.refundedTaxMinor[saleLine] ?? 0,
	};
	const leftMilli = sale.correctedBy === undefined ? Math.max(0, sold.quantityMilli - before.milli) : 0;
	if (quantityMilli > leftMilli) return { refused: 'refund-too-much', line: saleLine, leftMilli };
	const doneMilli = before.milli + quantityMilli;
	const share = (whole: number, milli: number): number => roundHalfEven(BigInt(whole) * BigInt(milli), BigInt(sold.quantityMilli));
	// What is left of the line up to here, less what really went back: the last piece takes the remainder, whatever the earlier ones were.
	const totalMinor = Math.max(0, share(sold.totalMinor, doneMilli) - before.minor);
	const leftTaxMinor = Math.max(0, share(sold.taxMinor, doneMilli) - before.taxMinor);
	const taxMinor = sale.fact.taxExcluded === true ? leftTaxMinor : Math.min(totalMinor, leftTaxMinor);
	here.set(saleLine, { milli: doneMilli, minor: before.minor + totalMinor, taxMinor: before.taxMinor + taxMinor });
	const isBack = restock && sold.sku !== undefined;
	const { draws } = sold;
	const drawnMilli = draws === undefined ? 0 : share(draws.quantityMilli, doneMilli) - share(draws.quantityMilli, before.milli);
	return {
		saleLine,
		...(sold.sku === undefined ? {} : { sku: sold.sku }),
		...{ name: sold.name, quantityMilli, totalMinor, taxRate: sold.taxRate, taxPercentMilli: sold.taxPercentMilli, taxMinor },
		// A piece too small to put anything back on the shelf lies with the returned goods.
		restock: isBack && (draws === undefined || drawnMilli > 0),
		...(isBack && draws !== undefined && drawnMilli > 0 ? { draws: { sku: draws.sku, quantityMilli: drawnMilli } } : {}),
	};
}

function linesWithoutReceipt({ state }: Ledger, lines: Of<'refund-without-sale'>['lines']): Back | Refusal {
	const currency = state.settings.value('currency');
	if (currency === undefined) return { refused: 'setting-invalid', setting: 'currency' };
	const taxExcluded = state.settings.value('taxExcluded') ?? false;
	const list: RefundLine[] = [];
	for (const { sku, quantityMilli, totalMinor: backMinor, restock } of lines) {
		const product = state.products.get(sku);
		if (product === undefined) return { refused: 'no-such-product', sku };
		if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) return { refused: 'quantity-not-positive', sku };
		if (!Number.isSafeInteger(backMinor) || backMinor < 0 || backMinor > MOST_MINOR) return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
		const taxRate = product.taxRate.value;
		const taxPercentMilli = state.settings.value('taxRates')?.find(({ id }) => id === taxRate)?.percentMilli ?? 0;
		// Somebody said what goes back, tax and all, however the shop writes its prices.
		const taxMinor = taxInsideMinor(backMinor, taxPercentMilli);
		const draws = restock ? product.draws?.value : undefined;
		list.push({
			...{ sku, name: product.name.value, quantityMilli, totalMinor: taxExcluded ? backMinor - taxMinor : backMinor },
			...{ taxRate, taxPercentMilli, taxMinor, restock },
			...(draws === undefined || draws === null ? {} : { draws: { sku: draws.sku, quantityMilli: drawnBy(draws.quantityMilli, quantityMilli) } }),
		});
	}
	return { sale: undefined, currency, taxExcluded, lines: list };
}

function drawnBy(eachMilli: number, quantityMilli: number): number {
	return Math.max(1, roundHalfEven(BigInt(eachMilli) * BigInt(quantityMilli), 1000n));
}

function refund(
	ledger: Ledger,
	back: Back,
	by: RefundTender,
	why: Pick<RefundCompleted, 'reason' | 'approvedBy' | 'deposits'>,
	{ nextReceipt, device }: DecideContext,
): Facts | Refusal {
	const forgotten = forgottenIn(ledger, by);
	if (forgotten !== undefined) return forgotten;
	const { sale, currency, taxExcluded, lines } = back;
	const linesMinor = costOf(lines, taxExcluded);
	const { totalMinor, tenders } = givenBack(linesMinor, by, ledger.state.settings.value('cashRoundingMinor') ?? 1);
	const fact: RefundCompleted = {
		...{ type: 'refund.completed', v: 3, receipt: nextReceipt, currency },
		...(sale === undefined ? {} : { sale }),
		...shiftOf(ledger, device),
		...{ lines: [...lines], roundingMinor: totalMinor - linesMinor, totalMinor, tenders: [...tenders] },
		...(taxExcluded ? { taxExcluded } : {}),
		...customerOf(creditorIn(by)),
		...whyOf(why),
		...(why.deposits === true ? { deposits: true } : {}),
	};
	return { branch: [fact], store: [...creditGivenBy(by, totalMinor), ...claimOf(back)], takesReceipt: true };
}

interface Settled {
	readonly totalMinor: number;
	readonly tenders: readonly Tender[];
}

/** Above zero: money that went from the shop. Only cash is rounded. */
function givenBack(dueMinor: number, by: RefundTender, coinMinor: number): Settled {
	if (by === 'cash') {
		const totalMinor = roundToCash(dueMinor, coinMinor);
		return { totalMinor, tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }] };
	}
	const tender: Tender = by === 'card' ? { type: 'card', amountMinor: dueMinor } : { type: 'credit', amountMinor: dueMinor, customer: by.creditOf };
	return { totalMinor: dueMinor, tenders: [tender] };
}

function paid(dueMinor: number, tenders: readonly Tender[], coinMinor: number): Settled | Refusal {
	const totalMinor = roundedWhereCash(dueMinor, tenders, coinMinor);
	const paidMinor = sumMinor(tenders.map(({ amountMinor }) => amountMinor));
	if (tenders.length === 0 || paidMinor < totalMinor) return { refused: 'tender-short', shortMinor: totalMinor - paidMinor };
	if (paidMinor > totalMinor) return { refused: 'tender-over', overMinor: paidMinor - totalMinor };
	return { totalMinor, tenders };
}

/** As it stands on an exchange, where what goes back is below zero. */
function turned(tender: Tender): Tender {
	const { amountMinor } = tender;
	if (tender.type === 'cash') return { type: 'cash', amountMinor: below(amountMinor), givenMinor: 0, changeMinor: amountMinor };
	return { ...tender, amountMinor: below(amountMinor) };
}

/** No minus zero: it is another number on disk. */
function below(minor: number): number {
	return minor === 0 ? 0 : -minor;
}

function creditorIn(by: RefundTender): CustomerId | undefined {
	return typeof by === 'object' ? by.creditOf : undefined;
}

function forgottenIn({ state }: Ledger, by: RefundTender): Refusal | undefined {
	const customer = creditorIn(by);
	return customer !== undefined && state.books.customers.get(customer)?.forgotten === true ? { refused: 'customer-forgotten', customer } : undefined;
}

function creditGivenBy(by: RefundTender, amountMinor: number): readonly CreditGiven[] {
	const customer = creditorIn(by);
	return customer === undefined || amountMinor === 0 ? [] : [{ type: 'credit.given', v: 1, customer, amountMinor, reason: 'return' }];
}

function costOf(lines: readonly { readonly totalMinor: number; readonly taxMinor: number }[], taxExcluded: boolean): number {
	return sumMinor(lines.map(({ totalMinor, taxMinor }) => totalMinor + (taxExcluded ? taxMinor : 0)));
}

function shiftOf(ledger: Ledger, device: DecideContext['device']): Pick<RefundCompleted, 'shift'> {
	const shift = openShiftOf(ledger, device);
	return shift === undefined ? {} : { shift };
}

function customerOf(customer: CustomerId | undefined): Pick<RefundCompleted, 'customer'> {
	return customer === undefined ? {} : { customer };
}

function whyOf({ reason, approvedBy }: Pick<RefundCompleted, 'reason' | 'approvedBy'>): Pick<RefundCompleted, 'reason' | 'approvedBy'> {
	return { ...(reason === undefined || reason === '' ? {} : { reason }), ...(approvedBy === undefined ? {} : { approvedBy }) };
}

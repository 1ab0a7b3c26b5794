/**
 * Paying in parts: what was taken already lies in the cart, what is left is asked for.
 *
 * 1. What was taken is never asked for again, and the parts and the last one add up to a sale that `completeSale` takes, whatever their order.
 * 2. Only cash is rounded to the smallest coin, and only the last of it: a part is made of whole coins.
 * 3. While any part is taken the cart is neither emptied nor parked: somebody's money is in it.
 * 4. While an amount is on the terminal nothing else is taken: whoever answers there may have paid.
 * 5. Store credit is spent once, in however many parts.
 */
import type { Refusal } from '#core/intent.ts';
import { roundToCash, sumMinor } from '#core/money.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import { cashTender, roundedWhereCash } from './complete-sale.ts';

export interface Payment {
	readonly taken: readonly Tender[];
	readonly takenMinor: number;
	/** Still to be paid by card or credit; below zero where more was taken than the cart costs now. */
	readonly leftMinor: number;
	/** The same in cash: rounded to the smallest coin. */
	readonly cashLeftMinor: number;
	/** Nothing is left: the sale can be recorded as it is. */
	readonly isPaid: boolean;
}

export function paymentOf(cart: Pick<Cart, 'taken'>, dueMinor: number, cashRoundingMinor: number): Payment {
	const taken = cart.taken ?? [];
	const takenMinor = sumMinor(taken.map(({ amountMinor }) => amountMinor));
	const cashMinor = sumMinor(taken.map((tender) => (tender.type === 'cash' ? tender.amountMinor : 0)));
	const elseMinor = takenMinor - cashMinor;
	return {
		...{ taken, takenMinor, leftMinor: dueMinor - takenMinor },
		cashLeftMinor: roundToCash(dueMinor - elseMinor, cashRoundingMinor) - cashMinor,
		isPaid: taken.length > 0 && roundedWhereCash(dueMinor, taken, cashRoundingMinor) === takenMinor,
	};
}

/** Money of this sale was taken, or is being asked for on the terminal: a drawer counted now would not match. */
export function isPaymentOpen(cart: Pick<Cart, 'taken' | 'onTerminal'> | undefined): boolean {
	return cart?.taken !== undefined || cart?.onTerminal !== undefined;
}

/** `rest`: all that is left, with what goes back. `part`: it does not reach. */
export type CashGiven = { readonly rest: Tender } | { readonly part: Tender };

export function cashGiven({ cashLeftMinor }: Payment, givenMinor: number, coinMinor: number): CashGiven | Refusal {
	if (givenMinor >= cashLeftMinor) return { rest: cashTender(Math.max(0, cashLeftMinor), givenMinor) };
	if (givenMinor <= 0) return { refused: 'tender-short', shortMinor: cashLeftMinor };
	if (givenMinor % coinMinor !== 0) return { refused: 'cash-not-in-coins', coinMinor };
	return { part: cashTender(givenMinor, givenMinor) };
}

/** An amount for a card or for store credit: all that is left, or the part of it that was typed. */
export function partOf({ leftMinor }: Payment, wantedMinor: number | undefined): { readonly amountMinor: number } | Refusal {
	const amountMinor = wantedMinor ?? leftMinor;
	if (amountMinor <= 0) return { refused: 'amount-out-of-range' };
	return amountMinor > leftMinor ? { refused: 'tender-over', overMinor: amountMinor - leftMinor } : { amountMinor };
}

/** What is left of a customer's store credit once what lies in the cart is spent: the balance hears of it with the sale. */
export function creditBeside({ customer, taken = [] }: Pick<Cart, 'customer' | 'taken'>, balanceMinor: number): number {
	const spent = taken.flatMap((tender) => (tender.type === 'credit' && tender.customer === customer ? [tender.amountMinor] : []));
	return Math.max(0, balanceMinor - sumMinor(spent));
}

/** As `partOf`, and no more than the customer has: `balanceMinor`, of which parts may lie in the cart. */
export function creditPartOf(
	cart: Pick<Cart, 'customer' | 'taken'>,
	payment: Payment,
	balanceMinor: number,
	wantedMinor: number | undefined,
): { readonly amountMinor: number } | Refusal {
	const leftMinor = creditBeside(cart, balanceMinor);
	const part = partOf(payment, wantedMinor ?? Math.min(leftMinor, payment.leftMinor));
	return 'refused' in part || part.amountMinor <= leftMinor ? part : { refused: 'credit-short', leftMinor };
}

export function takePart(cart: Cart, tender: Tender, nowMs: number): Cart {
	return { ...cart, taken: [...(cart.taken ?? []), tender], changedAtMs: nowMs };
}

/** The money went back to the customer. */
export function giveBackPart(cart: Cart, place: number, nowMs: number): Cart {
	const { taken = [], ...bare } = cart;
	const left = taken.filter((_, index) => index !== place);
	return { ...bare, ...(left.length === 0 ? {} : { taken: left }), changedAtMs: nowMs };
}

export function askOnTerminal(cart: Cart, amountMinor: number, nowMs: number): Cart {
	return { ...cart, onTerminal: { amountMinor }, changedAtMs: nowMs };
}

/** Declined, or given up. */
export function leaveTerminal({ onTerminal: _asked, ...cart }: Cart, nowMs: number): Cart {
	return { ...cart, changedAtMs: nowMs };
}

/** As the terminal said, with the reference that somebody typed. Undefined where nothing was asked for. */
export function paidOnTerminal({ onTerminal }: Cart, reference: string): Tender | undefined {
	const typed = reference.trim();
	if (onTerminal === undefined) return undefined;
	return { type: 'card', amountMinor: onTerminal.amountMinor, ...(typed === '' ? {} : { reference: typed }) };
}

/** A step back, or a line taken off: what is paid stays as it is now. A refusal where nothing would be left that it was paid for. */
export function withPayment(next: Cart | undefined, { taken, onTerminal }: Pick<Cart, 'taken' | 'onTerminal'>): Cart | undefined | Refusal {
	if (next === undefined || next.lines.length === 0) {
		if (onTerminal !== undefined) return { refused: 'on-terminal', ...onTerminal };
		return taken === undefined ? next : { refused: 'part-taken', takenMinor: sumMinor(taken.map(({ amountMinor }) => amountMinor)) };
	}
	const { taken: _taken, onTerminal: _onTerminal, ...bare } = next;
	return { ...bare, ...(taken === undefined ? {} : { taken }), ...(onTerminal === undefined ? {} : { onTerminal }) };
}

/** The numbered invariants of `core/sale/payment.ts`. */
import { isRefusal } from '#core/intent.ts';
import { parkCart, totalsOf } from '#core/sale/cart.ts';
import { completeSale, type SaleTerms } from '#core/sale/complete-sale.ts';
import {
	askOnTerminal,
	cashGiven,
	giveBackPart,
	isPaymentOpen,
	leaveTerminal,
	paidOnTerminal,
	creditBeside,
	creditPartOf,
	partOf,
	paymentOf,
	takePart,
	withPayment,
	type Payment,
} from '#core/sale/payment.ts';
import { cart as cartSchema, parkedCart, type Cart, type CartLine } from '#schemas/cart.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerId, IntentKey } from '#schemas/ids.ts';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { cartLines, GBP } from '../../support/carts.ts';

const CUSTOMER = 'customer-1' as CustomerId;
const BREAD: CartLine = {
	...{ id: '1', name: 'Rye bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 100_200, taxRate: 'zero', taxPercentMilli: 0 },
};

function cartOf(lines: readonly CartLine[]): Cart {
	return { key: 'cart-key-1' as IntentKey, lines: [...lines], changedAtMs: 1 };
}

function payment(cart: Cart, coin: number): Payment {
	return paymentOf(cart, totalsOf(cart, GBP, coin).totalMinor, coin);
}

test('1. in whatever parts it is paid, the sale adds up when nothing is left, and is refused before', () => {
	const steps = fc.array(fc.record({ how: fc.constantFrom('cash', 'card', 'credit'), share: fc.integer({ min: 1, max: 99 }) }), { maxLength: 6 });
	fc.assert(
		fc.property(cartLines, fc.constantFrom(1, 5, 10, 50), steps, fc.constantFrom('cash', 'card', 'credit'), (lines, coin, parts, last) => {
			fc.pre(lines.length > 0);
			let cart = cartOf(lines);
			const terms: SaleTerms = { receipt: { till: 3, number: 1 }, currency: GBP, cashRoundingMinor: coin };
			for (const { how, share } of parts) {
				const now = payment(cart, coin);
				const wanted = Math.floor((now.leftMinor * share) / 100);
				const tender = how === 'cash' ? cashPart(now, Math.floor(wanted / coin) * coin, coin) : elsePart(now, how, wanted);
				if (tender === undefined) continue;
				cart = takePart(cart, tender, 2);
				const isDone = payment(cart, coin).isPaid;
				expect(isRefusal(completeSale(cart, cart.taken ?? [], terms))).toBe(!isDone);
				if (isDone) return;
			}
			const now = payment(cart, coin);
			const rest =
				last === 'cash' || now.leftMinor <= 0 ? cashGiven(now, now.cashLeftMinor + 1000, coin) : { rest: elsePart(now, last, now.leftMinor) };
			if (isRefusal(rest) || !('rest' in rest) || rest.rest === undefined) throw new Error(JSON.stringify({ now, rest }));
			const fact = completeSale(cart, [...now.taken, rest.rest], terms);
			if (isRefusal(fact)) throw new Error(JSON.stringify({ fact, now, rest }));
		}),
	);
});

function cashPart(now: Payment, givenMinor: number, coin: number): Tender | undefined {
	const given = cashGiven(now, givenMinor, coin);
	return !isRefusal(given) && 'part' in given ? given.part : undefined;
}

function elsePart(now: Payment, how: string, wantedMinor: number): Tender | undefined {
	const part = partOf(now, wantedMinor);
	if (isRefusal(part)) return undefined;
	return how === 'card' ? { type: 'card', ...part } : { type: 'credit', customer: CUSTOMER, ...part };
}

test('2. of £10.02 with five-penny coins: £5 by card leaves £5.02 for a card and £5.00 in cash', () => {
	const cart = takePart(cartOf([BREAD]), { type: 'card', amountMinor: 500 }, 2);
	expect(payment(cart, 5)).toMatchObject({ takenMinor: 500, leftMinor: 502, cashLeftMinor: 500, isPaid: false });
	expect(cashGiven(payment(cart, 5), 2_000, 5)).toEqual({ rest: { type: 'cash', amountMinor: 500, givenMinor: 2_000, changeMinor: 1_500 } });
	expect(cashGiven(payment(cart, 5), 403, 5)).toEqual({ refused: 'cash-not-in-coins', coinMinor: 5 });
	expect(cashGiven(payment(cart, 5), 400, 5)).toHaveProperty('part');
});

test('more than is left is not asked of a card, nor nothing', () => {
	const now = payment(cartOf([BREAD]), 1);
	expect(partOf(now, undefined)).toEqual({ amountMinor: 1_002 });
	expect(partOf(now, 1_003)).toEqual({ refused: 'tender-over', overMinor: 1 });
	expect(partOf(now, 0)).toEqual({ refused: 'amount-out-of-range' });
});

test('a part is given back, and is asked for again', () => {
	const cart = takePart(takePart(cartOf([BREAD]), { type: 'card', amountMinor: 500 }, 2), { type: 'card', amountMinor: 502 }, 3);
	expect(payment(cart, 1).isPaid).toBe(true);
	const back = giveBackPart(cart, 0, 4);
	expect(payment(back, 1)).toMatchObject({ leftMinor: 500, isPaid: false });
	expect(giveBackPart(back, 0, 5)).not.toHaveProperty('taken');
});

test('what is on the terminal becomes a card part with its reference, or is left', () => {
	const asked = askOnTerminal(cartOf([BREAD]), 500, 2);
	expect(v.is(cartSchema, asked)).toBe(true);
	expect(paidOnTerminal(asked, ' A-77 ')).toEqual({ type: 'card', amountMinor: 500, reference: 'A-77' });
	expect(paidOnTerminal(asked, ' ')).toEqual({ type: 'card', amountMinor: 500 });
	expect(leaveTerminal(asked, 3)).not.toHaveProperty('onTerminal');
	expect(paidOnTerminal(cartOf([BREAD]), '')).toBeUndefined();
});

test('3. a step back keeps what was paid meanwhile, and never empties a cart that is paid in part', () => {
	const before = cartOf([BREAD]);
	const cart = takePart(cartOf([BREAD, { ...BREAD, id: '2' }]), { type: 'card', amountMinor: 500 }, 2);
	expect(withPayment(before, cart)).toMatchObject({ lines: [{ id: '1' }], taken: [{ amountMinor: 500 }] });
	expect(withPayment(undefined, cart)).toEqual({ refused: 'part-taken', takenMinor: 500 });
	expect(withPayment({ ...before, lines: [] }, cart)).toEqual({ refused: 'part-taken', takenMinor: 500 });
	expect(withPayment(undefined, before)).toBeUndefined();
	expect(withPayment(undefined, askOnTerminal(before, 250, 2))).toEqual({ refused: 'on-terminal', amountMinor: 250 });
	// A step back past the giving back brings no money into the cart.
	expect(withPayment(cart, before)).not.toHaveProperty('taken');
});

test('3. a cart that was parked has no money in it', () => {
	const parked = parkCart(askOnTerminal(takePart(cartOf([BREAD]), { type: 'card', amountMinor: 500 }, 2), 100, 3));
	expect(v.is(parkedCart, parked)).toBe(true);
});

test('5. store credit of which a part lies in the cart is not spent again; another customer’s is another', () => {
	const balanceMinor = 300;
	const cart = { ...cartOf([BREAD]), customer: CUSTOMER };
	const whole = creditPartOf(cart, paymentOf(cart, 500, 1), balanceMinor, undefined);
	expect(whole).toEqual({ amountMinor: 300 });
	const part = takePart(cart, { type: 'credit', amountMinor: 200, customer: CUSTOMER }, 2);
	const payment = paymentOf(part, 500, 1);
	expect(creditBeside(part, balanceMinor)).toBe(100);
	expect(creditPartOf(part, payment, balanceMinor, undefined)).toEqual({ amountMinor: 100 });
	expect(creditPartOf(part, payment, balanceMinor, 101)).toEqual({ refused: 'credit-short', leftMinor: 100 });
	const spent = takePart(part, { type: 'credit', amountMinor: 100, customer: CUSTOMER }, 3);
	expect(creditPartOf(spent, paymentOf(spent, 500, 1), balanceMinor, undefined)).toMatchObject({ refused: 'amount-out-of-range' });
	expect(creditBeside({ ...part, customer: 'another' as CustomerId }, balanceMinor)).toBe(300);
	expect(creditBeside(cart, -50)).toBe(0);
});

test('a payment is open from the first part, or the question on the terminal, until its money is given back', () => {
	const cart = cartOf([BREAD]);
	expect([undefined, cart].map(isPaymentOpen)).toEqual([false, false]);
	const part = takePart(cart, { type: 'card', amountMinor: 300 }, 2);
	expect(isPaymentOpen(part)).toBe(true);
	expect(isPaymentOpen(giveBackPart(part, 0, 3))).toBe(false);
	expect(isPaymentOpen(askOnTerminal(cart, 500, 4))).toBe(true);
	expect(isPaymentOpen(leaveTerminal(askOnTerminal(cart, 500, 4), 5))).toBe(false);
});

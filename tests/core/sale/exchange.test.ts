/** What comes back pays for an ordinary cart first: what is still to be paid, and what the till then writes. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { addLine, emptyCart, isOpen, parkCart, totalsOf } from '#core/sale/cart.ts';
import { cashTender } from '#core/sale/complete-sale.ts';
import { dueMinorOf, exchangeIn, isCovered } from '#core/sale/exchange.ts';
import { paymentOf, takePart } from '#core/sale/payment.ts';
import { cart as cartSchema, type Cart, type CartLine } from '#schemas/cart.ts';
import type { CustomerId, EntryHash, IntentKey, PersonId, Sku } from '#schemas/ids.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { sold } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';

const GBP = { code: 'GBP', digits: 2 } as const;

const line = (sku: string, unitPriceE4: number, more: Partial<CartLine> = {}): CartLine => ({
	...{ id: sku, sku: sku as Sku, name: sku, quantityMilli: 1000, unit: 'each', unitPriceE4, taxRate: 'standard', taxPercentMilli: 20_000 },
	...more,
});

/** Two of three A, sold for 3.00, come back. */
function begun(sale: EntryHash, more: Partial<NonNullable<Cart['exchange']>> = {}): Cart {
	const returned = { sale, lines: [{ saleLine: 0, quantityMilli: 2000, restock: true }] };
	const names = [{ name: 'A', unit: 'each', quantityMilli: 2000 }] as const;
	return { ...emptyCart('exchange-1' as IntentKey, 1), exchange: { returned, number: 'T1-000001', names: [...names], backMinor: 200, ...more } };
}

function shop() {
	const floor = openFloor({ A: 10, BOTTLE: 20, PACK: 0 });
	return { floor, sale: floor.till1.does([sold([['A', 3, 300]], floor.till1.receipt())]).hash };
}

const payment = (cart: Cart, coinMinor = 1) => paymentOf(cart, dueMinorOf(cart, totalsOf(cart, GBP, coinMinor).totalMinor), coinMinor);

function writes({ floor }: ReturnType<typeof shop>, cart: Cart, tenders: Parameters<typeof exchangeIn>[1]) {
	const intent = exchangeIn(cart, tenders);
	if (intent === undefined) throw new Error('no exchange');
	const decision = decide(floor.ledger(), intent, { nextReceipt: floor.till1.receipt(), device: floor.till1.id, nowMs: 1_800_000_000_000 });
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	floor.till1.does(decision.branch);
	return decision.branch;
}

test('1. only the difference is to be paid, by card in part and in cash with change, and it is one receipt', () => {
	const at = shop();
	const cart = addLine(begun(at.sale), line('BOTTLE', 50_000), 2);
	expect(payment(cart)).toMatchObject({ leftMinor: 300, cashLeftMinor: 300, isPaid: false });
	const card = { type: 'card', amountMinor: 100, reference: 'A-77' } as const;
	const paidInPart = takePart(cart, card, 3);
	expect([payment(paidInPart).leftMinor, isCovered(paidInPart, payment(paidInPart))]).toEqual([200, false]);
	expect(writes(at, cart, [card, cashTender(200, 500)])).toMatchObject([
		{
			...{ type: 'exchange.completed', sale: at.sale, totalMinor: 300, returned: [{ totalMinor: 200 }], lines: [{ totalMinor: 500 }] },
			tenders: [{ reference: 'A-77' }, { givenMinor: 500, changeMinor: 300 }],
		},
	]);
});

test('1. a pack that goes out takes its contents off the shelf, and a deposit stands beside its drink', () => {
	const at = shop();
	const pack = line('PACK', 60_000, { draws: { sku: 'BOTTLE' as Sku, quantityMilli: 6000 } });
	const cart = addLine(begun(at.sale), pack, 2, line('DEPOSIT', 5_000));
	expect(payment(cart).leftMinor).toBe(450);
	const [fact] = writes(at, cart, [cashTender(450, 450)]);
	expect(fact).toMatchObject({
		lines: [
			{ sku: 'PACK', draws: { sku: 'BOTTLE', quantityMilli: 6000 } },
			{ sku: 'DEPOSIT', depositOf: 0 },
		],
	});
	const ledger = at.floor.ledger();
	expect([at.floor.onHand(ledger, 'PACK'), at.floor.onHand(ledger, 'BOTTLE'), at.floor.onHand(ledger, 'A')]).toEqual([0, 14, 9]);
});

test('1. who allowed another price for what goes out stands in the entry, as it does of a sale', () => {
	const at = shop();
	const mia = 'mia' as PersonId;
	const cart = { ...addLine(begun(at.sale), line('BOTTLE', 50_000), 2), approvals: [{ act: 'price', approvedBy: mia }] };
	expect(writes(at, cart, [cashTender(300, 300)])).toMatchObject([{}, { type: 'approval.given', approvedBy: mia, acts: ['price'] }]);
});

test('2. what comes back is worth more: nothing is to be paid, and the rest goes back as was chosen', () => {
	const at = shop();
	const ana = 'customer-ana' as CustomerId;
	const cart = addLine(begun(at.sale), line('BOTTLE', 12_300), 2);
	expect(payment(cart, 5)).toMatchObject({ leftMinor: -77, cashLeftMinor: -75, isPaid: false });
	expect([isCovered(cart, payment(cart)), isCovered(begun(at.sale), payment(begun(at.sale)))]).toEqual([true, false]);
	const to = (back: NonNullable<Cart['exchange']>['back']) => exchangeIn({ ...cart, exchange: { ...begun(at.sale).exchange!, back } }, []);
	expect([to(undefined)?.back, to('card')?.back, to({ creditOf: ana })?.back]).toEqual(['cash', 'card', { creditOf: ana }]);
	expect(writes(at, cart, [])).toMatchObject([{ totalMinor: -77, tenders: [{ type: 'cash', changeMinor: 77 }] }]);
});

test('it is an open cart before anything goes out, is read back from the vault, and stays with its till', () => {
	const cart = begun('ab'.repeat(32) as EntryHash, { reason: 'faulty' });
	expect([isOpen(cart), isOpen(emptyCart('k' as IntentKey, 1)), isOpen(undefined)]).toEqual([true, false, false]);
	expect(v.parse(cartSchema, structuredClone(cart))).toEqual(cart);
	expect(parkCart(cart)).not.toHaveProperty('exchange');
});

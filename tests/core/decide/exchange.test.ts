/** Goods come back, others go out: what a till writes, and that it adds up. */
import { decide } from '#core/decide.ts';
import { returnFigures } from '#core/decide/refund.ts';
import { inLowestVersion } from '#core/entry/fact-version.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { sumMinor } from '#core/money.ts';
import { emptyCart } from '#core/sale/cart.ts';
import type { Cart } from '#schemas/cart.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { CustomerId, EntryHash, IntentKey, PersonId, Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { customerCreated } from '../../support/customer-facts.ts';
import { changedSetting, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';

const decided = (ledger: Ledger, device: TestDevice, intent: Intent) =>
	decide(ledger, intent, { nextReceipt: { till: device.till, number: 77 }, device: device.id, nowMs: 1_800_000_000_000 });

function done(ledger: Ledger, device: TestDevice, intent: Intent) {
	const decision = decided(ledger, device, intent);
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	return decision;
}

function cartOf(sku: string, quantityMilli: number, unitPriceE4: number): Cart {
	const line = {
		id: '1',
		sku: sku as Sku,
		name: sku,
		quantityMilli,
		unit: 'each',
		unitPriceE4,
		taxRate: 'standard',
		taxPercentMilli: 20_000,
	} as const;
	return { ...emptyCart('k'.repeat(26) as IntentKey, 1), lines: [line] };
}

const cash = (amountMinor: number) => ({ type: 'cash', amountMinor, givenMinor: amountMinor, changeMinor: 0 }) as const;
const line = (saleLine: number, quantityMilli: number, restock = true) => ({ saleLine, quantityMilli, restock });

function shop(): { readonly floor: Floor; readonly sale: EntryHash } {
	const floor = openFloor({ A: 10, B: 10 });
	return { floor, sale: floor.till1.does([sold([['A', 3, 300]], floor.till1.receipt())]).hash };
}

test('the customer pays the difference; the ledger moves both shelves, and what went out can come back in its turn', () => {
	const { floor, sale } = shop();
	const intent: Intent = {
		...{ intent: 'exchange', returned: { sale, lines: [line(0, 1000)] }, cart: cartOf('B', 2000, 10_000), tenders: [cash(100)], back: 'cash' },
		...{ reason: 'too small', approvedBy: 'boss' as PersonId },
	};
	const { branch, store, takesReceipt } = done(floor.ledger(), floor.till1, intent);
	expect(branch).toMatchObject([
		{
			...{ type: 'exchange.completed', receipt: { number: 77 }, sale, totalMinor: 100, roundingMinor: 0, reason: 'too small', approvedBy: 'boss' },
			returned: [{ saleLine: 0, sku: 'A', totalMinor: 100, restock: true }],
			lines: [{ sku: 'B', totalMinor: 200 }],
			tenders: [{ type: 'cash', amountMinor: 100 }],
		},
	]);
	expect([store, takesReceipt]).toEqual([[], true]);
	const entry = floor.till1.does(branch);
	const ledger = floor.ledger();
	expect(ledger.quarantined()).toEqual([]);
	expect([floor.onHand(ledger, 'A'), floor.onHand(ledger, 'B')]).toEqual([8, 8]);
	expect(ledger.state.sales.get(sale)).toMatchObject({ refundedMilli: [1000], refunds: [entry.hash] });
	expect(ledger.state.sales.get(entry.hash)).toMatchObject({ refundedMilli: [0], fact: { type: 'exchange.completed' } });
	const back = done(ledger, floor.till1, { intent: 'refund', sale: entry.hash, lines: [line(0, 2000)], tender: 'card' });
	expect(back.branch).toMatchObject([{ type: 'refund.completed', sale: entry.hash, totalMinor: 200 }]);
	expect(decided(ledger, floor.till1, { intent: 'refund', sale, lines: [line(0, 3000)], tender: 'card' })).toMatchObject({
		...{ refused: 'refund-too-much', leftMilli: 2000 },
	});
});

test('what an age was asked for and why a line has another price stand in an exchange as they do in a sale; a plain one stays what older tills read', () => {
	const { floor, sale } = shop();
	const bare = cartOf('B', 2000, 10_000);
	const plain = { intent: 'exchange', returned: { sale, lines: [line(0, 1000)] }, cart: bare, tenders: [cash(100)], back: 'cash' } as const;
	const ageChecked = { years: 18, bornBy: '2008-11-28' };
	const cart: Cart = { ...bare, lines: bare.lines.map((one) => ({ ...one, priceReason: 'damaged' })), ageChecked };
	expect(done(floor.ledger(), floor.till1, { ...plain, cart }).branch).toMatchObject([{ ageChecked, lines: [{ priceReason: 'damaged' }] }]);
	const version = (intent: Intent) => done(floor.ledger(), floor.till1, intent).branch.map((fact) => inLowestVersion(fact).v);
	expect([version(plain), version({ ...plain, cart })]).toEqual([[1], [2]]);
});

test('what is left over goes back: in coins that exist, to a card, or onto store credit, which is a fact of the store', () => {
	const { floor, sale } = shop();
	floor.hub.does([changedSetting({ name: 'cashRoundingMinor', value: 5 }), customerCreated('ann-0001')], { scope: 'store' });
	const with_ = (back: Extract<Intent, { intent: 'exchange' }>['back']) =>
		done(floor.ledger(), floor.till1, {
			...{ intent: 'exchange', returned: { sale, lines: [line(0, 2000)] }, cart: cartOf('B', 1000, 3_300), tenders: [], back },
		});
	expect(with_('cash').branch).toMatchObject([
		{ totalMinor: -165, roundingMinor: 2, tenders: [{ type: 'cash', amountMinor: -165, givenMinor: 0, changeMinor: 165 }] },
	]);
	expect(with_('card')).toMatchObject({ branch: [{ totalMinor: -167, tenders: [{ type: 'card', amountMinor: -167 }] }], store: [] });
	const credit = with_({ creditOf: 'ann-0001' as CustomerId });
	expect(credit).toMatchObject({
		branch: [{ customer: 'ann-0001', tenders: [{ type: 'credit', amountMinor: -167, customer: 'ann-0001' }] }],
		store: [{ type: 'credit.given', customer: 'ann-0001', amountMinor: 167 }],
	});
	floor.till1.does(credit.branch);
	floor.till1.does(credit.store, { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.quarantined()).toEqual([]);
	expect(ledger.state.books.credit.get('ann-0001' as CustomerId)?.balanceMinor).toBe(167);
});

test('an even exchange moves no money; without a receipt goods come back at what somebody says', () => {
	const { floor, sale } = shop();
	const even = done(floor.ledger(), floor.till1, {
		...{ intent: 'exchange', returned: { sale, lines: [line(0, 1000)] }, cart: cartOf('B', 1000, 10_000), tenders: [], back: 'cash' },
	});
	expect(even.branch).toMatchObject([{ totalMinor: 0, tenders: [] }]);
	const free = done(floor.ledger(), floor.till1, {
		intent: 'exchange',
		returned: { lines: [{ sku: 'A' as Sku, quantityMilli: 1000, totalMinor: 90, restock: false }] },
		...{ cart: cartOf('B', 1000, 10_000), tenders: [cash(10)], back: 'cash' },
	});
	expect(free.branch[0]).not.toHaveProperty('sale');
	for (const { branch } of [even, free]) floor.till1.does(branch);
	expect(floor.ledger().quarantined()).toEqual([]);
});

test('too little, too much, an empty cart and nothing that comes back are refused', () => {
	const { floor, sale } = shop();
	const base = { intent: 'exchange', returned: { sale, lines: [line(0, 1000)] }, cart: cartOf('B', 2000, 10_000), back: 'cash' } as const;
	const refused = (change: object) => decided(floor.ledger(), floor.till1, { ...base, tenders: [cash(100)], ...change });
	expect(refused({ tenders: [cash(99)] })).toEqual({ refused: 'tender-short', shortMinor: 1 });
	expect(refused({ tenders: [] })).toEqual({ refused: 'tender-short', shortMinor: 100 });
	expect(refused({ tenders: [cash(101)] })).toEqual({ refused: 'tender-over', overMinor: 1 });
	expect(refused({ cart: emptyCart('k'.repeat(26) as IntentKey, 1) })).toEqual({ refused: 'cart-empty' });
	expect(refused({ returned: { sale, lines: [] } })).toEqual({ refused: 'nothing-changed' });
	expect(refused({ returned: { sale, lines: [line(0, 4000)] } })).toMatchObject({ refused: 'refund-too-much' });
});

test('whatever is exchanged for whatever, with tax in or on top, one receipt adds up and every peer takes it', () => {
	fc.assert(
		fc.property(
			fc.record({
				...{ paidMinor: fc.nat(100_000), backMilli: fc.integer({ min: 1, max: 3000 }), outMilli: fc.integer({ min: 1, max: 5000 }) },
				...{ unitPriceE4: fc.nat(1_000_000), coin: fc.constantFrom(1, 5, 10, 50), taxExcluded: fc.boolean(), by: fc.constantFrom('cash', 'card') },
			}),
			({ paidMinor, backMilli, outMilli, unitPriceE4, coin, taxExcluded, by }) => {
				const floor = openFloor({ A: 10, B: 10 });
				floor.hub.does([changedSetting({ name: 'cashRoundingMinor', value: coin as 1 })], { scope: 'store' });
				const whole = sold([['A', 3, paidMinor]], floor.till1.receipt());
				const grossMinor = paidMinor + (taxExcluded ? (whole.lines[0]?.taxMinor ?? 0) : 0);
				const sale = floor.till1.does([taxExcluded ? { ...whole, v: 2, taxExcluded, totalMinor: grossMinor, tenders: [cash(grossMinor)] } : whole]);
				const ledger = floor.ledger();
				const cart = cartOf('B', outMilli, unitPriceE4);
				const ask = (tenders: Extract<Intent, { intent: 'exchange' }>['tenders']) =>
					decided(ledger, floor.till1, { intent: 'exchange', returned: { sale: sale.hash, lines: [line(0, backMilli)] }, cart, tenders, back: by });
				const tender = (amountMinor: number) => (by === 'cash' ? cash(amountMinor) : ({ type: 'card', amountMinor } as const));
				let decision = ask([tender(0)]);
				if (isRefusal(decision)) decision = ask([tender(Number(decision['shortMinor']))]);
				if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
				const fact = decision.branch[0] as ExchangeCompleted;
				const costOf = (lines: readonly { totalMinor: number; taxMinor: number }[]) =>
					sumMinor(lines.map(({ totalMinor, taxMinor }) => totalMinor + (taxExcluded ? taxMinor : 0)));
				expect(costOf(fact.lines) - costOf(fact.returned) + fact.roundingMinor).toBe(fact.totalMinor);
				expect(sumMinor(fact.tenders.map(({ amountMinor }) => amountMinor))).toBe(fact.totalMinor);
				ledger.add([floor.till1.does(decision.branch)]);
				expect(ledger.quarantined()).toEqual([]);
			},
		),
		{ numRuns: 150 },
	);
});

test('a pack that comes back piece by piece puts back on the shelf just what it had taken, and prices without tax give back the tax on top', () => {
	const floor = openFloor({ A: 100, SIX: 0 });
	const pack = sold([['SIX', 2, 1000]], floor.till1.receipt());
	const lines = pack.lines.map((one) => ({ ...one, draws: { sku: 'A' as Sku, quantityMilli: 11_000 }, taxMinor: 200 }));
	const sale = floor.till1.does([{ ...pack, v: 2, lines, taxExcluded: true, totalMinor: 1200, tenders: [cash(1200)] }]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(89);
	const pieces: RefundCompleted[] = [];
	for (const quantityMilli of [333, 667, 1000]) {
		const { branch } = done(ledger, floor.till1, { intent: 'refund', sale: sale.hash, lines: [line(0, quantityMilli)], tender: 'card' });
		pieces.push(branch[0] as RefundCompleted);
		ledger.add([floor.till1.does(branch)]);
	}
	expect(sumMinor(pieces.map(({ totalMinor }) => totalMinor))).toBe(1200);
	expect(pieces.every(({ taxExcluded }) => taxExcluded === true)).toBe(true);
	expect(floor.onHand(ledger, 'A')).toBe(100);
	expect(ledger.quarantined()).toEqual([]);
});

test('what a desk says beforehand is what the entry comes to: refunds and exchanges, in cash and by card', () => {
	const floor = openFloor({ A: 10, B: 10 });
	floor.hub.does([changedSetting({ name: 'cashRoundingMinor', value: 5 })], { scope: 'store' });
	const sale = floor.till1.does([sold([['A', 3, 304]], floor.till1.receipt())]).hash;
	const ledger = floor.ledger();
	for (const quantityMilli of [1000, 2000, 3000])
		for (const inCash of [true, false])
			for (const priceE4 of [undefined, 3_300, 13_700, 30_400, 30_600]) {
				const returned = { sale, lines: [line(0, quantityMilli)] };
				const cart = priceE4 === undefined ? undefined : cartOf('B', 1000, priceE4);
				const figures = returnFigures(ledger, { returned, cart, inCash });
				if (isRefusal(figures)) throw new Error(figures.refused);
				const { dueMinor } = figures;
				const tender = inCash ? 'cash' : 'card';
				const paidMinor = Math.max(0, dueMinor); // A difference below half a coin is paid with nothing.
				const tenders = [inCash ? cash(paidMinor) : ({ type: 'card', amountMinor: paidMinor } as const)];
				const intent: Intent =
					cart === undefined ? { intent: 'refund', ...returned, tender } : { intent: 'exchange', returned, cart, tenders, back: tender };
				const fact = done(ledger, floor.till1, intent).branch[0] as RefundCompleted | ExchangeCompleted;
				expect(fact.type === 'refund.completed' ? -fact.totalMinor : fact.totalMinor).toBe(dueMinor);
			}
	expect(returnFigures(ledger, { returned: { sale, lines: [line(0, 4000)] }, cart: undefined, inCash: true })).toMatchObject({
		refused: 'refund-too-much',
	});
});

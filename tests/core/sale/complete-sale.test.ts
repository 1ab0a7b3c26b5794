/** The numbered invariants of `core/sale/complete-sale.ts`, and every refusal. */
import { isRefusal } from '#core/intent.ts';
import { setPrice, totalsOf } from '#core/sale/cart.ts';
import { cashTender, completeSale, creditUsedIn, type SaleTerms } from '#core/sale/complete-sale.ts';
import { brokenSaleRule } from '#core/sale/rules.ts';
import type { Cart, CartDiscount, CartLine } from '#schemas/cart.ts';
import { saleCompleted, type SaleCompleted, type Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerId, EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { cartLines, GBP } from '../../support/carts.ts';

const TERMS: SaleTerms = { receipt: { till: 3, number: 124 }, currency: GBP, cashRoundingMinor: 1 };
const BREAD: CartLine = {
	...{ id: '1', name: 'Rye bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 29_000, taxRate: 'zero', taxPercentMilli: 0 },
};

function cartOf(lines: readonly CartLine[]): Cart {
	return { key: 'cart-key-1' as IntentKey, lines: [...lines], changedAtMs: 1 };
}

function card(amountMinor: number): Tender {
	return { type: 'card', amountMinor };
}

test('1. whatever is in the cart and however it is paid, the sale adds up and fits its shape', () => {
	const rounding = fc.constantFrom(1, 5, 10, 50);
	fc.assert(
		fc.property(
			cartLines,
			rounding,
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.nat(5_000),
			fc.boolean(),
			(lines, cashRoundingMinor, share, more, byCard) => {
				fc.pre(lines.length > 0);
				const cart = cartOf(lines);
				const { totalMinor, cashMinor } = totalsOf(cart, GBP, cashRoundingMinor);
				const cardMinor = byCard ? totalMinor : Math.floor(totalMinor * share);
				const rest = cardMinor === 0 ? cashMinor : roundedRest(totalMinor - cardMinor, cashRoundingMinor);
				const tenders = byCard ? [card(totalMinor)] : [...(cardMinor === 0 ? [] : [card(cardMinor)]), cashTender(rest, rest + more)];
				const fact = completeSale(cart, tenders, { ...TERMS, cashRoundingMinor });
				if (isRefusal(fact)) throw new Error(JSON.stringify(fact));
				expect(brokenSaleRule(fact)).toBeUndefined();
				expect(v.safeParse(saleCompleted.schema, fact).issues).toBeUndefined();
				expect(fact.totalMinor - fact.roundingMinor).toBe(totalMinor);
				expect(Math.abs(fact.roundingMinor)).toBeLessThanOrEqual(cashRoundingMinor / 2);
				const taxes = totalsOf(cart, GBP, 1).taxes.reduce((sum, { taxMinor }) => sum + taxMinor, 0);
				expect(fact.lines.reduce((sum, { taxMinor }) => sum + taxMinor, 0)).toBe(taxes);
			},
		),
	);
});

function roundedRest(restMinor: number, coin: number): number {
	// Halves to the even multiple, by a way of its own.
	const below = Math.floor(restMinor / coin) * coin;
	const over = restMinor - below;
	return over * 2 > coin || (over * 2 === coin && (below / coin) % 2 === 1) ? below + coin : below;
}

test('1. with discounts, deposits and taxes on top too, in currencies of 0, 2 and 3 decimals: lines, tax and rounding are the total, and so are the tenders', () => {
	const discount: fc.Arbitrary<CartDiscount | undefined> = fc.option(
		fc.oneof(
			fc.integer({ min: 0, max: 100_000 }).map((percentMilli) => ({ percentMilli })),
			fc.integer({ min: 0, max: 5_000 }).map((amountMinor) => ({ amountMinor })),
		),
		{ nil: undefined },
	);
	const busyLines = fc.tuple(cartLines, fc.array(fc.tuple(discount, fc.boolean()), { minLength: 12, maxLength: 12 })).map(([lines, extras]) =>
		lines.flatMap((line, place): CartLine[] => {
			const [off, hasDeposit] = extras[place] ?? [];
			const own: CartLine = { ...line, ...(off === undefined ? {} : { discount: off }) };
			return hasDeposit === true ? [own, { ...BREAD, id: `deposit of ${line.id}`, unitPriceE4: 2_500, depositOf: line.id }] : [own];
		}),
	);
	const currency = fc.constantFrom<Currency>({ code: 'JPY', digits: 0 }, GBP, { code: 'KWD', digits: 3 });
	fc.assert(
		fc.property(
			busyLines,
			discount,
			currency,
			fc.constantFrom(1, 5, 10, 50),
			fc.boolean(),
			fc.nat(100),
			(lines, off, money, coin, taxExcluded, share) => {
				fc.pre(lines.length > 0);
				const cart: Cart = { ...cartOf(lines), ...(off === undefined ? {} : { discount: off }) };
				const { totalMinor, discountMinor, taxes } = totalsOf(cart, money, coin, taxExcluded);
				const cardMinor = Math.floor((totalMinor * share) / 100);
				const cashMinor = roundedRest(totalMinor - cardMinor, coin);
				const tenders = [...(cardMinor === 0 ? [] : [card(cardMinor)]), cashTender(cashMinor, cashMinor)];
				const fact = completeSale(cart, tenders, { ...TERMS, currency: money, cashRoundingMinor: coin, taxExcluded });
				if (isRefusal(fact)) throw new Error(JSON.stringify(fact));
				expect(brokenSaleRule({ ...fact, v: 2 })).toBeUndefined();
				const taxMinor = sum(fact.lines.map((line) => line.taxMinor));
				expect(sum(fact.lines.map((line) => line.totalMinor)) + (taxExcluded ? taxMinor : 0) + fact.roundingMinor).toBe(fact.totalMinor);
				expect(sum(fact.tenders.map(({ amountMinor }) => amountMinor))).toBe(fact.totalMinor);
				expect(sum(taxes.map((tax) => tax.taxMinor))).toBe(taxMinor);
				expect(sum(fact.lines.flatMap(({ discounts = [] }) => discounts.map(({ amountMinor }) => amountMinor)))).toBe(discountMinor);
				for (const line of fact.lines) {
					expect(line.totalMinor).toBeGreaterThanOrEqual(0);
					if (line.depositOf !== undefined) expect(line.discounts).toBeUndefined();
				}
			},
		),
	);
});

test('3. store credit pays with others; what it took is said once for each customer, and no credit is rounded', () => {
	const ana = 'customer-ana' as CustomerId;
	const credit = (amountMinor: number): Tender => ({ type: 'credit', amountMinor, customer: ana });
	const terms = { ...TERMS, cashRoundingMinor: 5 };
	const fact = completeSale({ ...cartOf([BREAD]), customer: ana }, [credit(101), credit(42), card(100), cashTender(45, 50)], terms);
	expect(fact).toMatchObject({ v: 2, customer: ana, roundingMinor: -2, totalMinor: 288 });
	expect(isRefusal(fact) ? [] : creditUsedIn(fact.tenders)).toEqual([{ type: 'credit.used', v: 1, customer: ana, amountMinor: 143 }]);
	expect(completeSale(cartOf([BREAD]), [credit(290)], terms)).toMatchObject({ roundingMinor: 0, totalMinor: 290 });
	expect(creditUsedIn([card(290)])).toEqual([]);
});

test('a pack says what left the shelf in all, a deposit whose it is, a typed price names no entry and says why, and a shift its number', () => {
	const six: CartLine = {
		...BREAD,
		id: 'six',
		sku: 'SIX' as Sku,
		quantityMilli: 3000,
		draws: { sku: 'ONE' as Sku, quantityMilli: 6000 },
		note: 'cold',
	};
	const deposit: CartLine = { ...BREAD, id: 'deposit', sku: 'DEP' as Sku, quantityMilli: 3000, unitPriceE4: 1_500, depositOf: 'six' };
	const resale: CartLine = { ...six, id: 'again', quantityMilli: 1000, resaleOf: { refund: 'ab'.repeat(32) as EntryHash, line: 4 } };
	const cart = {
		...cartOf([deposit, resale, setPrice(cartOf([{ ...six, price: 'cd'.repeat(32) as EntryHash }]), 'six', 20_000, 'damaged', 2).lines[0]!]),
		note: 'for Ana',
	};
	const fact = completeSale(cart, [card(935)], { ...TERMS, shift: 7 });
	expect(fact).toMatchObject({
		...{ v: 4, shift: 7, note: 'for Ana' },
		lines: [
			{ sku: 'SIX', resaleOf: { line: 4 } },
			{ sku: 'SIX', unitPriceE4: 20_000, totalMinor: 600, draws: { sku: 'ONE', quantityMilli: 18_000 }, priceReason: 'damaged', note: 'cold' },
			{ sku: 'DEP', totalMinor: 45, depositOf: 1 },
		],
	});
	const { lines } = fact as SaleCompleted;
	expect([lines[0]?.draws, lines[1]?.price]).toEqual([undefined, undefined]);
});

function sum(amounts: readonly number[]): number {
	return amounts.reduce((total, amount) => total + amount, 0);
}

test('1. a tender that contradicts itself is a bug, and is not sealed', () => {
	const odd: Tender = { type: 'cash', amountMinor: 290, givenMinor: 500, changeMinor: 200 };
	expect(() => completeSale(cartOf([BREAD]), [odd], TERMS)).toThrow('would not add up');
});

test('a sale says what the receipt says', () => {
	const weighed: CartLine = {
		...BREAD,
		id: '2',
		name: 'Red grapes',
		unit: 'kg',
		quantityMilli: 336,
		unitPriceE4: 45_000,
		taxRate: 'standard',
		taxPercentMilli: 20_000,
	};
	expect(completeSale({ ...cartOf([BREAD, weighed]), parked: 'parked-1' }, [cashTender(441, 500)], TERMS)).toEqual({
		type: 'sale.completed',
		v: 1,
		receipt: { till: 3, number: 124 },
		currency: GBP,
		lines: [
			{ name: 'Rye bread', quantityMilli: 1000, unitPriceE4: 29_000, totalMinor: 290, taxRate: 'zero', taxPercentMilli: 0, taxMinor: 0 },
			{ name: 'Red grapes', quantityMilli: 336, unitPriceE4: 45_000, totalMinor: 151, taxRate: 'standard', taxPercentMilli: 20_000, taxMinor: 25 },
		],
		roundingMinor: 0,
		totalMinor: 441,
		tenders: [{ type: 'cash', amountMinor: 441, givenMinor: 500, changeMinor: 59 }],
		parked: 'parked-1',
	});
});

test('2. cash is rounded, a card is not, and of both only what the card leaves open', () => {
	const cart = cartOf([{ ...BREAD, unitPriceE4: 10_300 }]);
	const terms = { ...TERMS, cashRoundingMinor: 5 };
	expect(completeSale(cart, [cashTender(105, 105)], terms)).toMatchObject({ roundingMinor: 2, totalMinor: 105 });
	expect(completeSale(cart, [card(103)], terms)).toMatchObject({ roundingMinor: 0, totalMinor: 103 });
	expect(completeSale(cart, [card(50), cashTender(55, 60)], terms)).toMatchObject({ roundingMinor: 2, totalMinor: 105 });
	expect(completeSale(cart, [card(103), cashTender(0, 0)], terms)).toMatchObject({ roundingMinor: 0, totalMinor: 103 });
	// A card pays the exact amount; that cash would be rounded up is no reason to charge more to a card.
	expect(completeSale(cart, [card(105), cashTender(0, 0)], terms)).toEqual({ refused: 'tender-over', overMinor: 2 });
});

test('too little, too much, nothing, and nothing to pay are told in figures', () => {
	const cart = cartOf([BREAD]);
	expect(completeSale(cartOf([]), [cashTender(0, 0)], TERMS)).toEqual({ refused: 'cart-empty' });
	expect(completeSale(cart, [], TERMS)).toEqual({ refused: 'tender-short', shortMinor: 290 });
	expect(completeSale(cart, [cashTender(290, 200)], TERMS)).toEqual({ refused: 'tender-short', shortMinor: 90 });
	expect(completeSale(cart, [card(300)], TERMS)).toEqual({ refused: 'tender-over', overMinor: 10 });
	expect(completeSale(cartOf([{ ...BREAD, unitPriceE4: 0 }]), [cashTender(0, 0)], TERMS)).toMatchObject({ totalMinor: 0 });
});

test('what a receipt or an integer cannot hold is refused, not crashed on', () => {
	const many = Array.from({ length: 1501 }, (_, place) => ({ ...BREAD, id: String(place) }));
	expect(completeSale(cartOf(many), [card(1)], TERMS)).toEqual({ refused: 'too-many-lines', most: 1500 });
	const wild = { ...BREAD, quantityMilli: 1e12, unitPriceE4: 1e14 };
	expect(completeSale(cartOf([wild]), [card(1)], TERMS)).toEqual({ refused: 'amount-out-of-range', mostMinor: 1e12 });
	const large = { ...BREAD, unitPriceE4: 1e14, quantityMilli: 600 };
	expect(completeSale(cartOf([large, { ...large, id: '2' }]), [card(1)], TERMS)).toEqual({ refused: 'amount-out-of-range', mostMinor: 1e12 });
	const reference = { type: 'card', amountMinor: 290, reference: 'x'.repeat(61) } as const;
	expect(completeSale(cartOf([BREAD]), [reference], TERMS)).toMatchObject({ refused: 'value-invalid', field: 'tenders.0.reference' });
});

test('change is what was given beyond the amount, and no less than nothing', () => {
	expect(cashTender(290, 500)).toEqual({ type: 'cash', amountMinor: 290, givenMinor: 500, changeMinor: 210 });
	expect(cashTender(290, 200)).toEqual({ type: 'cash', amountMinor: 200, givenMinor: 200, changeMinor: 0 });
});

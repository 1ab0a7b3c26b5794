/** The numbered invariants of `core/sale/cart.ts`. */
import {
	addLine,
	emptyCart,
	fetchCart,
	leftOnShelf,
	parkCart,
	priceLines,
	quickAmounts,
	removeLine,
	setCustomer,
	setLineDiscount,
	setLineNote,
	setPrice,
	setQuantity,
	setSaleDiscount,
	totalOfLine,
	totalsOf,
} from '#core/sale/cart.ts';
import type { Cart, CartLine } from '#schemas/cart.ts';
import type { CustomerId, EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cartLines, GBP } from '../../support/carts.ts';

const EMPTY = emptyCart('cart-key-1' as IntentKey, 1);

let lines = 0;
function line(sku: string, change: Partial<CartLine> = {}): CartLine {
	lines += 1;
	return {
		...{ id: `line ${lines}`, sku: sku as Sku, name: `Product ${sku}`, quantityMilli: 1000, unit: 'each', unitPriceE4: 12_000, taxRate: 'standard' },
		...{ taxPercentMilli: 20_000, ...change },
	};
}

function cartOf(...of: readonly CartLine[]): Cart {
	return of.reduce((cart, one) => addLine(cart, one, 2), EMPTY);
}

function skusAndMilli(cart: Cart): readonly (readonly [string | undefined, number])[] {
	return cart.lines.map(({ sku, quantityMilli }) => [sku, quantityMilli]);
}

test('1. the total is the sum of its lines, and each rate’s tax is the sum of what is inside its lines', () => {
	fc.assert(
		fc.property(cartLines, (all) => {
			const cart: Cart = { ...EMPTY, lines: all };
			const { totalMinor, taxes } = totalsOf(cart, GBP, 1);
			expect(totalMinor).toBe(all.reduce((sum, one) => sum + totalOfLine(one, GBP), 0));
			expect(taxes.reduce((sum, { grossMinor }) => sum + grossMinor, 0)).toBe(totalMinor);
			for (const { grossMinor, taxMinor, percentMilli } of taxes) {
				expect(taxMinor).toBeGreaterThanOrEqual(0);
				expect(taxMinor).toBeLessThanOrEqual(grossMinor);
				if (percentMilli === 0) expect(taxMinor).toBe(0);
			}
		}),
	);
});

test('1. three at a third of a penny are a penny: a line is rounded, not its pieces', () => {
	const cart = cartOf(line('A', { unitPriceE4: 33, quantityMilli: 3000 }));
	expect(totalsOf(cart, GBP, 1)).toMatchObject({ totalMinor: 1, pieces: 3 });
});

test('1. a rate whose percent changed while the cart was open is two rates', () => {
	const cart = cartOf(line('A'), line('B', { taxPercentMilli: 25_000 }), line('A', { taxPercentMilli: 25_000 }));
	expect(cart.lines).toHaveLength(3);
	expect(totalsOf(cart, GBP, 1).taxes).toEqual([
		{ taxRate: 'standard', percentMilli: 20_000, grossMinor: 120, taxMinor: 20 },
		{ taxRate: 'standard', percentMilli: 25_000, grossMinor: 240, taxMinor: 48 },
	]);
});

test('2. the same product at the same price is one line, the newest last', () => {
	const cart = cartOf(line('A'), line('B'), line('A'));
	expect(skusAndMilli(cart)).toEqual([
		['B', 1000],
		['A', 2000],
	]);
	expect(cart.lines[1]?.id).toMatch(/line/);
});

test('2. another price, another entry of a price, a weight and an open item are lines of their own', () => {
	const weighed = { unit: 'kg', quantityMilli: 336 } as const;
	const open = { unitPriceE4: 500 };
	const priced = { price: 'a'.repeat(64) as EntryHash };
	const cart = cartOf(line('A'), line('A', open), line('A', priced), line('W', weighed), line('W', weighed));
	expect(cart.lines).toHaveLength(5);
	expect(totalsOf(cart, GBP, 1).pieces).toBe(5);
	const { sku: _sku, ...item } = line('A');
	expect(addLine(addLine(EMPTY, item, 2), { ...item, id: 'other' }, 2).lines).toHaveLength(2);
});

test('whatever order things are scanned in, the cart costs the same', () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom('A', 'B', 'C'), { maxLength: 20 }), fc.nat(1000), (skus, seed) => {
			const scanned = cartOf(...skus.map((sku) => line(sku)));
			const turned = skus.map((_, place) => skus[(place + seed) % skus.length] as string);
			expect(totalsOf(scanned, GBP, 1).totalMinor).toBe(totalsOf(cartOf(...turned.map((sku) => line(sku))), GBP, 1).totalMinor);
			expect(scanned.lines.length).toBe(new Set(skus).size);
		}),
	);
});

test('every change answers a new cart, so the one before is the undo', () => {
	const before = cartOf(line('A'), line('B'));
	const frozen = structuredClone(before);
	const id = before.lines[0]!.id;
	const after = [addLine(before, line('A'), 9), setQuantity(before, id, 5000, 9), removeLine(before, id, 9)];
	expect(before).toEqual(frozen);
	expect(after.map(({ changedAtMs, key }) => [changedAtMs, key])).toEqual([
		[9, EMPTY.key],
		[9, EMPTY.key],
		[9, EMPTY.key],
	]);
	expect(skusAndMilli(after[1]!)).toEqual([
		['A', 5000],
		['B', 1000],
	]);
	expect(skusAndMilli(after[2]!)).toEqual([['B', 1000]]);
});

test('a quantity of nothing removes the line, and a line that is gone is left alone', () => {
	const cart = cartOf(line('A'));
	expect(setQuantity(cart, cart.lines[0]!.id, 0, 3).lines).toEqual([]);
	expect(setQuantity(cart, 'gone', 3000, 3).lines).toEqual(cart.lines);
});

test('what cash pays is the total rounded to the coin', () => {
	const cart = cartOf(line('A', { unitPriceE4: 10_300 }));
	expect([1, 5, 10, 50].map((coin) => totalsOf(cart, GBP, coin).cashMinor)).toEqual([103, 105, 100, 100]);
});

test('the amounts offered are what people hand over: the exact one, then rounder ones', () => {
	expect(quickAmounts(12_30, GBP)).toEqual([12_30, 13_00, 15_00, 20_00]);
	expect(quickAmounts(20_00, GBP)).toEqual([20_00, 50_00, 100_00, 200_00]);
	expect(quickAmounts(0, GBP)).toEqual([0]);
	expect(quickAmounts(1_230, { code: 'JPY', digits: 0 })).toEqual([1_230, 1_300, 1_500, 2_000]);
	fc.assert(
		fc.property(fc.nat(1_000_000), (due) => {
			const amounts = quickAmounts(due, GBP);
			expect(amounts[0]).toBe(due);
			expect(amounts.length).toBeLessThanOrEqual(4);
			expect(amounts).toEqual([...new Set(amounts)].sort((a, b) => a - b));
		}),
	);
});

test('the shelf speaks only when it is low, and only of counted pieces', () => {
	const product = { tracked: true, unit: 'each', onHandMilli: 4_000 } as const;
	expect([leftOnShelf(product, 0), leftOnShelf(product, 1_000), leftOnShelf(product, 5_000)]).toEqual([undefined, 3_000, -1_000]);
	expect(leftOnShelf({ ...product, tracked: false }, 4_000)).toBeUndefined();
	expect(leftOnShelf({ ...product, unit: 'kg' }, 4_000)).toBeUndefined();
});

test('3. a tenth off the sale is shared by what the lines cost after their own discounts, to the penny', () => {
	let cart = cartOf(
		line('A', { id: 'a', unitPriceE4: 3_300 }),
		line('B', { id: 'b', unitPriceE4: 3_300 }),
		line('C', { id: 'c', unitPriceE4: 6_700 }),
	);
	cart = setLineDiscount(cart, 'c', { amountMinor: 34, reason: 'scratched' }, 3);
	cart = setSaleDiscount(cart, { percentMilli: 10_000 }, 3);
	expect(priceLines(cart, GBP, false).map(({ totalMinor, discounts }) => [totalMinor, discounts])).toEqual([
		[29, [{ of: 'sale', amountMinor: 4, percentMilli: 10_000 }]], // 9.9 of 99 pence: 10 in all, 3.33 each, the odd one to the first.
		[30, [{ of: 'sale', amountMinor: 3, percentMilli: 10_000 }]],
		[
			30,
			[
				{ of: 'line', amountMinor: 34, reason: 'scratched' },
				{ of: 'sale', amountMinor: 3, percentMilli: 10_000 },
			],
		],
	]);
	expect(totalsOf(cart, GBP, 1)).toMatchObject({ totalMinor: 89, discountMinor: 44 });
	expect(totalOfLine(cart.lines[2]!, GBP)).toBe(33);
	expect(totalsOf(setSaleDiscount(setLineDiscount(cart, 'c', undefined, 4), undefined, 4), GBP, 1)).toMatchObject({
		totalMinor: 133,
		discountMinor: 0,
	});
});

test('3. more off than it costs is for nothing, not for less', () => {
	const cart = setSaleDiscount(setLineDiscount(cartOf(line('A', { id: 'a' }), line('B')), 'a', { amountMinor: 500 }, 3), { amountMinor: 9_999 }, 3);
	expect(totalsOf(cart, GBP, 1)).toMatchObject({ totalMinor: 0, discountMinor: 240 });
});

test('3. a line with a discount or a note is no more the same as one without', () => {
	const off = setLineDiscount(cartOf(line('A', { id: 'a' })), 'a', { percentMilli: 50_000 }, 3);
	expect(addLine(off, line('A'), 4).lines).toHaveLength(2);
	expect(addLine(setLineNote(cartOf(line('A', { id: 'a' })), 'a', 'gift', 3), line('A'), 4).lines).toHaveLength(2);
});

test('4. a deposit counts with its line, goes with it, and is no piece; a discount on the sale leaves it alone', () => {
	const deposit = () => line('DEP', { unitPriceE4: 1_500, taxPercentMilli: 0 });
	let cart = addLine(addLine(addLine(EMPTY, line('COLA', { id: 'cola' }), 2, deposit()), line('A'), 2), line('COLA'), 2, deposit());
	expect(skusAndMilli(cart)).toEqual([
		['A', 1000],
		['COLA', 2000],
		['DEP', 2000],
	]);
	cart = setSaleDiscount(setQuantity(cart, 'cola', 3000, 3), { percentMilli: 50_000 }, 3);
	expect(totalsOf(cart, GBP, 1)).toMatchObject({ totalMinor: (120 + 360) / 2 + 45, pieces: 4 });
	expect(skusAndMilli(removeLine(cart, 'cola', 4))).toEqual([['A', 1000]]);
});

test('4. what is weighed comes in one vessel', () => {
	const cart = addLine(EMPTY, line('MILK', { id: 'milk', unit: 'kg', quantityMilli: 750 }), 2, line('DEP'));
	expect(skusAndMilli(setQuantity(cart, 'milk', 900, 3))).toEqual([
		['MILK', 900],
		['DEP', 1000],
	]);
});

test('1. where prices are without tax it comes on top, line by line', () => {
	const cart = cartOf(line('A', { unitPriceE4: 999 }), line('B', { taxPercentMilli: 5_000, taxRate: 'low' }));
	expect(totalsOf(cart, GBP, 5, true)).toMatchObject({
		...{ totalMinor: 138, cashMinor: 140 }, // 10 + 2.00 and 120 + 6.00
		taxes: [
			{ percentMilli: 20_000, grossMinor: 12, taxMinor: 2 },
			{ percentMilli: 5_000, grossMinor: 126, taxMinor: 6 },
		],
	});
});

test('5. a parked cart has no key, and whoever fetches it names it', () => {
	const cart = setCustomer(cartOf(line('A')), 'customer-ana' as CustomerId, 3);
	const parked = parkCart({ ...cart, parked: 'an older one' });
	expect(Object.keys(parked).sort()).toEqual(['changedAtMs', 'customer', 'lines']);
	expect(fetchCart(parked, 'p1', 'cart-key-2' as IntentKey, 9)).toEqual({ ...cart, key: 'cart-key-2', parked: 'p1', changedAtMs: 9 });
});

test('a price that is typed is no entry’s, says why, and never that it stood in a code', () => {
	const cart = cartOf(line('A', { id: 'a', price: 'p'.repeat(64) as EntryHash }));
	const [typed] = setPrice(cart, 'a', 9_000, 'damaged', 5).lines;
	expect(typed).toMatchObject({ unitPriceE4: 9_000, priceReason: 'damaged' });
	expect(typed).not.toHaveProperty('price');
	expect(setPrice(cart, 'a', 9_000, PRICE_IN_CODE, 5).lines[0]).not.toHaveProperty('priceReason');
});

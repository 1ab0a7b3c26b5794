/** The one table, and what a sale or a refund asks of it. */
import { ROLE_OF_ACT, discountNeed, isAtLeast, needOf, needsOf, roleOverPeople } from '#core/people/roles.ts';
import { linesOfSale } from '#core/sale/complete-sale.ts';
import { PERSON_ROLES } from '#schemas/facts/person-added.ts';
import { FACTS, type Fact } from '#schemas/facts/registry.ts';
import type { Cart } from '#schemas/cart.ts';
import { OWNER, type PersonId } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import { expect, test } from 'vitest';
import { GBP } from '../../support/facts.ts';

const ANA = 'ana' as PersonId;
const roleFor = (totalMinor: number, ...offMinor: number[]): string | undefined =>
	discountNeed([{ totalMinor, discounts: offMinor.map((amountMinor) => ({ of: 'line', amountMinor })) }])?.[0]?.role;

test('1: whoever may do something, everybody above may too', () => {
	for (const [place, role] of PERSON_ROLES.entries())
		for (const [other, least] of PERSON_ROLES.entries()) expect(isAtLeast(role, least)).toBe(place >= other);
	expect(isAtLeast('none', 'cashier')).toBe(false);
});

test('a cashier takes off 5 %, a supervisor 20 %, a manager whatever it is', () => {
	expect(discountNeed([{ totalMinor: 100 }])).toBeUndefined();
	expect(roleFor(9_500, 500)).toBe('cashier');
	expect(roleFor(9_400, 600)).toBe('supervisor');
	expect(roleFor(8_000, 2_000)).toBe('supervisor');
	expect(roleFor(7_900, 2_100)).toBe('manager');
	expect(roleFor(0, 10_000)).toBe('manager');
});

test('two small discounts on one line are one larger one', () => {
	expect(roleFor(9_100, 450, 450)).toBe('supervisor');
});

test('what a percent within the limit rounds to is within the limit, whatever the price', () => {
	for (let priceMinor = 1; priceMinor <= 400; priceMinor += 1) {
		const cart: Cart = {
			...{ key: 'key-of-a-cart' as Cart['key'], changedAtMs: 0 },
			lines: [
				{
					...{ id: 'a', name: 'A', quantityMilli: 1_000, unit: 'each', unitPriceE4: priceMinor * 100, taxRate: 'standard', taxPercentMilli: 20_000 },
					discount: { percentMilli: 5_000 },
				},
			],
		};
		const lines = linesOfSale(cart, { currency: GBP });
		if ('refused' in lines) throw new Error(lines.refused);
		const role = discountNeed(lines)?.[0]?.role ?? 'cashier';
		expect([priceMinor, role]).toEqual([priceMinor, 'cashier']);
	}
});

test('3: whoever may answer conflicts may do all that an answer does', () => {
	for (const act of ['adjust', 'receive', 'give-credit', 'refund', 'refund-without-receipt', 'products', 'transfer', 'cash-out'] as const)
		expect(isAtLeast(ROLE_OF_ACT.resolve, ROLE_OF_ACT[act])).toBe(true);
});

test('4: a manager makes cashiers and supervisors, an owner whomever', () => {
	expect(PERSON_ROLES.map(roleOverPeople)).toEqual(['manager', 'manager', 'owner', 'owner']);
});

test('a return without a receipt asks for more than one with it, and the own PIN for nobody', () => {
	const refund = (sale?: string) => ({ type: 'refund.completed', ...(sale === undefined ? {} : { sale }) }) as unknown as Fact;
	expect(needsOf(refund('ab'), ANA)).toEqual([]);
	expect(needsOf(refund(), ANA)).toEqual([needOf('refund-without-receipt')]);
	const reset = (person: string) => ({ type: 'person.pinReset', v: 1, person, pin: null }) as unknown as Fact;
	expect(needsOf(reset('ana'), ANA)).toEqual([]);
	expect(needsOf(reset('ben'), ANA)).toEqual([{ act: 'people', role: 'manager', of: 'ben' }]);
});

test('a price that was changed by hand needs a supervisor, one that stood in the code nobody, and of returned goods no code says it', () => {
	const sale = (line: object) => ({ type: 'sale.completed', v: 4, lines: [{ totalMinor: 80, ...line }] }) as unknown as Fact;
	const resaleOf = { refund: 'r', line: 0 };
	expect(needsOf(sale({ priceReason: 'damaged' }), ANA)).toEqual([needOf('price')]);
	expect(needsOf(sale({ priceReason: PRICE_IN_CODE }), ANA)).toEqual([]);
	expect(needsOf(sale({ priceReason: PRICE_IN_CODE, resaleOf }), ANA)).toEqual([needOf('price')]);
	expect(needsOf(sale({ priceReason: 'damaged' }), OWNER)).toEqual([]);
});

test('every fact has a place in the table', () => {
	for (const { type } of FACTS) {
		const shape = { type, v: 1, lines: [], role: 'cashier', kind: 'in', person: 'ben' } as unknown as Fact;
		expect(Array.isArray(needsOf(shape, ANA)), type).toBe(true);
	}
});

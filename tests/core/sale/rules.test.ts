/** What a sale must add up to, at replay on every peer: each figure that is changed alone is noticed. */
import { brokenSaleRule } from '#core/sale/rules.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { refunded, sold } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';

const SALE: SaleCompleted = sold(
	[
		['A', 2, 240],
		['B', 1, 103],
	],
	{ till: 1, number: 1 },
);
const REFUND: RefundCompleted = refunded('ab'.repeat(32) as EntryHash, [[0, 'A', 1, 120]], { till: 1, number: 2 });

function cash(amountMinor: number, givenMinor = amountMinor, changeMinor = 0): SaleCompleted['tenders'][number] {
	return { type: 'cash', amountMinor, givenMinor, changeMinor };
}

test('what adds up is not broken', () => {
	expect(brokenSaleRule(SALE)).toBeUndefined();
	expect(brokenSaleRule(REFUND)).toBeUndefined();
	expect(
		brokenSaleRule({ ...SALE, roundingMinor: 2, totalMinor: 345, tenders: [{ type: 'card', amountMinor: 300 }, cash(45, 50, 5)] }),
	).toBeUndefined();
});

test.each<[string, Partial<SaleCompleted>]>([
	['lines and rounding add up to 343, the total says 344', { totalMinor: 344, tenders: [cash(344)] }],
	['lines and rounding add up to 345, the total says 343', { roundingMinor: 2 }],
	['tenders add up to 342, the total says 343', { tenders: [cash(342)] }],
	['tenders add up to 686, the total says 343', { tenders: [cash(343), cash(343)] }],
	['cash given less change is not the amount', { tenders: [cash(343, 400, 56)] }],
	['a tender of -57', { tenders: [{ type: 'card', amountMinor: 400 }, cash(-57, 0, 57)] }],
	['rounded by 2 though nothing was paid in cash', { roundingMinor: 2, totalMinor: 345, tenders: [{ type: 'card', amountMinor: 345 }] }],
	['rounded by 26', { roundingMinor: 26, totalMinor: 369, tenders: [cash(369)] }],
	['a tax of 241 inside 240', { lines: [{ ...SALE.lines[0]!, taxMinor: 241 }, SALE.lines[1]!] }],
])('%s', (words, change) => expect(brokenSaleRule({ ...SALE, ...change })).toBe(words));

test('a refund is held to the same', () => {
	expect(brokenSaleRule({ ...REFUND, totalMinor: 60, tenders: [cash(60)] })).toBe('lines and rounding add up to 120, the total says 60');
});

test('a sale that does not add up is put aside at replay: not in stock, not in money', () => {
	const floor = openFloor({ A: 5 });
	const entry = floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
	const ledger = floor.ledger();
	expect(ledger.statusOf(entry.hash)).toBe('quarantined');
	expect(ledger.quarantined().map(({ words }) => words)).toEqual(['lines and rounding add up to 100, the total says 1']);
	expect(floor.onHand(ledger, 'A')).toBe(5);
});

const CARD_60 = [{ type: 'card', amountMinor: 60 }] as const;
const SALE_2: SaleCompleted = {
	...{ type: 'sale.completed', v: 2, receipt: { till: 1, number: 3 }, currency: { code: 'GBP', digits: 2 }, roundingMinor: 0, totalMinor: 60 },
	lines: [
		{
			...{
				sku: 'SIX' as Sku,
				name: 'Six bottles',
				quantityMilli: 2000,
				unitPriceE4: 3_000,
				totalMinor: 50,
				taxRate: 'standard',
				taxPercentMilli: 20_000,
			},
			...{
				taxMinor: 8,
				discounts: [
					{ of: 'line', amountMinor: 6 },
					{ of: 'sale', amountMinor: 4, percentMilli: 7_000 },
				],
			},
			draws: { sku: 'ONE' as Sku, quantityMilli: 12_000 },
		},
		{
			...{
				sku: 'DEP' as Sku,
				name: 'Deposit',
				quantityMilli: 2000,
				unitPriceE4: 500,
				totalMinor: 10,
				taxRate: 'none',
				taxPercentMilli: 0,
				taxMinor: 0,
			},
			depositOf: 0,
		},
	],
	tenders: [...CARD_60],
};

function with2(place: 0 | 1, change: Partial<SaleCompleted['lines'][number]>): SaleCompleted {
	return { ...SALE_2, lines: SALE_2.lines.map((line, index) => (index === place ? { ...line, ...change } : line)) };
}

test('3. quantity times price less discounts is the line, since version 2; before it, a line is what it says', () => {
	expect(brokenSaleRule(SALE_2)).toBeUndefined();
	expect(brokenSaleRule({ ...with2(0, { discounts: [{ of: 'line', amountMinor: 9 }] }), v: 1 })).toBeUndefined();
});

test.each<[string, SaleCompleted]>([
	['line 1 costs 60 less 9, and says 50', with2(0, { discounts: [{ of: 'line', amountMinor: 9 }] })],
	['line 1 costs 90 less 10, and says 50', with2(0, { quantityMilli: 3000 })],
	['line 1 costs more than a line can', with2(0, { quantityMilli: 1e12, unitPriceE4: 1e14 })],
	['line 2 is the deposit of line 2', with2(1, { depositOf: 1 })],
	['line 1 is the deposit of line 2', with2(0, { depositOf: 1 })],
	['line 2 is the deposit of line 8', with2(1, { depositOf: 7 })],
	['line 1 takes SIX off the shelf', with2(0, { draws: { sku: 'SIX' as Sku, quantityMilli: 1 } })],
	['line 1 takes ONE off the shelf', with2(0, { resaleOf: { refund: 'ab'.repeat(32) as EntryHash, line: 0 } })],
])('3. %s', (words, fact) => expect(brokenSaleRule(fact)).toBe(words));

test('1. where prices are without tax the taxes are added to the lines', () => {
	const plain = with2(0, {});
	const excluded: SaleCompleted = { ...plain, taxExcluded: true, totalMinor: 68, tenders: [{ type: 'card', amountMinor: 68 }] };
	expect(brokenSaleRule(excluded)).toBeUndefined();
	expect(brokenSaleRule({ ...excluded, totalMinor: 60, tenders: [...CARD_60] })).toBe('lines and rounding add up to 68, the total says 60');
	const heavy = {
		...excluded,
		lines: [{ ...excluded.lines[0]!, taxMinor: 502 }, excluded.lines[1]!],
		totalMinor: 562,
		tenders: [{ type: 'card', amountMinor: 562 } as const],
	};
	expect(brokenSaleRule(heavy)).toBe('a tax of 502 on 50');
});

const EXCHANGE: ExchangeCompleted = {
	...{ type: 'exchange.completed', v: 1, receipt: { till: 1, number: 4 }, currency: { code: 'GBP', digits: 2 }, sale: 'ab'.repeat(32) as EntryHash },
	returned: REFUND.lines,
	lines: SALE_2.lines,
	...{ roundingMinor: 0, totalMinor: -60, tenders: [{ type: 'cash', amountMinor: -60, givenMinor: 0, changeMinor: 60 }] },
};

test.each<[string | undefined, Partial<ExchangeCompleted>]>([
	[undefined, {}],
	['lines and rounding add up to -60, the total says 60', { totalMinor: 60 }],
	['tenders add up to -50, the total says -60', { tenders: [{ type: 'card', amountMinor: -50 }] }],
	[
		'a tender of 20',
		{
			tenders: [
				{ type: 'card', amountMinor: -80 },
				{ type: 'card', amountMinor: 20 },
			],
		},
	],
	['tenders add up to 0, the total says -60', { tenders: [] }],
	['a tax of 121 inside 120', { returned: [{ ...REFUND.lines[0]!, taxMinor: 121 }] }],
	['line 1 costs 60 less 0, and says 50', { lines: [{ ...SALE_2.lines[0]!, discounts: undefined }, SALE_2.lines[1]!] }],
])('an exchange: %s', (words, change) => expect(brokenSaleRule({ ...EXCHANGE, ...change })).toBe(words));

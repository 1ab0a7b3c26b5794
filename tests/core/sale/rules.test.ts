/** What a sale must add up to, at replay on every peer: each figure that is changed alone is noticed. */
import { brokenSaleRule } from '#core/sale/rules.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
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

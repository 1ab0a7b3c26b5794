/** Empties come back to the counter: what goes back for them, who may give it, and what nobody may call a deposit. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent, type RefundTender } from '#core/intent.ts';
import { brokenRule } from '#core/ledger/fact-rules.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { PersonId, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { customerCreated, customerId } from '../../support/customer-facts.ts';
import { changedSetting, priced } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';

const stored = { scope: 'store' } as const;
const [COLA, BOTTLE, CRATE] = ['COLA', 'BOTTLE', 'CRATE'] as Sku[] as [Sku, Sku, Sku];
const NOW_MS = 1_900_000_000_000;

/** Cola bears a bottle at 0.25; nothing bears a crate. Mia is a cashier. */
function bottleShop() {
	const floor = openFloor({ COLA: 10, BOTTLE: 10, CRATE: 10 });
	floor.hub.does([{ type: 'product.edited', v: 2, sku: COLA, fields: { deposit: { value: BOTTLE, replaces: [] } } }], stored);
	const before = floor.ledger().state.products.get(BOTTLE)?.price?.replaces ?? [];
	floor.hub.does([priced(BOTTLE, 2_500, before)], stored);
	floor.hub.does([{ type: 'person.added', v: 1, person: 'mia', name: 'Mia', role: 'cashier', pin: null }], stored);
	floor.hub.does([customerCreated('ada')], stored);
	floor.meet();
	return floor;
}

function decided(ledger: Ledger, floor: ReturnType<typeof bottleShop>, intent: Intent) {
	return decide(ledger, intent, { nextReceipt: { till: 1, number: 5 }, device: floor.till1.id, by: 'mia' as PersonId, nowMs: NOW_MS });
}

const empties = (sku: Sku, units: number, tender: RefundTender = 'cash'): Intent => ({
	intent: 'take-back-deposits',
	lines: [{ sku, quantityMilli: units * 1000 }],
	tender,
});

function done(ledger: Ledger, floor: ReturnType<typeof bottleShop>, intent: Intent) {
	const decision = decided(ledger, floor, intent);
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	return decision;
}

test('4. a cashier gives back what the deposits cost now, and the empties are there again', () => {
	const floor = bottleShop();
	const ledger = floor.ledger();
	const { branch, store, takesReceipt } = done(ledger, floor, empties(BOTTLE, 7));
	expect({ branch, store, takesReceipt }).toMatchObject({
		branch: [
			{
				...{ type: 'refund.completed', v: 3, deposits: true, totalMinor: 175 },
				lines: [{ sku: BOTTLE, quantityMilli: 7000, totalMinor: 175, restock: true }],
				tenders: [{ type: 'cash', amountMinor: 175 }],
			},
		],
		...{ store: [], takesReceipt: true },
	});
	ledger.add([floor.till1.does(branch, { by: 'mia' as PersonId })]);
	expect(ledger.state.stock.get(BOTTLE)?.onHandMilli).toBe(17_000);
	expect(ledger.conflicts()).toEqual([]);
});

test('4. onto store credit too; with taxes on top it is what the customer paid, tax and all', () => {
	const floor = bottleShop();
	const { store } = done(floor.ledger(), floor, empties(BOTTLE, 4, { creditOf: customerId('ada') }));
	expect(store).toMatchObject([{ type: 'credit.given', amountMinor: 100, reason: 'return' }]);
	floor.hub.does([{ ...changedSetting({ name: 'taxExcluded', value: true }), v: 2 }], stored);
	expect(done(floor.ledger(), floor, empties(BOTTLE, 4)).branch).toMatchObject([{ totalMinor: 120, taxExcluded: true }]);
});

test('4. what is the deposit of nothing is none, and neither is one whose bearers are retired; a cashier has to ask for that', () => {
	const floor = bottleShop();
	expect(decided(floor.ledger(), floor, empties(CRATE, 1))).toEqual({ refused: 'no-deposit', sku: CRATE });
	expect(decided(floor.ledger(), floor, empties(BOTTLE, 0))).toMatchObject({ refused: 'quantity-not-positive' });
	expect(decided(floor.ledger(), floor, empties(BOTTLE, 1e9))).toMatchObject({ refused: 'quantity-out-of-range' });
	const returned: Intent = {
		...{ intent: 'refund-without-sale', tender: 'cash', reason: 'empties' },
		lines: [{ sku: BOTTLE, quantityMilli: 1000, totalMinor: 25, restock: true }],
	};
	expect(decided(floor.ledger(), floor, returned)).toMatchObject({ refused: 'needs-approval', act: 'refund-without-receipt' });
	floor.hub.does([{ type: 'product.retired', v: 1, sku: COLA }], stored);
	expect(decided(floor.ledger(), floor, empties(BOTTLE, 1))).toEqual({ refused: 'no-deposit', sku: BOTTLE });
});

test('4. goods of a sale are no deposits, whatever an entry says', () => {
	const floor = bottleShop();
	const [fact] = done(floor.ledger(), floor, empties(BOTTLE, 1)).branch as readonly [RefundCompleted];
	expect(brokenRule(fact)).toBeUndefined();
	expect(brokenRule({ ...fact, sale: 'ab'.repeat(32) as never })).toMatch(/no deposits/);
	const [line] = fact.lines;
	const { sku: _sku, ...nameless } = line!;
	expect(brokenRule({ ...fact, lines: [nameless] })).toMatch(/no deposits/);
});

/** Store credit follows the receipt that moved it: `decide/resolve.ts`, 3. */
import { creditMinor } from '#core/customer/group.ts';
import { takingsMinor } from '#core/shift/figures.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { creditGiven, creditUsed, customerCreated, customerId } from '../../support/customer-facts.ts';
import { corrected, refunded, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, decideAs } from '../../support/till-day.ts';

const ada = customerId('ada');
const STORE = { scope: 'store' } as const;

/** Ten pounds of credit, which everybody has heard of. */
function creditFloor(): Floor {
	const floor = openFloor({ A: 10 });
	floor.hub.does([customerCreated('ada'), creditGiven('ada', 1000)], STORE);
	floor.meet();
	return floor;
}

const byCredit = (amountMinor: number): { readonly tenders: readonly Tender[]; readonly customer: typeof ada } => ({
	tenders: [{ type: 'credit', amountMinor, customer: ada }],
	customer: ada,
});

/** Two entries under one key, as a till writes them. */
function inParts(till: TestDevice, key: string, receipt: object, credit: object): void {
	const first = till.does([receipt], { key, part: { n: 1, of: 2 } });
	till.does([credit], { ...STORE, key, part: { n: 2, of: 2, first: first.hash } });
}

function sellParked(till: TestDevice, key: string): void {
	inParts(till, key, { ...sold([['A', 1, 100]], till.receipt()), parked: 'cart', ...byCredit(100) }, creditUsed('ada', 100));
}

/** What the tenders of all that counts say, and what the customer has. */
function creditOf(ledger: Ledger): { readonly tendersMinor: number; readonly leftMinor: number } {
	const [day] = ledger.state.books.days.values();
	const tender = day?.figures.tenders.find(({ type }) => type === 'credit');
	return { tendersMinor: tender?.minor ?? 0, leftMinor: creditMinor(ledger.state, ada) };
}

test('a sale that is taken back gives the store credit back that paid for it', () => {
	const floor = creditFloor();
	sellParked(floor.till1, 'one');
	sellParked(floor.till2, 'two');
	floor.meet();
	const ledger = floor.ledger();
	expect(creditOf(ledger)).toEqual({ tendersMinor: 200, leftMinor: 800 });
	answer(ledger, floor.hub, ledger.conflicts()[0], 'compensate-one');
	expect(creditOf(ledger)).toEqual({ tendersMinor: 100, leftMinor: 900 });
	expect(ledger.state.books.credit.get(ada)?.moves.map(({ amountMinor }) => amountMinor)).toEqual([1000, -100, -100, 100]);
});

test('a refund onto store credit that is taken back takes the credit, too; one in cash leaves it', () => {
	for (const isCredit of [true, false]) {
		const floor = creditFloor();
		const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())]);
		floor.meet();
		for (const till of [floor.till1, floor.till2]) {
			const refund = refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt());
			if (isCredit) inParts(till, `back ${till.name}`, { ...refund, v: 2, ...byCredit(100) }, creditGiven('ada', 100));
			else till.does([refund]);
		}
		floor.meet();
		const ledger = floor.ledger();
		expect(creditOf(ledger).leftMinor).toBe(isCredit ? 1200 : 1000);
		answer(ledger, floor.hub, ledger.conflicts()[0], 'compensate-one');
		expect(creditOf(ledger)).toEqual(isCredit ? { tendersMinor: -100, leftMinor: 1100 } : { tendersMinor: 0, leftMinor: 1000 });
		const [day] = ledger.state.books.days.values();
		expect(day && takingsMinor(day.figures)).toBe(0);
	}
});

test('an answer that is undone takes the store credit again that it had given', () => {
	const floor = creditFloor();
	sellParked(floor.till1, 'one');
	sellParked(floor.till2, 'two');
	floor.hub.hears(...floor.shop.entries);
	const ledger = floor.ledger();
	answer(ledger, floor.hub, ledger.conflicts()[0], 'compensate-one');
	// The other sale of the cart had been taken back already, and the hub had not heard of it.
	const other = floor.shop.entries.find(({ header }) => header.key === 'one' && header.scope === 'branch');
	if (other === undefined) throw new Error('no sale');
	ledger.add([floor.till1.does([corrected(other.hash)])]);
	const [overtaken] = ledger.conflicts();
	expect(overtaken).toMatchObject({ kind: 'answer-overtaken' });
	expect(creditOf(ledger)).toEqual({ tendersMinor: 0, leftMinor: 900 });
	answer(ledger, floor.hub, overtaken, 'undo-it');
	expect(creditOf(ledger)).toEqual({ tendersMinor: 100, leftMinor: 800 });
});

test('nothing goes back onto the store credit of somebody who was forgotten meanwhile', () => {
	const floor = creditFloor();
	const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())]);
	floor.hub.does([{ type: 'customer.forgotten', v: 1, customer: ada }], STORE);
	const ledger = floor.ledger();
	const back = { sale: sale.hash, lines: [{ saleLine: 0, quantityMilli: 1000, restock: true }] };
	const tender = { creditOf: ada };
	const line = { id: '1', name: 'Half', quantityMilli: 1000, unit: 'each', unitPriceE4: 5_000, taxRate: 'standard', taxPercentMilli: 0 } as const;
	const cart = { key: 'cart' as IntentKey, lines: [line], changedAtMs: 0 };
	for (const intent of [
		{ intent: 'refund', ...back, tender },
		{ intent: 'exchange', returned: back, cart, tenders: [], back: tender },
	] as const)
		expect(decideAs(ledger, floor.till1, intent)).toEqual({ refused: 'customer-forgotten', customer: ada });
	expect(decideAs(ledger, floor.till1, { intent: 'refund', ...back, tender: 'cash' })).not.toHaveProperty('refused');
});

/** More was sold out of returned goods than had come back. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { corrected, refunded, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';

const found = (ledger: Ledger) => ledger.conflicts().filter(({ kind }) => kind === 'resold-twice');

function resell(till: TestDevice, refund: Entry, units = 1): Entry {
	const sale = sold([['A', units, units * 50]], till.receipt());
	return till.does([{ ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, resaleOf: { refund: refund.hash, line: 0 } })) }]);
}

/** One piece lies with the returned goods. */
function lying(): { readonly floor: Floor; readonly refund: Entry } {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 2);
	floor.meet();
	const refund = floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100, false]], floor.till1.receipt())]);
	floor.meet();
	return { floor, refund };
}

function answer(floor: Floor, choice: string): void {
	floor.meet();
	const [conflict] = found(floor.ledger());
	if (conflict === undefined) throw new Error('nothing to answer');
	const decided = decide(
		floor.ledger(),
		{ intent: 'resolve', conflict: conflict.id, choice },
		{ nextReceipt: { till: 1, number: 1 }, device: floor.till1.id, nowMs: floor.shop.nowMs },
	);
	if (isRefusal(decided)) throw new Error(decided.refused);
	floor.till1.does(decided.branch);
}

test('what lies with the returned goods is sold from there, and no shelf moves', () => {
	const { floor, refund } = lying();
	const book = () => floor.ledger().state.books.returnedGoods.get(`${refund.hash}:0`);
	expect(book()).toMatchObject({ sku: 'A', name: 'Product A', returnedMilli: 1_000, resoldMilli: 0, resales: [] });
	const resale = resell(floor.till2, refund);
	expect(book()).toMatchObject({ resoldMilli: 1_000, resales: [{ entry: resale.hash, quantityMilli: 1_000 }] });
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
	expect(floor.ledger().conflicts()).toEqual([]);
	floor.till2.does([corrected(resale.hash)]);
	expect(book()).toMatchObject({ resoldMilli: 0 });
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
});

test('two tills that sell one piece are found, in any order of arrival', () => {
	const { floor, refund } = lying();
	const sales = [resell(floor.till1, refund), resell(floor.till2, refund)];
	const [conflict] = found(floor.ledger());
	expect(conflict).toMatchObject({ id: { subject: `${refund.hash}:0` }, urgency: 'high', stake: { unitsMilli: 1_000, minor: 50 } });
	expect(conflict?.unsettled.toSorted()).toEqual(sales.map(({ hash }) => hash).sort());
	for (const order of [[...floor.shop.entries].reverse(), [...sales, ...floor.shop.entries]]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of order) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	}
	expect(conflictRows(floor.ledger(), floor.till1.id)[0]).toMatchObject({ title: 'Resold more than came back', about: 'Product A' });
});

test('an answer is one too many when one of the sales is taken back after it', () => {
	const { floor, refund } = lying();
	resell(floor.till1, refund);
	const second = resell(floor.till2, refund);
	answer(floor, 'off-shelf');
	expect(floor.ledger().conflicts()).toEqual([]);
	floor.till2.does([corrected(second.hash)]);
	expect(
		floor
			.ledger()
			.conflicts()
			.map(({ kind }) => kind),
	).toEqual(['answer-overtaken']);
});

test('while the refund is on its way nobody is asked', () => {
	const { floor, refund } = lying();
	resell(floor.till1, refund);
	resell(floor.till2, refund);
	expect(found(floor.ledger(refund))).toEqual([]);
});

test('what it came to beyond the returned goods is taken off the shelf, or more had come back; a third sale opens it again', () => {
	for (const [choice, onHand] of [
		['off-shelf', 7],
		['more-returned', 8],
	] as const) {
		const { floor, refund } = lying();
		resell(floor.till1, refund);
		resell(floor.till2, refund);
		answer(floor, choice);
		expect(found(floor.ledger())).toEqual([]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(onHand);
		const third = resell(floor.till2, refund);
		expect(found(floor.ledger())).toMatchObject([
			{ unsettled: [third.hash], choices: [{ effect: { lines: [{ sku: 'A', quantityMilli: -1_000 }] } }, { effect: { does: 'nothing' } }] },
		]);
	}
});

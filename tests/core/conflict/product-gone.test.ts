/** A product that was sold by a till, and retired by somebody who had not heard of it. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { conflictRows } from '#projections/conflicts.ts';
import { corrected, retired } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;

function apart(): { readonly floor: Floor; readonly sale: Entry; readonly retirement: Entry } {
	const floor = openFloor({ A: 10, B: 10 });
	floor.meet();
	const retirement = floor.hub.does([retired('A')], { scope: 'store' });
	return { floor, retirement, sale: floor.sell(floor.till1, 'A', 2) };
}

const found = (ledger: Ledger) => ledger.conflicts().filter(({ kind }) => kind === 'product-gone');

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
	if (decided.store.length > 0) floor.till1.does(decided.store, { scope: 'store' });
}

test('a sale apart from the retirement is found, in any order of arrival, with what is at stake', () => {
	const { floor, sale, retirement } = apart();
	const [conflict] = found(floor.ledger());
	expect(conflict).toMatchObject({ id: { kind: 'product-gone', subject: 'A' }, urgency: 'low', stake: { unitsMilli: 2_000 } });
	expect(conflict?.members.map(({ hash }) => hash).sort()).toEqual([sale.hash, retirement.hash].sort());
	for (const order of [[...floor.shop.entries].reverse(), [sale, ...floor.shop.entries], [retirement, ...floor.shop.entries]]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of order) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	}
	expect(floor.onHand(floor.ledger(), 'A')).toBe(8);
	expect(conflictRows(floor.ledger(), floor.till1.id)[0]).toMatchObject({ title: 'Sold after it was retired' });
});

test('who had heard of the retirement knew, and who retired it knowing of the sale did too', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till1, 'A');
	floor.meet();
	floor.hub.does([retired('A')], { scope: 'store' });
	floor.meet();
	floor.sell(floor.till1, 'A');
	expect(found(floor.ledger())).toEqual([]);
});

test('another product, and a sale that was taken back, are none', () => {
	const { floor, sale } = apart();
	floor.sell(floor.till2, 'B');
	floor.till1.does([corrected(sale.hash)]);
	expect(found(floor.ledger())).toEqual([]);
});

test('staying retired is an answer; a sale by another till that had not heard opens it again, with only that one new', () => {
	const { floor } = apart();
	const other = floor.sell(floor.till2, 'A');
	const before = floor.ledger(other);
	expect(found(before)).toHaveLength(1);
	floor.till1.hears(...floor.shop.entries.filter((entry) => entry !== other));
	const [conflict] = found(before);
	if (conflict === undefined) throw new Error('nothing to answer');
	const decided = decide(
		before,
		{ intent: 'resolve', conflict: conflict.id, choice: 'stay-retired' },
		{
			...{ nextReceipt: { till: 1, number: 1 }, device: floor.till1.id, nowMs: floor.shop.nowMs },
		},
	);
	if (isRefusal(decided)) throw new Error(decided.refused);
	floor.till1.does(decided.branch);
	expect(found(floor.ledger(other))).toEqual([]);
	expect(found(floor.ledger())).toMatchObject([{ unsettled: [other.hash] }]);
});

test('brought back it is offered again, and nothing is left to answer', () => {
	const { floor } = apart();
	answer(floor, 'bring-back');
	expect(floor.ledger().state.products.get(A)?.retired).toBe(false);
	expect(floor.ledger().conflicts()).toEqual([]);
});

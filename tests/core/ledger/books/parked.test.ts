/** A parked cart is sold once, or a person hears of it. */
import { expect, test } from 'vitest';
import { corrected, resolved, sold } from '../../../support/facts.ts';
import { openFloor } from '../../../support/shop-floor.ts';

test('a parked cart that one till sells is nobody’s conflict', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), parked: 'cart-1' }]);
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.books.parked.get('cart-1')?.sales).toHaveLength(1);
});

test('two sales of one parked cart stand, and are one conflict with both of them, in any order of arrival', () => {
	const floor = openFloor({ A: 10 });
	const a = floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), parked: 'cart-1' }]);
	const b = floor.till2.does([{ ...sold([['A', 1, 100]], floor.till2.receipt()), parked: 'cart-1' }]);
	for (const entries of [floor.shop.entries, [...floor.shop.entries].reverse()]) {
		const ledger = floor.ledger();
		for (const entry of entries) ledger.add([entry]);
		const [conflict, ...others] = ledger.conflicts();
		expect(others).toEqual([]);
		expect(conflict).toMatchObject({ kind: 'parked-sold-twice', unsettled: [a.hash, b.hash], stake: { unitsMilli: 1000, minor: 100 } });
		expect(conflict?.choices.map(({ label }) => label)).toEqual(['Both real', 'Compensate one']);
	}
});

test('an answer closes it, and a third sale opens it again with only that one new', () => {
	const floor = openFloor({ A: 10 });
	const [a, b] = [floor.till1, floor.till2].map((till) => till.does([{ ...sold([['A', 1, 100]], till.receipt()), parked: 'cart-1' }]));
	const [conflict] = floor.ledger().conflicts();
	if (a === undefined || b === undefined || conflict === undefined) throw new Error('no conflict');
	floor.till1.hears(b);
	floor.till1.does([resolved(conflict.id, conflict.unsettled, 'both-real')]);
	expect(floor.ledger().conflicts()).toEqual([]);
	const c = floor.till2.does([{ ...sold([['A', 1, 100]], floor.till2.receipt()), parked: 'cart-1' }]);
	expect(floor.ledger().conflicts()).toMatchObject([{ kind: 'parked-sold-twice', unsettled: [c.hash] }]);
});

test('one that was taken back is no second sale', () => {
	const floor = openFloor({ A: 10 });
	const [, b] = [floor.till1, floor.till2].map((till) => till.does([{ ...sold([['A', 1, 100]], till.receipt()), parked: 'cart-1' }]));
	if (b === undefined) throw new Error('no sale');
	floor.till2.does([corrected(b.hash)]);
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.books.parked.get('cart-1')?.sales).toHaveLength(1);
});

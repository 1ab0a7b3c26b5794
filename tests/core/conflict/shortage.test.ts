/** `oversold` and `sold-below-zero`: the last unit, sold twice. */
import type { Conflict } from '#core/conflict/conflict.ts';
import { decide } from '#core/decide.ts';
import { isRefusal, type Decision } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjusted, counted, created, received, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { playSteps, steps } from '../../support/random-shop.ts';
import { hashes, openFloor, type Floor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;

function only(ledger: Ledger): Conflict {
	const conflicts = ledger.conflicts();
	expect(conflicts.map(({ kind }) => kind)).toHaveLength(1);
	return conflicts[0] as Conflict;
}

function answer(floor: Floor, ledger: Ledger, device: TestDevice, conflict: Conflict, choice: string, value?: string): Decision {
	const decision = decide(
		ledger,
		{ intent: 'resolve', conflict: conflict.id, choice, ...(value === undefined ? {} : { value }) },
		{ device: device.id, nextReceipt: device.receipt(), nowMs: 1_900_000_000_000 },
	);
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	return decision;
}

test('two tills apart sell the last one: both sales stand and one item names both', () => {
	const floor = openFloor({ A: 1 });
	const first = floor.sell(floor.till1, 'A');
	const second = floor.sell(floor.till2, 'A');
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(-1);
	const conflict = only(ledger);
	expect(conflict).toMatchObject({
		kind: 'oversold',
		id: { kind: 'oversold', subject: 'A', branch: floor.shop.branch },
		stake: { unitsMilli: 1000, minor: 100 },
	});
	expect(conflict.members.map(({ hash }) => hash)).toEqual(hashes([first, second]));
	expect(conflict.members.map(({ hadNotSeen }) => hadNotSeen)).toEqual([[second.hash], [first.hash]]);
	expect(conflict.detail).toMatchObject({
		onHandMilli: -1000,
		missingMilli: 1000,
		shorts: [{ entry: second.hash, takenMilli: 1000, afterMilli: -1000, believedMilli: 0 }],
	});
	expect(conflict.choices.map(({ label }) => label)).toEqual(['Found more', 'Customer waits or is refunded', 'Count it']);
});

test('a till that knew the shelf was empty sold below zero, and nobody is surprised', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.meet();
	const second = floor.sell(floor.till2, 'A');
	const conflict = only(floor.ledger());
	expect(conflict).toMatchObject({ kind: 'sold-below-zero', urgency: 'low' });
	expect(conflict.members.map(({ hash }) => hash)).toEqual([second.hash]);
	expect(conflict.detail).toMatchObject({ shorts: [{ believedMilli: -1000 }] });
});

test('what was never received nor counted cannot run out', () => {
	const floor = openFloor({ A: 1 });
	floor.hub.does([created('NEW')], { scope: 'store' });
	floor.meet();
	floor.sell(floor.till1, 'NEW');
	expect(floor.ledger().conflicts()).toEqual([]);
});

test('a product whose stock is not tracked cannot run out', () => {
	const floor = openFloor({ A: 1 });
	floor.hub.does([created('BAG', { tracked: false })], { scope: 'store' });
	floor.hub.does([received('BAG', 1)]);
	floor.meet();
	floor.sell(floor.till1, 'BAG', 5);
	expect(floor.ledger().conflicts()).toEqual([]);
});

test('a delivery that arrives late but was there first ends the conflict by itself', () => {
	const floor = openFloor({ A: 1 });
	const delivery = floor.hub.does([received('A', 5)]);
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	const ledger = floor.ledger(delivery);
	expect(only(ledger).kind).toBe('oversold');
	ledger.add([delivery]);
	expect(ledger.conflicts()).toEqual([]);
});

test('a delivery afterwards does not: somebody sold what was not there, and a person says what happened', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	floor.meet();
	floor.hub.does([received('A', 5)]);
	const conflict = only(floor.ledger());
	expect(conflict.detail).toMatchObject({ onHandMilli: 4000, missingMilli: 0 });
	expect(conflict.choices[0]).toMatchObject({ id: 'found-more', effect: { does: 'adjust', quantityMilli: 0 } });
});

test('"Found more" brings stock to zero on both tills and closes the item on both', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A', 3);
	floor.meet();
	const ledger = floor.ledger();
	const { branch, store } = answer(floor, ledger, floor.till1, only(ledger), 'found-more');
	expect(store).toEqual([]);
	expect(branch).toMatchObject([
		{ type: 'conflict.resolved', choice: 'found-more' },
		{ type: 'stock.adjusted', lines: [{ sku: 'A', quantityMilli: 3000 }], reason: 'found' },
	]);
	ledger.add([floor.till1.does(branch)]);
	expect(ledger.conflicts()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(0);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(0);
});

test('"Customer waits or is refunded" owes the last to sell, at what was paid, and stock stays as it is', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	const second = floor.till2.does([sold([['A', 3, 100]], floor.till2.receipt())]);
	const ledger = floor.ledger();
	const { branch } = answer(floor, ledger, floor.till2, only(ledger), 'customer-waits');
	expect(branch).toMatchObject([
		{ type: 'conflict.resolved' },
		{ type: 'refund.owed', sale: second.hash, sku: 'A', quantityMilli: 3000, amountMinor: 100 },
	]);
	floor.meet();
	ledger.add([floor.till2.does(branch)]);
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.owed).toMatchObject([{ sale: second.hash, quantityMilli: 3000, amountMinor: 100 }]);
	expect(floor.onHand(ledger, 'A')).toBe(-3);
});

test('where prices are without tax, what is owed is with it, and by the piece', () => {
	const floor = openFloor({ A: 1 });
	const sale = sold([['A', 3, 300]], floor.till1.receipt());
	const tender = { type: 'cash', amountMinor: 360, givenMinor: 360, changeMinor: 0 };
	const lines = sale.lines.map((line) => ({ ...line, taxMinor: 60 }));
	floor.till1.does([{ ...sale, taxExcluded: true, lines, totalMinor: 360, tenders: [tender] }]);
	const ledger = floor.ledger();
	expect(only(ledger)).toMatchObject({ stake: { minor: 240 } });
	const { branch } = answer(floor, ledger, floor.till1, only(ledger), 'customer-waits');
	expect(branch).toMatchObject([{ type: 'conflict.resolved' }, { type: 'refund.owed', quantityMilli: 2000, amountMinor: 240 }]);
});

test('"Count it" is answered by the count itself', () => {
	const floor = openFloor({ A: 1, B: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	floor.sell(floor.till1, 'B');
	floor.sell(floor.till2, 'B');
	floor.meet();
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toHaveLength(2);
	const decision = decide(
		ledger,
		{ intent: 'count', lines: [{ sku: A, quantityMilli: 2000, asOf: floor.till1.asOf() }] },
		{ device: floor.till1.id, nextReceipt: floor.till1.receipt(), nowMs: 1_900_000_000_000 },
	);
	if (isRefusal(decision)) throw new Error(decision.refused);
	ledger.add([floor.till1.does(decision.branch)]);
	expect(ledger.conflicts().map(({ id }) => id.subject)).toEqual(['B']);
	expect(floor.onHand(ledger, 'A')).toBe(2);
});

test('a later sale of the same absence opens it again, with only that one not settled', () => {
	const floor = openFloor({ A: 1 });
	const till3 = floor.shop.device('Till 3', { till: 3 });
	till3.hears(...floor.shop.entries);
	const first = floor.sell(floor.till1, 'A');
	const second = floor.sell(floor.till2, 'A');
	const late = floor.sell(till3, 'A');
	const ledger = floor.ledger(late);
	floor.till1.hears(second);
	ledger.add([floor.till1.does(answer(floor, ledger, floor.till1, only(ledger), 'found-more').branch)]);
	expect(ledger.conflicts()).toEqual([]);
	ledger.add([late]);
	const again = only(ledger);
	expect(again.unsettled).toEqual([late.hash]);
	expect(again.members.map(({ hash, settledBy }) => [hash, settledBy !== undefined])).toEqual([
		[first.hash, true],
		[second.hash, true],
		[late.hash, false],
	]);
});

test('two people apart answer "Found more": the first in ledger order counts once', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	floor.meet();
	const ledger = floor.ledger();
	const conflict = only(ledger);
	const one = floor.till1.does(answer(floor, ledger, floor.till1, conflict, 'found-more').branch);
	const two = floor.till2.does(answer(floor, ledger, floor.till2, conflict, 'found-more').branch);
	ledger.add([two]);
	ledger.add([one]);
	expect(floor.onHand(ledger, 'A')).toBe(0);
	expect(ledger.state.stock.get(A)?.movements.filter(({ kind, counts }) => kind === 'adjusted' && counts)).toHaveLength(1);
	expect(ledger.conflicts()).toEqual([]);
});

test('writing off more than is there is a shortage like a sale', () => {
	const floor = openFloor({ A: 1 });
	const gone = floor.till1.does([adjusted('A', -3)]);
	expect(only(floor.ledger())).toMatchObject({ kind: 'sold-below-zero', unsettled: [gone.hash] });
});

test('a sale that a count has absorbed is not to blame for what was sold after it', () => {
	const floor = openFloor({ A: 1 });
	const absorbed = floor.sell(floor.till1, 'A');
	floor.till2.hears(absorbed);
	floor.hub.hears(absorbed);
	floor.hub.does([counted('A', 1, floor.hub.asOf())]);
	const first = floor.sell(floor.till1, 'A');
	const second = floor.sell(floor.till2, 'A');
	const conflict = floor
		.ledger()
		.conflicts()
		.find(({ unsettled }) => unsettled.includes(second.hash));
	expect(conflict?.members.map(({ hash }) => hash)).not.toContain(absorbed.hash);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(-1);
	expect(first.hash).toBeDefined();
});

test('what a till believed is what its own entries and those it had seen fold to', () => {
	fc.assert(
		fc.property(steps, (list) => {
			// Without what is judged by the whole roster or by later answers: those are not in anybody's past.
			const { shop, entries } = playSteps(list.filter(([what]) => what < 56 || (what >= 63 && what < 68)));
			const whole = createLedger({ store: shop.store, branch: shop.branch });
			whole.add(entries);
			for (const conflict of whole.conflicts()) {
				if (conflict.detail.kind !== 'oversold' && conflict.detail.kind !== 'sold-below-zero') continue;
				for (const short of conflict.detail.shorts) {
					const past = createLedger({ store: shop.store, branch: shop.branch });
					past.add(entries.filter(({ hash }) => hash === short.entry || whole.hasSeen(short.entry, hash)));
					expect(past.state.stock.get(conflict.detail.sku)?.onHandMilli).toBe(short.believedMilli);
				}
			}
		}),
		{ numRuns: 300 },
	);
});

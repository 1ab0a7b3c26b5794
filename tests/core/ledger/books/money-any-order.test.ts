/** Books, their conflicts and the tills' numbers are the same in any order of arrival: invariant 1 of `books/book.ts`, over shops that go wrong. */
import { createLedger } from '#core/ledger/ledger.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { everythingOf } from '../../../support/ledger-snapshot.ts';
import { shuffled } from '../../../support/shuffled.ts';
import { moneySteps, playMoney } from './random-money.ts';

const found = new Map<string, number>();
const MOST_MISSING = 6;

test('one by one in any order, looked at after every entry or only at the end, is all at once, with whatever is still on its way', () => {
	fc.assert(
		fc.property(moneySteps, fc.nat(1_000_000), fc.nat(MOST_MISSING), (steps, seed, missing) => {
			const shop = playMoney(steps);
			const deps = { store: shop.store, branch: shop.branch };
			const here = shuffled(shop.entries, seed).slice(missing);
			const whole = createLedger(deps);
			whole.add(here);
			const ledger = createLedger(deps);
			for (const entry of here) {
				ledger.add([entry]);
				if (seed % 2 === 0) ledger.conflicts();
				if (seed % 3 === 0) ledger.state.books.zs.values();
			}
			for (const { kind } of whole.conflicts()) found.set(kind, (found.get(kind) ?? 0) + 1);
			expect(everythingOf(ledger)).toEqual(everythingOf(whole));
		}),
		{ numRuns: 300 },
	);
});

afterAll(() => {
	for (const kind of ['drawer-difference', 'late-after-z', 'credit-overspent', 'customer-duplicated', 'till-number-shared'])
		expect(found.get(kind) ?? 0, `${kind} in ${JSON.stringify([...found])}`).toBeGreaterThan(0);
});

/** Invariants 1 and 2 of `core/ledger/ledger.ts`, over what shops do less often than selling. */
import { createLedger } from '#core/ledger/ledger.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { everythingOf } from '../../support/ledger-snapshot.ts';
import { shuffled } from '../../support/shuffled.ts';
import { houseSteps, playHouse } from './random-house.ts';

const MOST_MISSING = 6;
const found = new Map<string, number>();

test('one by one in any order, looked at after every entry or only at the end, is all at once, with whatever is still on its way', () => {
	fc.assert(
		fc.property(houseSteps, fc.nat(1_000_000), fc.nat(MOST_MISSING), (steps, seed, missing) => {
			const { shop, deps } = playHouse(steps);
			const here = shuffled(shop.entries, seed).slice(missing);
			const whole = createLedger(deps);
			whole.add(here);
			const ledger = createLedger(deps);
			for (const entry of here) {
				ledger.add([entry]);
				if (seed % 2 === 0) ledger.conflicts();
			}
			for (const { kind } of whole.conflicts()) found.set(kind, (found.get(kind) ?? 0) + 1);
			expect(everythingOf(ledger)).toEqual(everythingOf(whole));
		}),
		{ numRuns: 300 },
	);
});

afterAll(() => {
	for (const kind of ['not-allowed', 'right-withdrawn', 'count-overlap', 'product-edited', 'product-gone', 'chain-forked'])
		expect(found.get(kind) ?? 0, `${kind} in ${JSON.stringify([...found])}`).toBeGreaterThan(0);
});

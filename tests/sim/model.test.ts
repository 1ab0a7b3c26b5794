/** The model and the fold say the same of histories that no shop should have; neither has read the other. */
import { createLedger } from '#core/ledger/ledger.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS } from '#schemas/rights.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playSteps, steps, type Step } from '../support/random-shop.ts';
import { compareWithModel } from './invariants.ts';

const RUNS = 150;

test('whatever people, copies and forgers wrote, fold and model agree', () => {
	fc.assert(
		fc.property(steps, (list) => {
			expect(differenceOf(list)).toBeUndefined();
		}),
		{ numRuns: RUNS, seed: 7 },
	);
});

test('a fold that forgets one sale does not agree', () => {
	const sales: readonly Step[] = [0, 1, 2, 3].map((who) => [0, who, who, who] as const);
	expect(differenceOf(sales)).toBeUndefined();
	expect(differenceOf(sales, 'without the last')).toContain('onHandMilli');
});

/**
 * In words, where the two differ. Revocations that revoke each other, and a device that is let in twice with other rights, are the roster's matter, which the
 * model takes plainly: such histories are left out.
 */
function differenceOf(list: readonly Step[], lie?: 'without the last'): string | undefined {
	const { shop, entries } = playSteps(list);
	const facts = entries.flatMap((entry) => entry.facts);
	const letIn = facts.flatMap((fact) => (fact.type === 'device.enrolled' && 'device' in fact ? [fact.device] : []));
	if (facts.some(({ type }) => type === 'device.revoked') || new Set(letIn).size < letIn.length) return undefined;
	const ledger = createLedger({ store: shop.store, branch: shop.branch });
	ledger.add(lie === undefined ? entries : entries.slice(0, -1));
	const hub = entries[0]?.header.device;
	return compareWithModel(ledger, entries, {
		branch: shop.branch,
		rightsOf: (device) => (device === hub ? HUB_RIGHTS : MANAGER_RIGHTS),
		isHub: (device) => device === hub,
	});
}

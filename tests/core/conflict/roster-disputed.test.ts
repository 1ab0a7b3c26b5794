/** `roster-disputed`: devices that removed each other, and what an owner makes of it. Any order of arrival. */
import type { Conflict } from '#core/conflict/conflict.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { resolved } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { shuffled } from '../../support/shuffled.ts';
import { answer, conflictsInAnyOrder, decideAs, ledgerOf } from '../../support/till-day.ts';

function revocation(of: TestDevice): object {
	return { type: 'device.revoked', v: 1, device: of.id, marks: [], reason: 'stolen' };
}

function feud(): { readonly floor: Floor; readonly first: Entry; readonly second: Entry; readonly sale: Entry } {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A');
	const first = floor.till1.does([revocation(floor.till2)], { scope: 'store' });
	const second = floor.till2.does([revocation(floor.till1)], { scope: 'store' });
	return { floor, first, second, sale };
}

function disputeIn(ledger: Ledger): Conflict {
	const found = ledger.conflicts().find(({ kind }) => kind === 'roster-disputed');
	if (found === undefined) throw new Error('no dispute');
	return found;
}

const standings = (ledger: Ledger, floor: Floor): readonly (string | undefined)[] =>
	[floor.till1, floor.till2].map(({ id }) => ledger.state.devices.get(id)?.standing);

test('two tills that removed each other are one item; what else they wrote beyond is put aside, their removals are asked about here', () => {
	const { floor, first, second, sale } = feud();
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{ kind: 'not-allowed', unsettled: [sale.hash] },
		{
			id: { kind: 'roster-disputed', subject: [floor.till1.id.slice(0, 16), floor.till2.id.slice(0, 16)].sort().join(':') },
			unsettled: [first.hash, second.hash],
			choices: [{ label: 'Keep this one' }, { label: 'Keep this one' }, { id: 'keep-all' }],
		},
	]);
});

test('a ring of three is one item, too', () => {
	const floor = openFloor({ A: 10 });
	const till3 = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([till3.enrolment()], { scope: 'store' });
	const ring = [
		floor.till1.does([revocation(floor.till2)], { scope: 'store' }),
		floor.till2.does([revocation(till3)], { scope: 'store' }),
		till3.does([revocation(floor.till1)], { scope: 'store' }),
	];
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'roster-disputed', unsettled: ring.map(({ hash }) => hash) }]);
});

test('the hub keeps one: what was written against it has no effect, and its word against the other holds', () => {
	const { floor, sale } = feud();
	floor.hub.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	expect(decideAs(ledger, floor.till1, { intent: 'resolve', conflict: disputeIn(ledger).id, choice: 'keep-all' })).toMatchObject({
		refused: 'not-allowed',
	});
	answer(ledger, floor.hub, disputeIn(ledger), `keep:${floor.till1.id.slice(0, 16)}`);
	expect(standings(ledger, floor)).toEqual(['active', 'revoked']);
	expect(ledger.statusOf(sale.hash)).toBe('counts');
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('the hub keeps both: neither removal holds', () => {
	const { floor } = feud();
	floor.hub.hears(...floor.shop.entries);
	const ledger = ledgerOf(floor.shop);
	answer(ledger, floor.hub, disputeIn(ledger), 'keep-all');
	expect(standings(ledger, floor)).toEqual(['active', 'active']);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('a till answers nothing here, and a removal that comes later opens it again with that alone', () => {
	const { floor, first, second } = feud();
	const conflict = disputeIn(ledgerOf(floor.shop));
	const till3 = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([till3.enrolment()], { scope: 'store' });
	till3.hears(...floor.shop.entries);
	till3.does([resolved(conflict.id, [first.hash, second.hash], 'keep-all')], { scope: 'store' });
	expect(standings(ledgerOf(floor.shop), floor)).toEqual(['suspended', 'suspended']);
	expect(conflictsInAnyOrder(floor.shop).find(({ kind }) => kind === 'roster-disputed')?.unsettled).toEqual([first.hash, second.hash]);
	floor.hub.does([resolved(conflict.id, [first.hash, second.hash], 'keep-all')], { scope: 'store' });
	expect(standings(ledgerOf(floor.shop), floor)).toEqual(['active', 'active']);
	floor.till1.does([revocation(floor.till2)], { scope: 'store' });
	const third = floor.till2.does([revocation(floor.till1)], { scope: 'store' });
	const again = conflictsInAnyOrder(floor.shop).find(({ kind }) => kind === 'roster-disputed');
	expect(again?.unsettled).toContain(third.hash);
	expect(again?.unsettled).not.toContain(first.hash);
});

test('in a hundred orders of arrival the roster is the same', () => {
	const { floor } = feud();
	floor.hub.hears(...floor.shop.entries);
	answer(ledgerOf(floor.shop), floor.hub, disputeIn(ledgerOf(floor.shop)), `keep:${floor.till2.id.slice(0, 16)}`);
	floor.till2.hears(...floor.shop.entries);
	const goods = floor.sell(floor.till2, 'A');
	for (let seed = 0; seed < 100; seed += 1) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of shuffled(floor.shop.entries, seed)) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		expect(standings(ledger, floor)).toEqual(['revoked', 'active']);
		expect(ledger.statusOf(goods.hash)).toBe('counts');
	}
});

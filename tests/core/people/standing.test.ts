/** In which role a person stood, seen through the ledger: the numbered invariants of `core/people/standing.ts`. */
import { isRefusal, type Intent, type Refusal } from '#core/intent.ts';
import { decide } from '#core/decide.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { Entry } from '#schemas/entry.ts';
import type { PersonId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { adjusted, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { conflictsInAnyOrder } from '../../support/till-day.ts';

const person = (name: string, role: PersonRole) => ({ type: 'person.added', v: 1, person: name, name, role, pin: null });
const changed = (name: string, role: PersonRole) => ({ type: 'person.changed', v: 1, person: name, name, role, replaces: [] });
const disabled = (name: string) => ({ type: 'person.disabled', v: 1, person: name, disabled: true });
const approval = (by: string) => ({ type: 'approval.given', v: 1, approvedBy: by, acts: ['adjust'] });

/** An owner, a manager and a cashier, whom every till knows. */
function staffed(): Floor {
	const floor = openFloor({ A: 10 });
	floor.hub.does([person('olga', 'owner'), person('mia', 'manager'), person('cas', 'cashier')], { scope: 'store' });
	floor.meet();
	return floor;
}

function cheap(till: TestDevice, by: string, offMinor: number, approvedBy?: string): Entry {
	const fact = sold([['A', 1, 100]], till.receipt());
	const [line] = fact.lines;
	if (line === undefined) throw new Error('a sale without a line');
	const totalMinor = 100 - offMinor;
	const discount = { of: 'line', amountMinor: offMinor, ...(approvedBy === undefined ? {} : { approvedBy }) } as const;
	const taxMinor = Math.round((totalMinor * line.taxPercentMilli) / (100_000 + line.taxPercentMilli));
	return till.does(
		[
			{
				...fact,
				v: 2,
				totalMinor,
				lines: [{ ...line, unitPriceE4: 10_000, totalMinor, taxMinor, discounts: [discount] }],
				tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }],
			},
		],
		{ by },
	);
}

const isOut = (ledger: Ledger, entry: Entry): boolean => ledger.statusOf(entry.hash) === 'quarantined';

test('a cashier’s own stock adjustment is quarantined everywhere, with the name in the reason; a manager’s counts', () => {
	const floor = staffed();
	const own = floor.till1.does([adjusted('A', -2)], { by: 'cas' });
	const managers = floor.till1.does([adjusted('A', -3)], { by: 'mia' });
	const ledger = floor.ledger();
	expect([isOut(ledger, own), isOut(ledger, managers)]).toEqual([true, false]);
	expect(floor.onHand(ledger, 'A')).toBe(7);
	expect(ledger.quarantined()).toMatchObject([{ reason: 'no-right', words: expect.stringContaining('cas (cashier)') as string }]);
	conflictsInAnyOrder(floor.shop);
});

test('approved by a manager it counts; approved by another cashier it does not', () => {
	const floor = staffed();
	floor.hub.does([person('cleo', 'cashier')], { scope: 'store' });
	floor.meet();
	const approved = floor.till1.does([adjusted('A', -2), approval('mia')], { by: 'cas' });
	const not = floor.till1.does([adjusted('A', -2), approval('cleo')], { by: 'cas' });
	const ledger = floor.ledger();
	expect([isOut(ledger, approved), isOut(ledger, not)]).toEqual([false, true]);
});

test('a discount within the limit is nobody’s matter, beyond it somebody’s who may', () => {
	const floor = staffed();
	const [small, large, said] = [cheap(floor.till1, 'cas', 5), cheap(floor.till1, 'cas', 30), cheap(floor.till1, 'cas', 30, 'mia')];
	const ledger = floor.ledger();
	expect([small, large, said].map((entry) => isOut(ledger, entry))).toEqual([false, true, false]);
});

test('a plain sale is judged by nobody, whoever made it; and what the device did itself is judged by its rights', () => {
	const floor = staffed();
	floor.hub.does([disabled('cas')], { scope: 'store' });
	floor.meet();
	const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { by: 'cas' });
	const older = floor.till1.does([adjusted('A', 1)]); // As a till of the time before people would go on writing.
	const ledger = floor.ledger();
	expect([sale, older].map((entry) => isOut(ledger, entry))).toEqual([false, false]);
	expect(ledger.conflicts()).toEqual([]);
});

test('4: of who works here nobody’s word counts once the till had heard of people; a hub’s does, and a till’s that had not heard', () => {
	const floor = openFloor({ A: 1 });
	const first = floor.till1.does([person('olga', 'owner'), person('mia', 'manager')], { scope: 'store' });
	const unheard = floor.till2.does([person('nia', 'cashier')], { scope: 'store' });
	floor.meet();
	const coup = floor.till1.does([changed('mia', 'owner')], { scope: 'store' });
	const wayBack = floor.till1.does([{ type: 'person.pinReset', v: 1, person: 'olga', pin: '$argon2id$x' }], { scope: 'store' });
	const hubs = floor.hub.does([person('tom', 'cashier')], { scope: 'store' });
	const ledger = floor.ledger();
	expect([first, unheard, coup, wayBack, hubs].map((entry) => isOut(ledger, entry))).toEqual([false, false, true, false, false]);
	conflictsInAnyOrder(floor.shop);
});

test('1: nobody promotes themselves, and what follows from it does not count either', () => {
	const floor = staffed();
	const coup = floor.till1.does([changed('cas', 'owner')], { scope: 'store', by: 'cas' });
	const spoils = floor.till1.does([adjusted('A', -5)], { by: 'cas' });
	const byManager = floor.till2.does([changed('mia', 'owner')], { scope: 'store', by: 'mia' });
	const ledger = floor.ledger();
	expect([coup, spoils, byManager].map((entry) => isOut(ledger, entry))).toEqual([true, true, true]);
	expect(['cas', 'mia', 'olga'].map((one) => ledger.roleOf(one as PersonId))).toEqual(['cashier', 'manager', 'owner']);
	conflictsInAnyOrder(floor.shop);
});

test('2: a promotion by somebody who may holds for whoever has heard of it', () => {
	const floor = staffed();
	const before = floor.till1.does([adjusted('A', -1)], { by: 'cas' });
	const promotion = floor.hub.does([changed('cas', 'supervisor')], { scope: 'store', by: 'olga' });
	const apart = floor.till2.does([adjusted('A', -1)], { by: 'cas' });
	floor.meet();
	const after = floor.till1.does([adjusted('A', -1)], { by: 'cas' });
	const ledger = floor.ledger();
	expect([promotion, before, apart, after].map((entry) => isOut(ledger, entry))).toEqual([false, true, true, false]);
});

test('3: what names a person nobody here has heard of counts, until the entry that added them says otherwise', () => {
	const floor = staffed();
	const added = floor.hub.does([person('nia', 'cashier')], { scope: 'store' });
	floor.meet();
	const entry = floor.till1.does([adjusted('A', -1)], { by: 'nia' });
	const ledger = floor.ledger(added);
	expect(isOut(ledger, entry)).toBe(false);
	ledger.add([added]);
	expect(isOut(ledger, entry)).toBe(true);
});

test('6: a role that was taken away without the author having heard counts, and is shown', () => {
	const floor = staffed();
	const taken = floor.hub.does([changed('mia', 'cashier')], { scope: 'store', by: 'olga' });
	const entry = floor.till1.does([adjusted('A', -1)], { by: 'mia' });
	const ledger = floor.ledger();
	expect(isOut(ledger, entry)).toBe(false);
	expect(ledger.conflicts()).toMatchObject([{ id: { kind: 'right-withdrawn', subject: floor.till1.id }, detail: { by: [taken.hash] } }]);
	conflictsInAnyOrder(floor.shop);
});

test('the decision asks first: refused with the role that suffices, and named in the entry once somebody approved', () => {
	const floor = staffed();
	const ledger = floor.ledger();
	const ask = (intent: Intent, by?: string, approvedBy?: string) =>
		decide(ledger, intent, {
			...{ device: floor.till1.id, nextReceipt: floor.till1.receipt(), nowMs: 0 },
			...(by === undefined ? {} : { by: by as PersonId }),
			...(approvedBy === undefined ? {} : { approvedBy: approvedBy as PersonId }),
		});
	const waste: Intent = { intent: 'adjust', lines: [{ sku: 'A' as never, quantityMilli: -1000 }], reason: 'waste' };
	expect(ask(waste, 'cas')).toEqual({ refused: 'needs-approval', act: 'adjust', role: 'supervisor' });
	expect(ask(waste, 'cas', 'cas')).toMatchObject({ refused: 'needs-approval' });
	expect(ask(waste, 'cas', 'mia')).toMatchObject({
		branch: [{ type: 'stock.adjusted' }, { type: 'approval.given', approvedBy: 'mia', acts: ['adjust'] }],
	});
	expect(ask(waste, 'mia')).toMatchObject({ branch: [{ type: 'stock.adjusted' }] });
	expect(ask(waste)).toMatchObject({ branch: [{ type: 'stock.adjusted' }] });
	expect(ask({ intent: 'disable-person', person: 'olga' as PersonId, disabled: true }, 'mia')).toMatchObject({ refused: 'last-owner' });
	expect(ask({ intent: 'reset-pin', person: 'olga' as PersonId, pin: null }, 'mia')).toEqual({
		refused: 'needs-approval',
		act: 'people',
		role: 'owner',
	});
	// What was decided with an approval is what every peer lets count.
	const decision = ask(waste, 'cas', 'mia');
	if (isRefusal(decision)) throw new Error(decision.refused satisfies Refusal['refused']);
	expect(isOut(floor.ledger(), floor.till1.does(decision.branch, { by: 'cas' }))).toBe(false);
});

test('the first person is an owner with a PIN', () => {
	const floor = openFloor({ A: 1 });
	const ask = (role: PersonRole, pin: string | null) =>
		decide(
			floor.ledger(),
			{ intent: 'add-person', person: 'olga' as PersonId, name: 'Olga', role, pin },
			{ device: floor.till1.id, nextReceipt: floor.till1.receipt(), nowMs: 0 },
		);
	expect(ask('cashier', '$argon2id$x')).toEqual({ refused: 'first-is-owner' });
	expect(ask('owner', null)).toEqual({ refused: 'first-is-owner' });
	expect(ask('owner', '$argon2id$x')).toMatchObject({ store: [{ type: 'person.added', role: 'owner' }] });
});

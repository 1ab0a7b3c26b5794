/** `till-number-shared`: two devices with one till number; and the numbers of `core/roster/till-numbers.ts`. */
import { freeTillNumber } from '#core/roster/till-numbers.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import { expect, test } from 'vitest';
import { createTestShop } from '../../support/ledger-builder.ts';
import { answer, conflictsInAnyOrder, decideAs, ledgerOf } from '../../support/till-day.ts';

const STORE = { scope: 'store' } as const;

/** Two hubs enrol a till each, apart, and give both the number 3. */
function sharedNumber() {
	const shop = createTestShop();
	const [east, west] = [shop.device('East hub', { role: 'hub', till: 1 }), shop.device('West hub', { role: 'hub', till: 2 })] as const;
	const [a, b] = [shop.device('Till A', { till: 3 }), shop.device('Till B', { till: 3 })] as const;
	east.does([east.enrolment(), west.enrolment()], STORE);
	const [first, second] = [east.does([a.enrolment()], STORE), west.does([b.enrolment()], STORE)];
	return { shop, east, west, a, b, first, second };
}

test('two tills that were given one number are one item of the store, in any order of arrival; the later prints a letter after it', () => {
	const { shop, a, b, first, second } = sharedNumber();
	const [conflict, ...others] = conflictsInAnyOrder(shop);
	expect(others).toEqual([]);
	expect(conflict).toMatchObject({
		...{ kind: 'till-number-shared', id: { subject: `${shop.branch}:3` }, unsettled: [first.hash, second.hash], urgency: 'high' },
		detail: {
			till: 3,
			devices: [
				{ device: a.id, suffix: undefined },
				{ device: b.id, suffix: 'B' },
			],
		},
	});
	expect(conflict?.id).not.toHaveProperty('branch');
	for (const entries of [shop.entries, [...shop.entries].reverse()]) {
		const { devices } = ledgerOf(shop, entries).state;
		expect([a, b].map(({ id }) => devices.get(id))).toMatchObject([
			{ till: 3, suffix: undefined },
			{ till: 3, suffix: 'B' },
		]);
	}
});

test('tills with numbers of their own are nobody’s conflict, nor are hubs', () => {
	const shop = createTestShop();
	const hubs = [shop.device('a', { role: 'hub' }), shop.device('b', { role: 'hub' })];
	const tills = [1, 2].map((till) => shop.device(`till ${till}`, { till }));
	hubs[0]?.does(
		[...hubs, ...tills].map((device) => device.enrolment()),
		STORE,
	);
	expect(conflictsInAnyOrder(shop)).toEqual([]);
});

test('“Rename” gives the later one a number that no device ever had; its letter goes, and the other keeps its own', () => {
	const { shop, east, a, b } = sharedNumber();
	const ledger = ledgerOf(shop);
	const [entry] = answer(ledger, east, ledger.conflicts()[0], 'rename');
	expect(entry?.facts).toMatchObject([{ type: 'conflict.resolved' }, { type: 'device.renamed', device: b.id, till: 4 }]);
	expect(ledger.conflicts()).toEqual([]);
	expect(conflictsInAnyOrder(shop)).toEqual([]);
	expect([a, b].map(({ id }) => ledger.state.devices.get(id))).toMatchObject([
		{ till: 3, suffix: undefined, tillsEver: [3] },
		{ till: 4, suffix: undefined, tillsEver: [3, 4] },
	]);
	expect(freeTillNumber(ledger.state.devices)).toBe(5);
});

test('whoever leaves a number frees nothing: the other goes on with its letter, for the bare numbers are on receipts', () => {
	const { shop, east, a, b } = sharedNumber();
	east.does([{ type: 'device.renamed', v: 1, device: a.id, till: 7 }], STORE);
	expect(conflictsInAnyOrder(shop)).toEqual([]);
	expect(ledgerOf(shop).state.devices.get(b.id)).toMatchObject({ till: 3, suffix: 'B' });
});

test('a third till with the number opens it again, with only that one', () => {
	const { shop, east, west, b } = sharedNumber();
	const ledger = ledgerOf(shop);
	answer(ledger, east, ledger.conflicts()[0], 'rename');
	const c = shop.device('Till C', { till: 3 });
	const third = west.does([c.enrolment()], STORE);
	ledger.add([third]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [third.hash], choices: [{ effect: { devices: [c.id] } }] }]);
	expect(ledger.state.devices.get(c.id)?.suffix).toBe('C');
	expect(ledger.state.devices.get(b.id)?.suffix).toBeUndefined();
});

test('two managers apart who give two tills the same new number are asked again', () => {
	const { shop, east, west, a, b } = sharedNumber();
	east.does([{ type: 'device.renamed', v: 1, device: a.id, till: 5 }], STORE);
	west.does([{ type: 'device.renamed', v: 1, device: b.id, till: 5 }], STORE);
	expect(conflictsInAnyOrder(shop)).toMatchObject([{ id: { subject: `${shop.branch}:5` } }]);
});

test('a new number is refused when any device ever had it; a name is anybody’s', () => {
	const { shop, east, a, b } = sharedNumber();
	const ledger = ledgerOf(shop);
	answer(ledger, east, ledger.conflicts()[0], 'rename');
	const asked = (intent: Intent): unknown => {
		const decision = decideAs(ledger, east, intent);
		return isRefusal(decision) ? decision.refused : decision.store;
	};
	expect(asked({ intent: 'rename-device', device: a.id, till: 4 })).toBe('till-number-taken');
	expect(asked({ intent: 'rename-device', device: a.id, name: ' Till A ' })).toBe('nothing-changed');
	expect(asked({ intent: 'rename-device', device: east.id, till: 8 })).toBe('no-such-device');
	expect(asked({ intent: 'rename-device', device: b.id, name: 'Window', till: 8 })).toEqual([
		{ type: 'device.renamed', v: 1, device: b.id, name: 'Window', till: 8 },
	]);
	ledger.add([east.does([{ type: 'device.renamed', v: 1, device: b.id, name: 'Window' }], STORE)]);
	expect(ledger.state.devices.get(b.id)).toMatchObject({ name: 'Window', till: 4 });
});

/** Shops whose drawers, customers and tills go wrong in every way: said by tills that hear each other late, fork, correct, and answer what they see. */
import { createLedger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { PersonId, TradingDay } from '#schemas/ids.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import fc from 'fast-check';
import { changedSetting, corrected, sold } from '../../../support/facts.ts';
import { creditGiven, creditUsed, customerCreated, customerEdited, customerId, customerMerged } from '../../../support/customer-facts.ts';
import { createTestShop, type TestDevice, type TestShop } from '../../../support/ledger-builder.ts';
import { cashMoved, shiftClosed, shiftOpened } from '../../../support/till-day.ts';

export type MoneyStep = readonly [what: number, who: number, a: number, b: number];
export const moneySteps = fc.array(fc.tuple(fc.nat(99), fc.nat(3), fc.nat(50), fc.nat(50)), { minLength: 8, maxLength: 45 });

const NAMES = ['ada', 'bob', 'cy'];
const CONTACTS = ['tel:1', 'tel:2', 'mail:3'];

export function playMoney(steps: readonly MoneyStep[]): TestShop {
	const shop = createTestShop();
	const hub = shop.device('hub', { role: 'hub', till: 9 });
	const tills = [1, 2, 3].map((till) => shop.device(`till ${till}`, { till }));
	const devices = [hub, ...tills];
	const told = new Map<TestDevice, number>(devices.map((device) => [device, 0]));
	hub.does([hub.enrolment(), ...tills.map((till) => till.enrolment()), changedSetting({ name: 'currency', value: { code: 'GBP', digits: 2 } })], {
		scope: 'store',
	});
	for (const device of devices) hearAll(device);
	for (const [index, [what, who, a, b]] of steps.entries()) {
		const device = devices[who] ?? hub;
		const name = NAMES[a % 3] ?? 'ada';
		const other = NAMES[b % 3] ?? 'bob';
		const contacts = CONTACTS.filter((_contact, place) => ((a + b) >> place) % 2 === 0);
		const inStore = (...facts: readonly Fact[]): unknown => device.does(facts, { scope: 'store' });
		const shift = 1 + (a % 2);
		if (what < 14) device.does([{ ...sold([['A', 1, 10 + b]], device.receipt()), ...(b % 3 === 0 ? {} : { shift }) }]);
		else if (what < 26) hearAll(device);
		else if (what < 30) device.does([shiftOpened(shift, b)]);
		else if (what < 33) device.does([cashMoved(shift, (['in', 'drop', 'out'] as const)[b % 3] ?? 'in', 1 + b)]);
		else if (what < 37) device.does([{ ...shiftClosed(shift, 10 * b), ...(b % 4 === 0 ? { device: (devices[a % 4] ?? hub).id } : {}) }]);
		else if (what < 41) ask(device, { intent: 'close-z' });
		else if (what < 45)
			device.does([{ type: 'day.reported', v: 1, day: new Date(shop.nowMs).toISOString().slice(0, 10) as TradingDay, takingsMinor: a, receipts: b }]);
		else if (what < 51) inStore(customerCreated(name, ...contacts));
		else if (what < 55)
			inStore(
				customerEdited(
					name,
					knownTo(device, 'customer.created')
						.concat(knownTo(device, 'customer.edited'))
						.slice(-1 - (b % 2))
						.map(({ hash }) => hash),
					...contacts,
				),
			);
		else if (what < 59 && name !== other) inStore(customerMerged(name, other));
		else if (what < 60 && b % 3 === 0) inStore({ type: 'customer.forgotten', v: 1, customer: customerId(name) });
		else if (what < 63) inStore(creditGiven(name, 1 + b));
		else if (what < 70) inStore(creditUsed(name, 1 + a));
		else if (what < 73) inStore({ type: 'device.renamed', v: 1, device: (devices[a % 4] ?? hub).id, till: 1 + (b % 4) });
		else if (what < 75) inStore({ ...(tills[a % 3] ?? hub).enrolment(), till: 1 + (b % 3) });
		else if (what < 77) inStore({ type: 'person.changed', v: 1, person: name as PersonId, name: `n${b}`, role: 'cashier', replaces: [] });
		else if (what < 78) inStore({ type: 'person.added', v: 1, person: name as PersonId, name: `n${b}`, role: 'owner', pin: null });
		else if (what < 80) inStore(changedSetting({ name: 'drawerToleranceMinor', value: b }));
		else if (what < 83) {
			const target = knownTo(device, 'sale.completed')[a % 3];
			if (target !== undefined) device.does([corrected(target.hash)]);
		} else if (what < 85) {
			const copy = device.copy();
			copy.does([{ ...sold([['A', 1, b]], copy.receipt()), shift }], { key: `copied-key-${index}` });
		} else if (what < 87) shop.nowMs += 20 * 60 * 60 * 1000;
		else if (what < 89) inStore({ type: 'device.revoked', v: 1, device: (devices[a % 4] ?? hub).id, marks: [], reason: 'gone' });
		else answer(device, a, b, index);
	}
	return shop;

	function hearAll(device: TestDevice): void {
		device.hears(...shop.entries.slice(told.get(device) ?? 0));
		told.set(device, shop.entries.length);
	}

	function known(device: TestDevice): readonly Entry[] {
		return shop.entries.filter((entry, index) => index < (told.get(device) ?? 0) || entry.header.device === device.id);
	}

	function knownTo(device: TestDevice, type: string): readonly Entry[] {
		return known(device).filter(({ facts }) => facts.some((fact) => fact.type === type));
	}

	function ask(device: TestDevice, intent: Intent, key?: string): void {
		const ledger = createLedger({ store: shop.store, branch: shop.branch });
		ledger.add(known(device));
		const decision = decide(ledger, intent, { device: device.id, nextReceipt: { till: device.till, number: 1 }, nowMs: shop.nowMs });
		if (isRefusal(decision)) return;
		if (decision.branch.length > 0) device.does(decision.branch, key === undefined ? {} : { key });
		if (decision.store.length > 0) device.does(decision.store, { scope: 'store', ...(key === undefined ? {} : { key }) });
	}

	function answer(device: TestDevice, a: number, b: number, index: number): void {
		const ledger = createLedger({ store: shop.store, branch: shop.branch });
		ledger.add(known(device));
		const conflicts = ledger.conflicts();
		const conflict = conflicts[a % Math.max(1, conflicts.length)];
		const choice = conflict?.choices[b % conflict.choices.length];
		if (conflict === undefined || choice === undefined || conflict.members.length === 0) return;
		ask(
			device,
			{
				intent: 'resolve',
				conflict: conflict.id,
				choice: choice.id,
				...(choice.asks === undefined || choice.asks.type === 'entry' ? {} : { value: `${b}` }),
			},
			`answer-${index}`,
		);
	}
}

/** Who belongs, with which rights: the numbered invariants of `core/roster/roster.ts`, seen through the ledger. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { received, resolved } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

function revocation(of: TestDevice, upTo?: Entry): object {
	const marks = upTo === undefined ? [] : [{ device: of.id, scope: upTo.header.scope, seq: upTo.header.seq, hash: upTo.hash }];
	return { type: 'device.revoked', v: 1, device: of.id, marks, reason: 'stolen' };
}

const standing = (ledger: Ledger, device: TestDevice): string | undefined => ledger.state.devices.get(device.id)?.standing;

test('1: a device’s first entries count before the entry that enrolled it has arrived', () => {
	const floor = openFloor({ A: 10 });
	const enrolment = floor.shop.entries[0];
	if (enrolment === undefined) throw new Error('nobody enrolled');
	floor.sell(floor.till1, 'A');
	const ledger = floor.ledger(enrolment);
	expect(floor.onHand(ledger, 'A')).toBe(9);
	expect(ledger.state.devices.size).toBe(0);
	ledger.add([enrolment]);
	expect(ledger.state.devices.get(floor.till1.id)).toMatchObject({ name: 'Till 1', till: 1, role: 'till', standing: 'active' });
});

test('1: a proven certificate goes before what an enrolment says', () => {
	const floor = openFloor({ A: 10 });
	const goods = floor.till1.does([received('A', 5)]);
	const certificateOf = (): Certificate => ({ rights: ['sell'], branch: floor.shop.branch, role: 'till' }) as unknown as Certificate;
	const ledger = createLedger({
		store: floor.shop.store,
		branch: floor.shop.branch,
		certificateOf: (device) => (device === floor.till1.id ? certificateOf() : undefined),
	});
	ledger.add(floor.shop.entries);
	expect(ledger.statusOf(goods.hash)).toBe('quarantined');
});

test('2: what lies beyond the marks of a revocation is quarantined, whenever and by whomever it arrives', () => {
	const floor = openFloor({ A: 10 });
	const kept = floor.sell(floor.till2, 'A');
	const beyond = floor.sell(floor.till2, 'A', 2);
	floor.hub.hears(kept);
	const revoked = floor.hub.does([revocation(floor.till2, kept)], { scope: 'store' });
	for (const ledger of [floor.ledger(), late(beyond), late(revoked)]) {
		expect(floor.onHand(ledger, 'A')).toBe(9);
		expect(ledger.statusOf(beyond.hash)).toBe('quarantined');
		expect(ledger.statusOf(kept.hash)).toBe('counts');
		expect(standing(ledger, floor.till2)).toBe('revoked');
		expect(ledger.conflicts()).toMatchObject([{ kind: 'not-allowed', detail: { reason: 'revoked' } }]);
	}

	function late(entry: Entry): Ledger {
		const ledger = floor.ledger(entry);
		ledger.add([entry]);
		return ledger;
	}
});

test('2: a chain without a mark is cut at its beginning', () => {
	const floor = openFloor({ A: 10 });
	floor.sell(floor.till2, 'A');
	floor.hub.does([revocation(floor.till2)], { scope: 'store' });
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
});

test('3: a till that revokes the hub which revokes it has no effect', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([revocation(floor.hub)], { scope: 'store' });
	floor.hub.does([revocation(floor.till1)], { scope: 'store' });
	const ledger = floor.ledger();
	expect([standing(ledger, floor.hub), standing(ledger, floor.till1)]).toEqual(['active', 'revoked']);
});

test('3: a revocation that lies beyond its author’s own has no effect', () => {
	const floor = openFloor({ A: 10 });
	floor.hub.does([revocation(floor.till1)], { scope: 'store' });
	floor.till1.does([revocation(floor.till2)], { scope: 'store' });
	expect(standing(floor.ledger(), floor.till2)).toBe('active');
});

test('3: one that lies before it has', () => {
	const floor = openFloor({ A: 10 });
	const earlier = floor.till1.does([revocation(floor.till2)], { scope: 'store' });
	floor.hub.does([revocation(floor.till1, earlier)], { scope: 'store' });
	const ledger = floor.ledger();
	expect([standing(ledger, floor.till1), standing(ledger, floor.till2)]).toEqual(['revoked', 'revoked']);
});

test('4: devices that revoke each other are all suspended, in rings of any length', () => {
	const floor = openFloor({ A: 10 });
	const till3 = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([till3.enrolment()], { scope: 'store' });
	floor.till1.does([revocation(floor.till2)], { scope: 'store' });
	floor.till2.does([revocation(till3)], { scope: 'store' });
	till3.does([revocation(floor.till1)], { scope: 'store' });
	const sale = floor.sell(floor.till1, 'A');
	const ledger = floor.ledger();
	expect([floor.till1, floor.till2, till3, floor.hub].map((device) => standing(ledger, device))).toEqual([
		'suspended',
		'suspended',
		'suspended',
		'active',
	]);
	expect(ledger.statusOf(sale.hash)).toBe('quarantined');
});

test('5: what a device enrolled beyond its marks falls with it, and cannot enrol itself again', () => {
	const floor = openFloor({ A: 10 });
	const friend = floor.shop.device('Friend', { till: 8 });
	floor.till1.does([friend.enrolment()], { scope: 'store' });
	const goods = friend.does([received('A', 50)]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(60);
	floor.hub.does([revocation(floor.till1)], { scope: 'store' });
	friend.does([friend.enrolment()], { scope: 'store' });
	const ledger = floor.ledger();
	expect(standing(ledger, friend)).toBe('fallen');
	expect(ledger.statusOf(goods.hash)).toBe('quarantined');
	expect(floor.onHand(ledger, 'A')).toBe(10);
});

test('6: a removal that was put aside takes effect once a person accepts it, in whatever order it is heard', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	const removal = cashier.does([revocation(floor.till2)], { scope: 'store' });
	const sale = floor.sell(floor.till2, 'A');
	floor.hub.hears(...floor.shop.entries);
	const before = floor.ledger();
	expect([standing(before, floor.till2), before.statusOf(sale.hash)]).toEqual(['active', 'counts']);
	const conflict = before.conflicts().find(({ kind }) => kind === 'not-allowed');
	if (conflict === undefined) throw new Error('no conflict');
	floor.hub.does([resolved(conflict.id, conflict.unsettled, 'accept')], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([standing(ledger, floor.till2), ledger.statusOf(removal.hash), ledger.statusOf(sale.hash)]).toEqual(['revoked', 'counts', 'quarantined']);
	}
});

test('6: a device whose enroller had no right to enrol belongs once a person accepts the enrolment', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	const friend = floor.shop.device('Till 4', { till: 4 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	cashier.does([friend.enrolment()], { scope: 'store' });
	const sale = floor.sell(friend, 'A');
	floor.hub.hears(...floor.shop.entries);
	const before = floor.ledger();
	expect([standing(before, friend), before.statusOf(sale.hash)]).toEqual(['fallen', 'quarantined']);
	const conflict = before.conflicts().find(({ id }) => id.kind === 'not-allowed' && id.subject.startsWith(cashier.id));
	if (conflict === undefined) throw new Error('no conflict');
	floor.hub.does([resolved(conflict.id, conflict.unsettled, 'accept')], { scope: 'store' });
	for (const ledger of inOrders(floor)) expect([standing(ledger, friend), ledger.statusOf(sale.hash)]).toEqual(['active', 'counts']);
});

test('6: an accepted removal of whoever accepted it holds, and so does the answer', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	const removal = cashier.does([revocation(floor.till2)], { scope: 'store' });
	floor.till2.hears(...floor.shop.entries);
	const conflict = floor.ledger().conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	floor.till2.does([resolved(conflict.id, conflict.unsettled, 'accept')], { scope: 'store' });
	for (const ledger of inOrders(floor)) expect([standing(ledger, floor.till2), ledger.statusOf(removal.hash)]).toEqual(['revoked', 'counts']);
});

test('7: of two certificates of a device the one rules that its first enrolment names, whichever came first', () => {
	const floor = openFloor({ A: 10 });
	const till3 = floor.shop.device('Till 3', { till: 3 });
	const [poor, rich] = [['sell'], ['sell', 'stock']] as const;
	const first = { ...till3.enrolment([...poor]), chain: 'bb' };
	floor.hub.does([first], { scope: 'store' });
	floor.till1.does([{ ...till3.enrolment([...rich]), chain: 'aa' }], { scope: 'store' });
	const goods = till3.does([received('A', 5)]);
	const certificateOf = (device: string, chain?: string): Certificate | undefined =>
		device === till3.id ? ({ rights: chain === 'bb' ? poor : rich, branch: floor.shop.branch, role: 'till' } as unknown as Certificate) : undefined;
	for (const order of [[...floor.shop.entries], [...floor.shop.entries].reverse()]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch, certificateOf });
		for (const entry of order) ledger.add([entry]);
		expect(ledger.statusOf(goods.hash)).toBe('quarantined');
		expect(ledger.state.devices.get(till3.id)?.rights).toEqual(poor);
	}
});

function inOrders(floor: Floor): readonly Ledger[] {
	return [[...floor.shop.entries], [...floor.shop.entries].reverse(), [...floor.shop.entries.slice(3), ...floor.shop.entries.slice(0, 3)]].map(
		(order) => {
			const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
			for (const entry of order) {
				ledger.add([entry]);
				ledger.conflicts();
			}
			return ledger;
		},
	);
}

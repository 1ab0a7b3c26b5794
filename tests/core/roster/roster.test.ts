/** Who belongs, with which rights: the numbered invariants of `core/roster/roster.ts`, seen through the ledger. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedSetting, received, resolved } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { decideAs } from '../../support/till-day.ts';

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

/** A till that says to have seen nothing of anybody, whatever it knows. */
function withHostile(floor: Floor, name = 'Hostile', number = 7): TestDevice {
	const hostile = floor.shop.device(name, { till: number });
	floor.hub.does([hostile.enrolment()], { scope: 'store' });
	return hostile;
}

const isWhole = (ledger: Ledger): boolean =>
	ledger.state.products.size === 1 && ledger.state.settings.value('currency') !== undefined && ledger.state.books.people.values().length === 2;

function staff(floor: Floor): void {
	floor.hub.does([person('olga', 'owner'), person('cas', 'cashier')], { scope: 'store' });
	floor.meet();
}

function person(name: string, role: string): object {
	return { type: 'person.added', v: 1, person: name, name, role, pin: null };
}

test('2: what its author had seen of the device stays, whatever the marks say', () => {
	const floor = openFloor({ A: 10 });
	const seen = floor.sell(floor.till2, 'A');
	floor.hub.hears(seen);
	const beyond = floor.sell(floor.till2, 'A', 2);
	floor.hub.does([revocation(floor.till2)], { scope: 'store' });
	for (const ledger of inOrders(floor)) expect([seen, beyond].map(({ hash }) => ledger.statusOf(hash))).toEqual(['counts', 'quarantined']);
});

test('2: nobody unlearns: what its author said to have seen earlier stays, too', () => {
	const floor = openFloor({ A: 10 });
	const first = floor.sell(floor.till2, 'A');
	const second = floor.sell(floor.till2, 'A');
	floor.till1.hears(first, second);
	floor.till1.does([revocation(floor.shop.device('Nobody'))], { scope: 'store' });
	const less = [floor.till2.id.slice(0, 16), 'b', 1, first.hash.slice(0, 16)] as const;
	floor.till1.does([revocation(floor.till2)], { scope: 'store', seen: [[...less]] });
	for (const ledger of inOrders(floor)) {
		expect(standing(ledger, floor.till2)).toBe('revoked');
		expect(ledger.statusOf(second.hash)).toBe('counts');
	}
});

test('2: a device that removes itself cuts nothing that it wrote before', () => {
	const floor = openFloor({ A: 10 });
	const sold = floor.sell(floor.till1, 'A');
	floor.till1.does([revocation(floor.till1)], { scope: 'store', seen: [] });
	const beyond = floor.sell(floor.till1, 'A');
	for (const ledger of inOrders(floor)) expect([sold, beyond].map(({ hash }) => ledger.statusOf(hash))).toEqual(['counts', 'quarantined']);
});

test('2: a hub that removes the hub which let it in cuts neither that nor what came before it', () => {
	const floor = openFloor({ A: 10 });
	const second = floor.shop.device('Hub 2', { role: 'hub' });
	const founding = floor.hub.does([second.enrolment()], { scope: 'store' });
	const after = floor.hub.does([changedSetting({ name: 'storeName', value: 'Later' })], { scope: 'store' });
	second.does([revocation(floor.hub)], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([standing(ledger, floor.hub), standing(ledger, second), standing(ledger, floor.till1)]).toEqual(['revoked', 'active', 'active']);
		expect([founding, after].map(({ hash }) => ledger.statusOf(hash))).toEqual(['counts', 'quarantined']);
		expect(ledger.state.products.size).toBe(1);
	}
});

test('5: what a device enrolled beyond a removal that is in a ring is suspended, and does not fall', () => {
	const floor = openFloor({ A: 10 });
	const second = floor.shop.device('Hub 2', { role: 'hub' });
	floor.hub.does([second.enrolment()], { scope: 'store' });
	const late = withHostile(floor, 'Late', 5);
	const sale = floor.sell(late, 'A');
	const against = second.does([revocation(floor.hub)], { scope: 'store' });
	const back = floor.hub.does([revocation(second)], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([floor.hub, second, late, floor.till1].map((one) => standing(ledger, one))).toEqual(['suspended', 'suspended', 'suspended', 'active']);
		expect(ledger.statusOf(sale.hash)).toBe('quarantined');
	}
	const third = floor.shop.device('Hub 3', { role: 'hub' });
	third.hears(...floor.shop.entries);
	third.does([third.enrolment()], { scope: 'store' });
	const [conflict] = floor
		.ledger()
		.conflicts()
		.filter(({ kind }) => kind === 'roster-disputed');
	if (conflict === undefined) throw new Error('no dispute');
	third.does([resolved(conflict.id, [against.hash, back.hash], `keep:${floor.hub.id.slice(0, 16)}`)], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([floor.hub, second, late, floor.till1].map((one) => standing(ledger, one))).toEqual(['active', 'revoked', 'active', 'active']);
		expect(ledger.statusOf(sale.hash)).toBe('counts');
	}
});

test('5: whoever has only a certificate of the removed belongs no more than they, until the enrolment from before comes', () => {
	const floor = openFloor({ A: 10 });
	const friend = floor.shop.device('Friend', { till: 8 });
	const goods = friend.does([received('A', 50)]);
	const early = floor.till1.does([friend.enrolment()], { scope: 'store' });
	floor.hub.hears(early);
	floor.hub.does([revocation(floor.till1)], { scope: 'store' });
	const grants = { rights: friend.enrolment().rights, branch: floor.shop.branch, role: 'till', issuer: floor.till1.id } as unknown as Certificate;
	const certificateOf = (device: string): Certificate | undefined => (device === friend.id ? grants : undefined);
	const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch, certificateOf });
	ledger.add(floor.shop.entries.filter((entry) => entry !== early));
	expect(ledger.statusOf(goods.hash)).toBe('quarantined');
	ledger.add([early]);
	expect(ledger.statusOf(goods.hash)).toBe('counts');
});

test('11: nobody who might not let it in takes a hub’s own word about itself away', () => {
	const floor = openFloor({ A: 10 });
	const poor = floor.shop.device('Poor', { till: 6 });
	floor.hub.does([poor.enrolment(['sell'])], { scope: 'store' });
	for (const till of [poor, floor.till1]) till.does([{ ...floor.hub.enrolment(['sell']), role: 'till' }], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([standing(ledger, floor.hub), ledger.state.products.size]).toEqual(['active', 1]);
		expect(ledger.state.devices.get(floor.hub.id)?.role).toBe('hub');
	}
});

test('6, 11: a till that removes a hub cannot let that count itself, nor can another till; another hub can', () => {
	const floor = openFloor({ A: 10 });
	staff(floor);
	const hostile = withHostile(floor);
	const removal = hostile.does([revocation(floor.hub)], { scope: 'store', by: 'olga' });
	const conflict = floor.ledger().conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	for (const till of [hostile, floor.till1]) {
		till.hears(...floor.shop.entries);
		const ledger = floor.ledger();
		expect(decideAs(ledger, till, { intent: 'resolve', conflict: conflict.id, choice: 'accept' })).toMatchObject({ refused: 'not-allowed' });
		till.does([resolved(conflict.id, conflict.unsettled, 'accept')], { scope: 'store', by: 'olga' });
	}
	for (const ledger of inOrders(floor)) {
		expect([standing(ledger, floor.hub), ledger.statusOf(removal.hash), isWhole(ledger)]).toEqual(['active', 'quarantined', true]);
		expect(ledger.conflicts()).toMatchObject([{ kind: 'not-allowed', unsettled: [removal.hash] }]);
	}
	const second = floor.shop.device('Hub 2', { role: 'hub' });
	second.hears(...floor.shop.entries);
	second.does([second.enrolment()], { scope: 'store' });
	second.does([resolved(conflict.id, conflict.unsettled, 'accept')], { scope: 'store' });
	for (const ledger of inOrders(floor)) expect([standing(ledger, floor.hub), ledger.statusOf(removal.hash)]).toEqual(['revoked', 'counts']);
});

test.each([
	['without marks', (): readonly Entry[] => [], 'olga'],
	['with the hub’s first entry as its mark', (entries: readonly Entry[]) => entries.slice(0, 1), 'cas'],
	['with all of its marks, in nobody’s name', (entries: readonly Entry[]) => entries.slice(-1), 'owner'],
])('11: a till that removes the hub %s has no effect, is put aside, and no till falls, with however many devices', (_, pick, by) => {
	for (const more of [0, 1, 2, 3]) {
		const floor = openFloor({ A: 10 });
		staff(floor);
		for (let n = 0; n < more; n += 1) withHostile(floor, `More ${n}`, 20 + n);
		const hostile = withHostile(floor);
		const own = floor.shop.entries.filter(({ header }) => header.device === floor.hub.id && header.scope === 'store');
		const marks = pick(own).map(({ header, hash }) => ({ device: floor.hub.id, scope: 'store', seq: header.seq, hash }));
		const removal = hostile.does([{ ...revocation(floor.hub), marks }], { scope: 'store', by });
		const sale = floor.sell(floor.till1, 'A');
		for (const ledger of inOrders(floor)) {
			expect([...ledger.state.devices.values()].map((device) => device.standing)).toEqual(Array.from({ length: 4 + more }, () => 'active'));
			expect([ledger.statusOf(removal.hash), ledger.statusOf(sale.hash), isWhole(ledger)]).toEqual(['quarantined', 'counts', true]);
		}
	}
});

test('11: a till removes no till that let it in, and none of another branch', () => {
	const floor = openFloor({ A: 10 });
	const friend = floor.shop.device('Friend', { till: 8 });
	floor.till1.does([friend.enrolment()], { scope: 'store' });
	const far = floor.shop.device('Far', { till: 1 });
	floor.hub.does([{ ...far.enrolment(), branch: 'e1'.repeat(16) }], { scope: 'store' });
	const up = friend.does([revocation(floor.till1)], { scope: 'store' });
	const away = floor.till2.does([revocation(far)], { scope: 'store' });
	const sideways = floor.till2.does([revocation(friend)], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([floor.till1, far, friend].map((one) => standing(ledger, one))).toEqual(['active', 'active', 'revoked']);
		expect([up, away, sideways].map(({ hash }) => ledger.statusOf(hash))).toEqual(['quarantined', 'quarantined', 'counts']);
	}
});

test('11: a till lets in no hub, and takes none of a hub’s rights', () => {
	const floor = openFloor({ A: 10 });
	const false_ = floor.shop.device('False hub', { role: 'hub' });
	const letIn = floor.till1.does([false_.enrolment(['sell'])], { scope: 'store' });
	const less = floor.till1.does([{ ...floor.hub.enrolment(['sell']), role: 'till' }], { scope: 'store' });
	floor.meet();
	const later = floor.hub.does([changedSetting({ name: 'storeName', value: 'Later' })], { scope: 'store' });
	for (const ledger of inOrders(floor)) {
		expect([standing(ledger, false_), standing(ledger, floor.hub)]).toEqual(['fallen', 'active']);
		expect([letIn, less, later].map(({ hash }) => ledger.statusOf(hash))).toEqual(['quarantined', 'quarantined', 'counts']);
	}
});

test('12: a removal in a cashier’s name, in nobody’s or in an unknown one’s has no effect once the till had heard of people; a manager’s has', () => {
	const floor = openFloor({ A: 10 });
	const before = floor.till1.does([revocation(floor.shop.device('Nobody'))], { scope: 'store' });
	staff(floor);
	const put = ['cas', 'owner', 'ghost'].map((by) => floor.till1.does([revocation(floor.till2)], { scope: 'store', by }));
	for (const ledger of inOrders(floor)) {
		expect(standing(ledger, floor.till2)).toBe('active');
		expect(put.map(({ hash }) => ledger.statusOf(hash))).toEqual(['quarantined', 'quarantined', 'quarantined']);
	}
	const heard = floor.till1.does([revocation(floor.till2)], { scope: 'store', by: 'olga' });
	for (const ledger of inOrders(floor)) expect([standing(ledger, floor.till2), ledger.statusOf(heard.hash)]).toEqual(['revoked', 'counts']);
	expect(floor.ledger().statusOf(before.hash)).toBe('quarantined'); // Of a device that nobody knows.
});

test('13: a removal through those who let in whoever removes is open, not decided by how many devices there are', () => {
	for (const more of [0, 1, 2, 3]) {
		const floor = openFloor({ A: 10 });
		for (let n = 0; n < more; n += 1) withHostile(floor, `More ${n}`, 20 + n);
		const [second, third] = [floor.shop.device('Hub 2', { role: 'hub' }), floor.shop.device('Hub 3', { role: 'hub' })];
		// Each was let in by the other's enemy: a removal that holds takes away what it rests on, one step around.
		second.does([second.enrolment()], { scope: 'store' });
		third.does([third.enrolment()], { scope: 'store' });
		const [x, y] = [floor.shop.device('Hub x', { role: 'hub' }), floor.shop.device('Hub y', { role: 'hub' })];
		second.does([x.enrolment()], { scope: 'store' });
		third.does([y.enrolment()], { scope: 'store' });
		x.does([revocation(third)], { scope: 'store' });
		y.does([revocation(second)], { scope: 'store' });
		for (const ledger of inOrders(floor)) {
			expect([second, third, x, y].map((one) => standing(ledger, one))).toEqual(['suspended', 'suspended', 'suspended', 'suspended']);
			expect([floor.hub, floor.till1].map((one) => standing(ledger, one))).toEqual(['active', 'active']);
		}
	}
});

test('whatever tills write of removals and enrolments, in any name and with any marks: one outcome in every order, and the hub’s shop stands', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(4), fc.nat(4), fc.nat(30), fc.nat(30)), { maxLength: 14 }), fc.nat(1000), (acts, seed) => {
			const floor = openFloor({ A: 10 }, { seed: `roster ${seed}` });
			staff(floor);
			const tills = [floor.till1, floor.till2, withHostile(floor, 'H1', 11), withHostile(floor, 'H2', 12)];
			const all = [floor.hub, ...tills];
			for (const [what, who, of, a, b] of acts) {
				const till = tills[who % 4] ?? floor.till1;
				const victim = all[of] ?? floor.hub;
				const by = ['olga', 'cas', 'owner', 'ghost'][a % 4] ?? 'olga';
				const options = { scope: 'store', by, ...(b % 3 === 0 ? { seen: [] } : {}) } as const;
				if (what < 3) {
					const own = floor.shop.entries.filter(({ header }) => header.device === victim.id);
					const marks = [own[a % (own.length + 1)]].flatMap((one) =>
						one === undefined ? [] : [{ device: victim.id, scope: one.header.scope, seq: one.header.seq, hash: one.hash }],
					);
					till.does([{ ...revocation(victim), marks }], options);
				} else if (what === 3) till.does([victim.enrolment(b % 2 === 0 ? ['sell'] : undefined)], options);
				else if (what === 4) {
					const conflict = floor.ledger().conflicts()[a % 3];
					if (conflict !== undefined)
						till.does([resolved(conflict.id, conflict.unsettled, conflict.choices[b % 2]?.id ?? 'accept')], { ...options, by: 'olga' });
				} else till.hears(...floor.shop.entries);
			}
			const told = inOrders(floor).map((ledger) => ({
				standings: all.map((one) => standing(ledger, one)),
				counts: floor.shop.entries.map(({ hash }) => ledger.statusOf(hash)),
				conflicts: ledger.conflicts().map(({ key }) => key),
			}));
			expect(told[1]).toEqual(told[0]);
			expect(told[2]).toEqual(told[0]);
			const ledger = floor.ledger();
			expect(standing(ledger, floor.hub)).toBe('active');
			expect(isWhole(ledger)).toBe(true);
			expect(floor.shop.entries.filter(({ header }) => header.device === floor.hub.id).map(({ hash }) => ledger.statusOf(hash))).not.toContain(
				'quarantined',
			);
			expect(all.map((one) => standing(ledger, one))).not.toContain('fallen');
		}),
		{ numRuns: 150 },
	);
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

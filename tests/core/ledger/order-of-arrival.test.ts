/** Invariant 1 of `core/ledger/ledger.ts`, case by case: what a property finds seldom. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';
import { changedSetting, corrected, created, received } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { snapshotOf } from '../../support/ledger-snapshot.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

/** One by one as they come, looked at after each; everything that is not named comes before, in one go. */
function arriving({ shop }: Floor, late: readonly Entry[], without: readonly Entry[] = []): Ledger {
	const ledger = createLedger({ store: shop.store, branch: shop.branch });
	ledger.add(shop.entries.filter((entry) => !late.includes(entry) && !without.includes(entry)));
	ledger.conflicts();
	for (const entry of late) {
		ledger.add([entry]);
		ledger.conflicts();
	}
	return ledger;
}

const added = (person: string, role: string) => ({ type: 'person.added', v: 1, person, name: person, role, pin: null });

test('what an author had heard of people comes late: whom it let in belongs no more than had it come first', () => {
	const floor = openFloor();
	const { hub, till1, shop } = floor;
	const newcomer = shop.device('Till 3', { till: 3 });
	till1.hears(hub.does([added('cy', 'cashier')], { scope: 'store' }));
	const heard = till1.does([created('B')], { scope: 'store' });
	till1.does([newcomer.enrolment()], { scope: 'store', by: 'cy' });
	newcomer.does([received('A', 5)]);
	expect(floor.ledger().state.devices.get(newcomer.id)?.standing).toBe('fallen');
	expect(snapshotOf(arriving(floor, [heard]))).toEqual(snapshotOf(floor.ledger()));
});

test('two declare a gap lost, each with another entry behind it: it is passed by the one that is here, whoever said so first', () => {
	const floor = openFloor({ A: 10 });
	const { hub, till1, till2 } = floor;
	const copy = till2.copy();
	const missing = [floor.sell(till2, 'A'), floor.sell(copy, 'A', 2)];
	const [one, other] = [floor.sell(till2, 'A'), floor.sell(copy, 'A', 3)];
	const lost = (by: TestDevice, { header: { device, scope, seq }, hash }: Entry): Entry =>
		by.does([{ type: 'entries.declaredLost', v: 1, device, chain: scope, fromSeq: 1, toSeq: seq - 1, next: { device, scope, seq, hash } }]);
	const said = [lost(hub, one), lost(till1, other)];
	const whole = [said, [...said].reverse()].map((order) => snapshotOf(arriving(floor, order, [...missing, other])));
	expect(whole[0]).toEqual(whole[1]);
});

test('a gap that was declared lost before one entry is a gap again when another comes in its place', () => {
	const floor = openFloor({ A: 10 });
	const { hub, till1, till2 } = floor;
	const copy = till2.copy();
	const sold = [1, 2, 3].map(() => floor.sell(till2, 'A'));
	const copied = [1, 2].map(() => floor.sell(copy, 'A'));
	const lost = (by: TestDevice, fromSeq: number, toSeq: number, next?: Entry): Entry =>
		by.does([
			{
				...{ type: 'entries.declaredLost', v: 1, device: till2.id, chain: 'branch', fromSeq, toSeq },
				...(next === undefined ? {} : { next: { device: till2.id, scope: 'branch', seq: next.header.seq, hash: next.hash } }),
			},
		]);
	lost(hub, 1, 1, copied[1]);
	lost(till1, 2, 2);
	const without = [...copied, ...sold.slice(0, 1)];
	const late = sold.slice(1, 2);
	expect(snapshotOf(arriving(floor, late, without))).toEqual(snapshotOf(arriving(floor, [], without)));
});

test('an answer that takes two sales back takes them back in one order', () => {
	const floor = openFloor({ A: 10 });
	const { hub, till1, till2 } = floor;
	const sales = [floor.sell(till1, 'A'), floor.sell(till2, 'A', 2)];
	hub.hears(...sales);
	const answer = hub.does(sales.map(({ hash }) => corrected(hash)));
	const whole = snapshotOf(floor.ledger());
	for (const late of [[answer], sales, [...sales].reverse(), [answer, ...sales], [answer, ...[...sales].reverse()]])
		expect(snapshotOf(arriving(floor, late))).toEqual(whole);
});

test('what too much of an order cost is in the money of the shop, whenever that is known', () => {
	const floor = openFloor({ A: 1 });
	const { hub, till1, till2 } = floor;
	hub.does([
		{ type: 'order.placed', v: 1, order: 'order-000001', supplier: 'supplier-1', lines: [{ sku: 'A', quantityMilli: 6_000, costE4: 50_000 }] },
	]);
	floor.meet();
	for (const till of [till1, till2])
		till.does([{ type: 'stock.received', v: 3, order: 'order-000001', lines: [{ sku: 'A', quantityMilli: 6_000 }] }]);
	const yen = hub.does([changedSetting({ name: 'currency', value: { code: 'JPY', digits: 0 } }, [floor.shop.entries[1]!.hash])], { scope: 'store' });
	expect(snapshotOf(arriving(floor, [yen]))).toEqual(snapshotOf(floor.ledger()));
});

test('whoever changes two people above them lacks the say over the first of them, whichever of the two is heard of first', () => {
	const floor = openFloor();
	const { hub, till1 } = floor;
	const people = [added('mo', 'manager'), added('bob', 'owner'), added('ada', 'owner')].map((fact) => hub.does([fact], { scope: 'store' }));
	till1.hears(...people);
	const changed = (person: string) => ({ type: 'person.changed', v: 1, person, name: person, role: 'cashier', replaces: [] });
	till1.does([changed('ada'), changed('bob')], { scope: 'store', by: 'mo' });
	expect(snapshotOf(arriving(floor, people.slice(2)))).toEqual(snapshotOf(floor.ledger()));
});

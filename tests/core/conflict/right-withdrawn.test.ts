/** `right-withdrawn`: done in good faith, after the right was gone. */
import { expect, test } from 'vitest';
import { received } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';

test('a till that was enrolled again with less and had not heard receives goods: they count, and its author is one item', () => {
	const floor = openFloor({ A: 10 });
	const less = floor.hub.does([floor.till1.enrolment(['sell', 'refund'])], { scope: 'store' });
	const first = floor.till1.does([received('A', 5)]);
	const second = floor.till1.does([received('A', 2)]);
	floor.sell(floor.till1, 'A');
	expect(floor.onHand(floor.ledger(), 'A')).toBe(16);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			id: { kind: 'right-withdrawn', subject: floor.till1.id },
			unsettled: [first.hash, second.hash],
			detail: { by: [less.hash] },
			stake: { unitsMilli: 7000 },
			choices: [{ id: 'accept' }, { id: 'compensate' }],
		},
	]);
});

test('what it does once it has heard is not allowed; what came before is nobody’s matter', () => {
	const floor = openFloor({ A: 10 });
	const before = floor.till1.does([received('A', 5)]);
	floor.hub.hears(before);
	floor.till1.hears(floor.hub.does([floor.till1.enrolment(['sell', 'refund'])], { scope: 'store' }));
	const after = floor.till1.does([received('A', 3)]);
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'not-allowed', unsettled: [after.hash], detail: { reason: 'no-right' } }]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(15);
});

test('an enrolment with more gives what its author has', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	cashier.hears(floor.hub.does([cashier.enrolment(['sell', 'stock'])], { scope: 'store' }));
	cashier.does([received('A', 5)]);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(15);
});

test('what lies within the marks of a revocation that neither knew counts, and is shown; what lies beyond is quarantined', () => {
	const floor = openFloor({ A: 10 });
	const within = floor.sell(floor.till1, 'A');
	const mark = { device: floor.till1.id, scope: 'branch', seq: within.header.seq, hash: within.hash };
	floor.hub.does([{ type: 'device.revoked', v: 1, device: floor.till1.id, marks: [mark], reason: 'stolen' }], { scope: 'store' });
	const beyond = floor.sell(floor.till1, 'A');
	expect(conflictsInAnyOrder(floor.shop).map(({ kind, unsettled }) => [kind, unsettled])).toEqual(
		expect.arrayContaining([
			['right-withdrawn', [within.hash]],
			['not-allowed', [beyond.hash]],
		]),
	);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(9);
});

test('a revocation by somebody who held all that it left standing withdraws nothing from it', () => {
	const floor = openFloor({ A: 10 });
	const within = floor.sell(floor.till1, 'A');
	floor.hub.hears(within);
	const mark = { device: floor.till1.id, scope: 'branch', seq: within.header.seq, hash: within.hash };
	floor.hub.does([{ type: 'device.revoked', v: 1, device: floor.till1.id, marks: [mark], reason: 'sold' }], { scope: 'store' });
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('accepting lets it stand, compensating takes it back; what comes later opens it with that alone', () => {
	for (const [choice, units] of [
		['accept', 15],
		['compensate', 10],
	] as const) {
		const floor = openFloor({ A: 10 });
		floor.hub.does([floor.till1.enrolment(['sell', 'refund'])], { scope: 'store' });
		const late = floor.till1.does([received('A', 5)]);
		floor.hub.hears(late);
		const ledger = ledgerOf(floor.shop);
		answer(ledger, floor.hub, ledger.conflicts()[0], choice);
		expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(units);
		const more = floor.till1.does([received('A', 1)]);
		expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ kind: 'right-withdrawn', unsettled: [more.hash] }]);
	}
});

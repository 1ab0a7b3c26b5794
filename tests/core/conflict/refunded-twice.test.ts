/** `refunded-twice`: one sale line, given back at two tills that did not know of each other. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { refunded, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

function twice(): { floor: Floor; sale: EntryHash; first: EntryHash; second: EntryHash } {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 1);
	floor.meet();
	const first = floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	const second = floor.till2.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till2.receipt())]);
	return { floor, sale: sale.hash, first: first.hash, second: second.hash };
}

function resolve(ledger: Ledger, device: TestDevice, choice: string, value?: string): ReturnType<typeof decide> {
	const conflict = ledger.conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	const intent: Intent = { intent: 'resolve', conflict: conflict.id, choice, ...(value === undefined ? {} : { value }) };
	return decide(ledger, intent, { device: device.id, nextReceipt: device.receipt(), nowMs: 1_900_000_000_000 });
}

test('both refunds stand, and one item says what left twice', () => {
	const { floor, sale, first, second } = twice();
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toMatchObject([
		{
			id: { kind: 'refunded-twice', subject: `${sale}:0` },
			unsettled: [first, second],
			stake: { unitsMilli: 1000, minor: 100 },
			detail: { soldMilli: 1000, refundedMilli: 2000, refundedMinor: 200 },
			choices: [
				{ label: 'Accept loss' },
				{ label: 'Customer owes', effect: { amountMinor: 100 } },
				{ label: 'Compensate one', effect: { entries: [second] } },
			],
		},
	]);
	expect(floor.onHand(ledger, 'A')).toBe(11);
});

test('two refunds of different halves of a line are no conflict', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 2);
	floor.meet();
	floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	floor.till2.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till2.receipt())]);
	expect(floor.ledger().conflicts()).toEqual([]);
});

test('"Compensate one" takes back the later refund, its stock and its money, once', () => {
	const { floor, sale, second } = twice();
	floor.meet();
	const ledger = floor.ledger();
	const decision = resolve(ledger, floor.till1, 'compensate-one');
	if (isRefusal(decision)) throw new Error(decision.refused);
	expect(decision.branch).toMatchObject([{ type: 'conflict.resolved' }, { type: 'correction.made', corrects: second }]);
	ledger.add([floor.till1.does(decision.branch)]);
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.sales.get(sale)).toMatchObject({ refundedMilli: [1000], refundedMinor: [100] });
	expect(ledger.state.refunds.get(second)?.correctedBy).toBeDefined();
	expect(floor.onHand(ledger, 'A')).toBe(10);
});

test('the other refund may be named instead, a stranger may not', () => {
	const { floor, first, sale } = twice();
	const ledger = floor.ledger();
	expect(resolve(ledger, floor.till1, 'compensate-one', first)).toMatchObject({ branch: [{}, { corrects: first }] });
	expect(resolve(ledger, floor.till1, 'compensate-one', sale)).toMatchObject({ refused: 'value-invalid' });
});

test('"Accept loss" and "Customer owes" close it and leave stock and money as they are', () => {
	for (const choice of ['accept-loss', 'customer-owes']) {
		const { floor, second } = twice();
		const ledger = floor.ledger();
		const decision = resolve(ledger, floor.till2, choice);
		if (isRefusal(decision)) throw new Error(decision.refused);
		expect(decision.branch.slice(1)).toMatchObject(choice === 'accept-loss' ? [] : [{ type: 'debt.noted', entry: second, amountMinor: 100 }]);
		ledger.add([floor.till2.does(decision.branch)]);
		expect(ledger.conflicts()).toEqual([]);
		expect(floor.onHand(ledger, 'A')).toBe(11);
	}
});

test('a refund that comes before its sale is counted, and judged when the sale comes', () => {
	const { floor, sale } = twice();
	const saleEntry = floor.shop.entries.find(({ hash }) => hash === sale);
	if (saleEntry === undefined) throw new Error('no sale');
	const ledger = floor.ledger(saleEntry);
	expect(ledger.conflicts().map(({ kind }) => kind)).toEqual(['chain-gap']);
	ledger.add([saleEntry]);
	expect(ledger.conflicts().map(({ kind }) => kind)).toEqual(['refunded-twice']);
});

test('where prices are without tax, what left twice and what the customer owes is with it', () => {
	const floor = openFloor({ A: 10 });
	const onTop = <Receipt extends { readonly lines: readonly object[] }>(receipt: Receipt): object => ({
		...receipt,
		...{ taxExcluded: true, totalMinor: 120, lines: receipt.lines.map((line) => ({ ...line, taxMinor: 20 })) },
		tenders: [{ type: 'cash', amountMinor: 120, givenMinor: 120, changeMinor: 0 }],
	});
	const sale = floor.till1.does([onTop(sold([['A', 1, 100]], floor.till1.receipt()))]);
	floor.meet();
	for (const till of [floor.till1, floor.till2]) till.does([onTop(refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt()))]);
	expect(floor.ledger().conflicts()).toMatchObject([
		{ stake: { minor: 120 }, detail: { refundedMinor: 240 }, choices: [{}, { label: 'Customer owes', effect: { amountMinor: 120 } }, {}] },
	]);
});

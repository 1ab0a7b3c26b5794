/** Receipts, newest first, and one in full: `projections/receipts.ts`. A product's history: `projections/movements.ts`. */
import type { Ledger } from '#core/ledger/ledger.ts';
import { createCoverage } from '#projections/coverage.ts';
import { countStart, movementRows } from '#projections/movements.ts';
import { receiptDetail, receiptRows } from '#projections/receipts.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { describe, expect, test } from 'vitest';
import { adjusted, changedSetting, corrected, counted, edited, received, refunded, sold } from '../support/facts.ts';
import { openFloor, type Floor } from '../support/shop-floor.ts';

const A = 'A' as Sku;

function rows(ledger: Ledger, text = '', limit = 100) {
	return receiptRows(ledger, createCoverage(ledger), text, limit);
}

function detail(ledger: Ledger, entry: EntryHash) {
	return receiptDetail(ledger, createCoverage(ledger), entry);
}

function day() {
	const floor = openFloor({ A: 10, B: 10 });
	const first = floor.till1.does([
		sold(
			[
				['A', 2, 200],
				['B', 1, 90],
			],
			floor.till1.receipt(),
		),
	]);
	floor.meet();
	const second = floor.sell(floor.till2, 'B');
	const refund = floor.till2.does([{ ...refunded(first.hash, [[0, 'A', 1, 100]], floor.till2.receipt()), reason: 'stale' }]);
	return { floor, first, second, refund };
}

describe('the list', () => {
	test('is of sales and refunds, newest first, with what a person looks for', () => {
		const { floor, first, second, refund } = day();
		const list = rows(floor.ledger());
		expect(list.map(({ entry }) => entry)).toEqual([refund.hash, second.hash, first.hash]);
		expect(list.map(({ number, kind, totalMinor, refunded: state }) => [number, kind, totalMinor, state])).toEqual([
			['T2-000002', 'refund', 100, 'no'],
			['T2-000001', 'sale', 100, 'no'],
			['T1-000001', 'sale', 290, 'partly'],
		]);
		expect(list[2]).toMatchObject({
			lineCount: 2,
			names: 'Product A, Product B',
			quarantined: false,
			corrected: false,
			atHost: false,
			inCloud: false,
		});
		expect(rows(floor.ledger(), '', 2)).toHaveLength(2);
	});

	test('is filtered by a part of the number or of a name, whatever the case', () => {
		const { floor } = day();
		const numbers = (text: string) => rows(floor.ledger(), text).map(({ number }) => number);
		expect(numbers('t1-')).toEqual(['T1-000001']);
		expect(numbers(' PRODUCT B ')).toEqual(['T2-000001', 'T1-000001']);
		expect(numbers('0002')).toEqual(['T2-000002']);
		expect(numbers('nothing of it')).toEqual([]);
	});

	test('says of many names how many more there are', () => {
		const floor = openFloor({ A: 1 });
		floor.till1.does([
			sold(
				['A', 'B', 'C', 'D', 'E'].map((sku) => [sku, 1, 10] as const),
				floor.till1.receipt(),
			),
		]);
		expect(rows(floor.ledger())[0]).toMatchObject({ lineCount: 5, names: 'Product A, Product B, Product C and 2 more' });
	});

	test('knows wholly from partly', () => {
		const { floor, first } = day();
		floor.till2.does([
			refunded(
				first.hash,
				[
					[0, 'A', 1, 100],
					[1, 'B', 1, 90],
				],
				floor.till2.receipt(),
			),
		]);
		expect(rows(floor.ledger()).find(({ entry }) => entry === first.hash)?.refunded).toBe('wholly');
	});

	test('marks what was put aside and what was taken back', () => {
		const { floor, second } = day();
		const wrong = floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
		floor.hub.hears(...floor.shop.entries);
		floor.hub.does([corrected(second.hash)]);
		const list = rows(floor.ledger());
		expect(list.filter(({ quarantined }) => quarantined).map(({ entry }) => entry)).toEqual([wrong.hash]);
		expect(list.filter((row) => row.corrected).map(({ entry }) => entry)).toEqual([second.hash]);
	});
});

describe('one in full', () => {
	test('has its lines with what was given back, its tax, its tenders and its refunds', () => {
		const { floor, first, refund } = day();
		const one = detail(floor.ledger(), first.hash);
		expect(one).toMatchObject({
			...{ number: 'T1-000001', deviceName: 'Till 1', totalMinor: 290, roundingMinor: 0 },
			tenders: [{ type: 'cash', amountMinor: 290 }],
			lines: [
				{ line: 0, sku: 'A', name: 'Product A', unit: 'each', quantityMilli: 2000, unitPriceE4: 10_000, totalMinor: 200, refundedMilli: 1000 },
				{ line: 1, sku: 'B', refundedMilli: 0 },
			],
			taxes: [{ says: 'Standard 20%, included in £2.90', taxMinor: 48 }],
			related: [{ number: 'T2-000002', kind: 'refund' }],
		});
		expect(one).not.toHaveProperty('reason');
		expect(detail(floor.ledger(), refund.hash)).toMatchObject({ kind: 'refund', reason: 'stale', related: [{ number: 'T1-000001', kind: 'sale' }] });
	});

	test('where prices are without tax, the lines, the tax on top of them and rounding are the total', () => {
		const floor = openFloor({ A: 10 });
		const fact = sold([['A', 1, 100]], floor.till1.receipt());
		const lines = fact.lines.map((line) => ({ ...line, taxMinor: 21 }));
		const tender = { type: 'cash', amountMinor: 120, givenMinor: 120, changeMinor: 0 };
		const sale = floor.till1.does([{ ...fact, taxExcluded: true, lines, roundingMinor: -1, totalMinor: 120, tenders: [tender] }]);
		expect(detail(floor.ledger(), sale.hash)).toMatchObject({
			...{ totalMinor: 120, roundingMinor: -1, onTop: { linesMinor: 100, taxMinor: 21 } },
			taxes: [{ says: 'Standard 20% on £1.00', taxMinor: 21 }],
		});
	});

	test('a rate that changed its percent while the cart was open is two rates', () => {
		const floor = openFloor({ A: 10 });
		const fact = sold(
			[
				['A', 1, 120],
				['A', 1, 125],
			],
			floor.till1.receipt(),
		);
		const lines = [
			{ ...fact.lines[0]!, taxMinor: 20 },
			{ ...fact.lines[1]!, taxPercentMilli: 25_000, taxMinor: 25 },
		];
		const sale = floor.till1.does([{ ...fact, lines }]);
		expect(detail(floor.ledger(), sale.hash)?.taxes).toEqual([
			{ says: 'Standard 20%, included in £1.20', taxMinor: 20 },
			{ says: 'Standard 25%, included in £1.25', taxMinor: 25 },
		]);
	});

	test('a rate that nobody knows any more is called by its id', () => {
		const { floor, first } = day();
		const replaces = floor.ledger().state.settings.at('taxRates')?.replaces ?? [];
		floor.hub.does([changedSetting({ name: 'taxRates', value: [{ id: 'other', name: 'Other', percentMilli: 0 }] }, replaces)], { scope: 'store' });
		expect(detail(floor.ledger(), first.hash)?.taxes).toMatchObject([{ says: 'standard 20%, included in £2.90' }]);
	});

	test('a weighed product shows its kilograms; a refund without its sale stands alone', () => {
		const { floor, refund, first } = day();
		const replaces = [...(floor.ledger().state.products.get(A)?.unit.replaces ?? [])];
		floor.hub.does([edited('A', { unit: { value: 'kg', replaces } })], { scope: 'store' });
		expect(detail(floor.ledger(), first.hash)?.lines.map(({ unit }) => unit)).toEqual(['kg', 'each']);
		expect(detail(floor.ledger(first), refund.hash)?.related).toEqual([]);
		expect(detail(floor.ledger(), 'ab'.repeat(32) as EntryHash)).toBeUndefined();
	});
});

describe('a product’s history', () => {
	function moved(): Floor {
		const floor = openFloor({ A: 5 });
		floor.hub.does([{ ...received('A', 3), reference: 'delivery 17' }]);
		floor.meet();
		const sale = floor.sell(floor.till1, 'A', 2);
		floor.till1.does([{ ...adjusted('A', -1), note: 'fell down' }]);
		floor.till1.does([corrected(sale.hash, 'rung up twice')]);
		floor.meet();
		floor.hub.does([counted('A', 6, floor.hub.asOf())]);
		return floor;
	}

	test('is newest first, with the stock after each and a word on it', () => {
		const history = movementRows(moved().ledger(), A, 100);
		expect(
			history.map(({ kind, quantityMilli, afterMilli, note, deviceName }) => [kind, quantityMilli / 1000, afterMilli / 1000, note, deviceName]),
		).toEqual([
			['counted', 6, 6, '', 'Hub'],
			['corrected', 2, 7, 'rung up twice', 'Till 1'],
			['adjusted', -1, 5, 'Damaged: fell down', 'Till 1'],
			['sold', -2, 6, 'T1-000001', 'Till 1'],
			['received', 3, 8, 'delivery 17', 'Hub'],
			['received', 5, 5, '', 'Hub'],
		]);
		expect(movementRows(moved().ledger(), A, 2).map(({ kind }) => kind)).toEqual(['counted', 'corrected']);
		expect(movementRows(moved().ledger(), A, 0)).toEqual([]);
		expect(movementRows(moved().ledger(), 'GONE' as Sku, 5)).toEqual([]);
	});

	test('what was put aside is in it, and says that it does not count', () => {
		const floor = openFloor({ A: 5 });
		floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
		expect(movementRows(floor.ledger(), A, 1)).toMatchObject([{ kind: 'sold', afterMilli: 5000, note: 'T1-000001, does not count' }]);
	});
});

describe('a count begins now', () => {
	test('with what is on hand, what is known, and this device’s clock, which stands above all that is known', () => {
		const floor = openFloor({ A: 5 });
		const ledger = floor.ledger();
		const nowMs = floor.shop.nowMs + 60_000;
		expect(countStart(ledger, A, nowMs)).toEqual({ sku: 'A', onHandMilli: 5000, asOf: { hlc: [nowMs, 0], marks: ledger.marks() } });
		// A clock that is behind does not set the count before what it has seen.
		const [ms, counter] = ledger.hlc();
		expect(countStart(ledger, A, 1).asOf.hlc).toEqual([ms, counter + 1]);
		expect(countStart(ledger, 'NEW' as Sku, nowMs).onHandMilli).toBe(0);
	});

	test('what another till sold before, and nobody here had heard of, had left the shelf before it was counted', () => {
		const floor = openFloor({ A: 5 });
		const atMs = floor.shop.nowMs + 60_000;
		floor.till2.does([sold([['A', 1, 100]], floor.till2.receipt())], { atMs });
		const { asOf } = countStart(floor.ledger(floor.shop.entries.at(-1)!), A, atMs + 60_000);
		floor.shop.nowMs = atMs + 120_000;
		floor.till1.does([counted('A', 4, asOf)]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(4);
	});

	test('what is sold between counting and sealing is taken off the figure', () => {
		const floor = openFloor({ A: 5 });
		const atMs = floor.shop.nowMs + 60_000;
		const { asOf } = countStart(floor.ledger(), A, atMs);
		floor.shop.nowMs = atMs;
		floor.sell(floor.till1, 'A');
		floor.till1.does([counted('A', 5, asOf)]);
		expect(floor.onHand(floor.ledger(), 'A')).toBe(4);
	});
});

/** The numbered invariants of `projections/coverage.ts`. */
import type { Ledger } from '#core/ledger/ledger.ts';
import { createCoverage } from '#projections/coverage.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { expect, test } from 'vitest';
import { sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

const RELAY = 'cd'.repeat(32) as DeviceId;

function watermark(ledger: Ledger, tier: Watermark['tier'], marks: readonly Mark[], issuer: DeviceId = RELAY): Watermark {
	return { v: 1, store: ledger.store, branch: ledger.branch, issuer, tier, hlc: ledger.hlc(), marks: [...marks] };
}

test('1. the hub’s disk and the cloud’s are two facts', () => {
	const floor = openFloor({ A: 5 });
	const first = floor.sell(floor.till1, 'A');
	const marks = floor.ledger().marks();
	const second = floor.sell(floor.till1, 'A');
	const ledger = floor.ledger();
	const coverage = createCoverage(ledger);
	expect([coverage.atHost(first.hash), coverage.inCloud(first.hash)]).toEqual([false, false]);
	coverage.update([watermark(ledger, 'host', ledger.marks(), floor.hub.id)]);
	expect([coverage.atHost(second.hash), coverage.inCloud(second.hash)]).toEqual([true, false]);
	coverage.update([watermark(ledger, 'host', ledger.marks(), floor.hub.id), watermark(ledger, 'cloud', marks)]);
	expect([coverage.atHost(second.hash), coverage.inCloud(first.hash), coverage.inCloud(second.hash)]).toEqual([true, true, false]);
});

test('2. a relay that was rolled back to an older backup covers less, and says so', () => {
	const floor = openFloor({ A: 5 });
	const first = floor.sell(floor.till1, 'A');
	const older = floor.ledger().marks();
	const second = floor.sell(floor.till1, 'A');
	const ledger = floor.ledger();
	const coverage = createCoverage(ledger);
	coverage.update([watermark(ledger, 'cloud', ledger.marks())]);
	expect([coverage.inCloud(first.hash), coverage.inCloud(second.hash)]).toEqual([true, true]);
	coverage.update([watermark(ledger, 'cloud', older)]);
	expect([coverage.inCloud(first.hash), coverage.inCloud(second.hash)]).toEqual([true, false]);
	coverage.update([watermark(ledger, 'cloud', ledger.marks())]);
	expect(coverage.inCloud(second.hash)).toBe(true);
});

test('2. what two servers have is there while one of them has it', () => {
	const floor = openFloor({ A: 5 });
	const sale = floor.sell(floor.till1, 'A');
	const ledger = floor.ledger();
	const coverage = createCoverage(ledger);
	const other = 'ef'.repeat(32) as DeviceId;
	coverage.update([watermark(ledger, 'cloud', ledger.marks()), watermark(ledger, 'cloud', ledger.marks(), other)]);
	coverage.update([watermark(ledger, 'cloud', [], RELAY), watermark(ledger, 'cloud', ledger.marks(), other)]);
	expect(coverage.inCloud(sale.hash)).toBe(true);
	coverage.update([]);
	expect(coverage.inCloud(sale.hash)).toBe(false);
});

test('2. a longer mark on the other side of a fork does not cover this one', () => {
	const floor = openFloor({ A: 9 });
	const copy = floor.till1.copy();
	const here = floor.sell(floor.till1, 'A');
	copy.does([sold([['A', 1, 100]], { till: 1, number: 1 })]);
	copy.does([sold([['A', 1, 100]], { till: 1, number: 2 })]);
	const ledger = floor.ledger();
	const both = ledger.marks();
	const others = both.filter(({ hash }) => hash !== here.hash);
	expect(others).toHaveLength(both.length - 1);
	const coverage = createCoverage(ledger);
	coverage.update([watermark(ledger, 'cloud', both)]);
	expect(coverage.inCloud(here.hash)).toBe(true);
	coverage.update([watermark(ledger, 'cloud', others)]);
	expect(coverage.inCloud(here.hash)).toBe(false);
});

test('an entry that is not here is nowhere', () => {
	const floor = openFloor({ A: 5 });
	const sale = floor.sell(floor.till1, 'A');
	const ledger = floor.ledger(sale);
	const coverage = createCoverage(ledger);
	coverage.update([watermark(ledger, 'cloud', floor.ledger().marks())]);
	expect(coverage.inCloud(sale.hash)).toBe(false);
	ledger.add([sale]);
	expect(coverage.inCloud(sale.hash)).toBe(true);
});

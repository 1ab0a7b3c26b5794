/** The proof of no false alarm, over generated shop days (`tests/support/shop-days`). `npm run alarms` plays thousands of them. */
import { CONFLICT_KINDS } from '#core/conflict/registry.ts';
import { expect, test } from 'vitest';
import { differenceIn, generateDay } from '../../support/shop-days/check.ts';
import { PLANTS } from '../../support/shop-days/plants/registry.ts';

const DAYS = 200;

test('lawful days give no conflict, planted ones exactly what was planted, in any order of arrival', () => {
	for (let seed = 1; seed <= DAYS; seed += 1) expect(differenceIn(seed), `seed ${seed}: npm run alarms -- --seeds 1 --from ${seed}`).toBeUndefined();
});

test('every kind that is found can be planted, and is found alone', () => {
	expect(new Set(PLANTS.map(({ kind }) => kind))).toEqual(new Set(CONFLICT_KINDS));
	for (const plant of PLANTS) expect([plant.kind, differenceIn(50_000, [plant])]).toEqual([plant.kind, undefined]);
});

test('everything at once is found as well as each alone', () => {
	expect(differenceIn(60_000, PLANTS)).toBeUndefined();
});

test('the same seed is the same day, and another is another', () => {
	const hashes = (seed: number): readonly string[] => generateDay(seed).day.shop.entries.map(({ hash }) => hash);
	expect(hashes(7)).toEqual(hashes(7));
	expect(hashes(7)).not.toEqual(hashes(8));
});

test('days are days: in a hundred of them everything happens that people do', () => {
	const types = new Set(
		Array.from({ length: 100 }, (_, seed) => generateDay(seed, []).day.shop.entries).flatMap((entries) =>
			entries.flatMap(({ facts }) => facts.map(({ type }) => type)),
		),
	);
	expect([...types]).toEqual(
		expect.arrayContaining([
			...[
				'sale.completed',
				'refund.completed',
				'stock.received',
				'stock.adjusted',
				'stock.counted',
				'count.opened',
				'count.closed',
				'price.changed',
				'branchPrice.changed',
				'product.edited',
			],
			...[
				'product.retired',
				'product.restored',
				'setting.changed',
				'customer.created',
				'credit.given',
				'credit.used',
				'shift.opened',
				'shift.closed',
			],
			...['cash.moved', 'transfer.sent', 'transfer.received', 'order.placed', 'day.reported'],
		]),
	);
});

/** What is proposed can be explained by hand. */
import { reorderOf, type Offer, type ReorderInput } from '#core/reorder.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import { expect, test } from 'vitest';

const offer = (supplier: string, costE4: number | undefined, caseMilli = 1_000, leadDays?: number): Offer => ({
	...{ supplier: supplier as SupplierId, leadDays },
	terms: { caseMilli, ...(costE4 === undefined ? {} : { costE4 }) },
});
const of = (input: Partial<ReorderInput>) => reorderOf({ onHandMilli: 0, comingMilli: 0, soldMilli: 0, levels: undefined, offers: [], ...input });

test('84 sold in 28 days are 3 a day: with 7 days to deliver the minimum is 21, the target 63, in whole cases of 12', () => {
	const offers = [offer('dairy-one', 6_000, 12_000)];
	expect(of({ soldMilli: 84_000, onHandMilli: 10_000, comingMilli: 6_000, offers })).toMatchObject({
		...{ minimumMilli: 21_000, targetMilli: 63_000, cases: 4, quantityMilli: 48_000, by: 'sales', isLow: true },
	});
	expect(of({ soldMilli: 84_000, onHandMilli: 22_000, offers })).toBeUndefined();
});

test('what is on its way is enough: low on the shelf, and nothing to order', () => {
	expect(of({ soldMilli: 84_000, onHandMilli: 10_000, comingMilli: 12_000 })).toMatchObject({ cases: 0, quantityMilli: 0, isLow: true });
});

test('the shop’s own levels go before what is sold, and hold for what sells never', () => {
	const levels = { minimumMilli: 10_000, targetMilli: 30_000 };
	expect(of({ levels, onHandMilli: 10_000, soldMilli: 500_000 })).toMatchObject({ by: 'levels', quantityMilli: 20_000 });
	expect(of({ levels, onHandMilli: 11_000 })).toBeUndefined();
	expect(of({ levels: undefined, onHandMilli: 0 })).toBeUndefined();
});

test('of several suppliers the cheapest is asked, whose delivery time counts; a price that nobody knows is the dearest', () => {
	const offers = [offer('supplier-b', 7_000), offer('supplier-c', undefined), offer('supplier-a', 6_500, 6_000, 14)];
	expect(of({ soldMilli: 28_000, offers })).toMatchObject({ offer: { supplier: 'supplier-a' }, minimumMilli: 14_000, targetMilli: 28_000, cases: 5 });
	expect(of({ soldMilli: 28_000, offers: offers.slice(1, 2) })?.offer?.supplier).toBe('supplier-c');
});

test('less than nothing on the shelf is ordered, too; more came back than was sold orders nothing', () => {
	expect(of({ levels: { minimumMilli: 0, targetMilli: 2_000 }, onHandMilli: -3_000 })).toMatchObject({ quantityMilli: 5_000 });
	expect(of({ soldMilli: -2_000 })).toBeUndefined();
});

/** What a shelf label says of a kilogram or a litre. */
import { unitPriceOf } from '#core/unit-price.ts';
import { expect, test } from 'vitest';

const of = (name: string, unitPriceE4: number, unit: 'each' | 'kg' = 'each') => unitPriceOf({ name, unit }, unitPriceE4);

test('the content in the name says it; packs count all of theirs', () => {
	expect(of('Natural yogurt 500 g', 12_000)).toEqual({ priceE4: 24_000, per: 'kg' });
	expect(of('Cola 6 x 330 ml', 39_600)).toEqual({ priceE4: 20_000, per: 'l' });
	expect(of('Olive oil 0,75 L', 90_000)).toEqual({ priceE4: 120_000, per: 'l' });
	expect(of('Flour 1.5kg', 15_000)).toEqual({ priceE4: 10_000, per: 'kg' });
	expect(of('Wine 75cl', 75_000)).toEqual({ priceE4: 100_000, per: 'l' });
	expect(of('Bananas', 18_000, 'kg')).toEqual({ priceE4: 18_000, per: 'kg' });
});

test('a name without content says none, and neither does a number that only looks like one', () => {
	for (const name of ['Butter croissant', 'Crumpets, 6', '4 gloves', 'USB 3.0 lead', 'Nothing 0 g']) expect(of(name, 10_000)).toBeUndefined();
});

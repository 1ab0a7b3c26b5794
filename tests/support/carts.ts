/** Carts as they come about, for tests that hold for all of them. */
import type { CartLine } from '#schemas/cart.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import fc from 'fast-check';

export const GBP = { code: 'GBP', digits: 2 } as const;

/** Pieces and weights, prices down to a hundredth of a penny, free ones too, at three rates. */
export const cartLines: fc.Arbitrary<CartLine[]> = fc
	.array(
		fc.record({
			sku: fc.option(fc.constantFrom('A', 'B', 'C', 'a'), { nil: undefined }),
			unit: fc.constantFrom('each' as const, 'kg' as const),
			milli: fc.integer({ min: 1, max: 20_000 }),
			unitPriceE4: fc.oneof(
				fc.integer({ min: 0, max: 3_000_000 }),
				fc.integer({ min: 0, max: 300 }).map((pence) => pence * 100),
			),
			taxPercentMilli: fc.constantFrom(0, 5_000, 20_000),
		}),
		{ maxLength: 12 },
	)
	.map((drafts) =>
		drafts.map(({ sku, unit, milli, unitPriceE4, taxPercentMilli }, place): CartLine => ({
			...{ id: String(place), name: `Product ${sku ?? 'open'}`, unit, unitPriceE4, taxRate: `rate ${taxPercentMilli}`, taxPercentMilli },
			...(sku === undefined ? {} : { sku: sku as Sku, price: 'ab'.repeat(32) as EntryHash }),
			quantityMilli: unit === 'kg' ? milli : Math.max(1, Math.round(milli / 4000)) * 1000,
		})),
	);

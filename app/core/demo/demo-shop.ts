/**
 * The demo shop: a corner grocer that does not exist, to try everything on. About 200 products that we made up.
 *
 * Barcodes begin with 952, which GS1 keeps for demonstrations and examples, so none is a real product's. Prices include tax, at rates like Britain's.
 */
import { checkDigitOf } from '#core/gtin.ts';
import type { ProductDraft } from '#core/intent.ts';
import type { TaxRate } from '#schemas/facts/setting-changed.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import { AISLES } from './aisles.ts';

export interface DemoShop {
	readonly shop: {
		readonly storeName: string;
		readonly branchName: string;
		readonly currency: Currency;
		readonly taxRates: TaxRate[];
		readonly timeZone: string;
	};
	readonly products: readonly ProductDraft[];
}

export const DEMO_TAX_RATES: TaxRate[] = [
	{ id: 'standard', name: 'Standard rate', percentMilli: 20_000 },
	{ id: 'zero', name: 'Zero rate', percentMilli: 0 },
	{ id: 'reduced', name: 'Reduced rate', percentMilli: 5_000 },
];

export function demoShop(): DemoShop {
	return {
		shop: {
			storeName: 'Tidewater Stores',
			branchName: 'Harbour Street',
			currency: { code: 'GBP', digits: 2 },
			taxRates: DEMO_TAX_RATES,
			timeZone: 'Europe/London',
		},
		products: AISLES.flatMap(({ prefix, category, taxRate, unit, rows }, aisle) =>
			rows.map(([name, priceMinor, stock], place): ProductDraft => {
				const number = place + 1;
				const tracked = stock !== 'untracked';
				return {
					sku: `${prefix}-${String(number).padStart(3, '0')}` as Sku,
					fields: { name, category, unit: unit ?? 'each', gtins: unit === 'kg' ? [] : [gtinOf(aisle + 1, number)], taxRate, tracked },
					unitPriceE4: priceMinor * 100,
					...(tracked ? { openingMilli: stock * 1000 } : {}),
				};
			}),
		),
	};
}

/** 952, the aisle, the number in it, and the check digit. */
function gtinOf(aisle: number, number: number): Gtin {
	const digits = `952${String(aisle).padStart(4, '0')}${String(number).padStart(5, '0')}`;
	return `${digits}${checkDigitOf(digits)}` as Gtin;
}

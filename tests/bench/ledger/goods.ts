/** A range of goods and what people buy of it: made up, but with the shape of a shop. Chance is seeded: the same run, the same sales. */
import { AISLES } from '#core/demo/aisles.ts';
import { DEMO_TAX_RATES } from '#core/demo/demo-shop.ts';
import { checkDigitOf } from '#core/gtin.ts';
import type { ProductFields } from '#schemas/facts/product-created.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';

export interface Goods {
	readonly sku: Sku;
	readonly fields: ProductFields;
	readonly unitPriceE4: number;
	readonly taxPercentMilli: number;
}

export type Chance = () => number;

/** Mulberry32: 0 … 1. */
export function chanceFrom(seed: number): Chance {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const MAKERS = ['Harbour', 'Northgate', 'Old Mill', 'Fairfield', 'Bell & Son', 'Copper Kettle', 'Seven Oaks', 'Low Tide', 'Wren', 'Aldous'];

export function rangeOf(count: number): readonly Goods[] {
	const rows = AISLES.flatMap(({ prefix, category, taxRate, unit, rows }) =>
		rows.map(([name, priceMinor]) => ({ prefix, category, taxRate, unit: unit ?? ('each' as const), name, priceMinor })),
	);
	return Array.from({ length: count }, (_, index): Goods => {
		const row = rows[index % rows.length]!;
		const round = Math.floor(index / rows.length);
		const maker = round === 0 ? '' : `${MAKERS[round % MAKERS.length]} `;
		const size = round < MAKERS.length ? '' : ` ${Math.floor(round / MAKERS.length)}`;
		const digits = `952${String(index).padStart(9, '0')}`;
		return {
			sku: `${row.prefix}-${String(index).padStart(5, '0')}` as Sku,
			fields: {
				...{ name: `${maker}${row.name}${size}`, category: row.category, unit: row.unit, taxRate: row.taxRate, tracked: true },
				gtins: row.unit === 'kg' ? [] : [`${digits}${checkDigitOf(digits)}` as Gtin],
			},
			unitPriceE4: (row.priceMinor + 5 * (round % 40)) * 100,
			taxPercentMilli: DEMO_TAX_RATES.find(({ id }) => id === row.taxRate)?.percentMilli ?? 0,
		};
	});
}

/** Some goods are bought all the time, most of them now and then: rank r as often as 1/(r + 20) (Zipf, flattened: no article is in every third basket). */
export function pick(goods: readonly Goods[], chance: Chance): Goods {
	const rank = Math.floor(FLATTENED * (goods.length / FLATTENED + 1) ** chance()) - FLATTENED;
	// Ranks are spread over the range, for what sells is not what was entered first.
	return goods[(rank * 7919 + (rank >> 3)) % goods.length]!;
}

const FLATTENED = 20;

/** Pieces, mostly one; weighed goods in grams. */
export function quantityMilliOf({ fields }: Goods, chance: Chance): number {
	if (fields.unit === 'kg') return 100 + Math.floor(chance() * 1900);
	const number = chance();
	return number < 0.75 ? 1000 : number < 0.93 ? 2000 : 3000 + Math.floor(chance() * 4) * 1000;
}

/** The demo shop is a whole shop: everything in it could be typed in by hand and would be taken. */
import { demoShop } from '#core/demo/demo-shop.ts';
import { normalizeGtin } from '#core/gtin.ts';
import { isTimeZone } from '#core/time.ts';
import { productCreated } from '#schemas/facts/product-created.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const { shop, products } = demoShop();

test('it has 205 products, each under its own SKU, and no two of one name', () => {
	expect(products).toHaveLength(205);
	expect(new Set(products.map(({ sku }) => sku)).size).toBe(205);
	expect(new Set(products.map(({ fields }) => fields.name)).size).toBe(205);
});

test('every barcode is valid, stands on one product, and is nobody’s real one', () => {
	const gtins = products.flatMap(({ fields }) => fields.gtins);
	expect(gtins.filter((gtin) => normalizeGtin(gtin) !== gtin)).toEqual([]);
	expect(gtins.filter((gtin) => !gtin.startsWith('952'))).toEqual([]);
	expect(new Set(gtins).size).toBe(gtins.length);
	expect(products.filter(({ fields }) => fields.unit === 'each' && fields.gtins.length !== 1)).toEqual([]);
	expect(products.filter(({ fields }) => fields.unit === 'kg' && fields.gtins.length > 0)).toEqual([]);
});

test('every product fits its fact, at a rate that the shop has, with a price', () => {
	const rates = shop.taxRates.map(({ id }) => id);
	for (const { sku, fields, unitPriceE4 } of products) {
		expect(v.safeParse(productCreated.schema, { type: 'product.created', v: 1, sku, ...fields }).issues, sku).toBeUndefined();
		expect(rates, sku).toContain(fields.taxRate);
		// Whole pennies: a price tag has no others.
		expect((unitPriceE4 ?? 0) > 0 && (unitPriceE4 ?? 0) % 100 === 0, sku).toBe(true);
	}
	expect(isTimeZone(shop.timeZone)).toBe(true);
});

test('what is counted begins with stock, what is not begins with none', () => {
	for (const { sku, fields, openingMilli } of products) {
		if (fields.tracked) expect((openingMilli ?? 0) > 0, sku).toBe(true);
		else expect(openingMilli, sku).toBeUndefined();
		if (fields.unit === 'each') expect((openingMilli ?? 0) % 1000, sku).toBe(0);
	}
});

test('there is exactly one of the yogurt that two tills will sell', () => {
	const yogurt = products.find(({ sku }) => sku === 'DAI-017');
	expect(yogurt).toMatchObject({ fields: { name: 'Natural yogurt 500 g', unit: 'each', tracked: true }, openingMilli: 1000 });
});

test('two tills that make the demo shop make the same one', () => {
	expect(demoShop()).toEqual(demoShop());
});

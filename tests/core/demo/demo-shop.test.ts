import { normalizeGtin } from '#core/gtin.ts';
import { demoShop } from '#core/demo/demo-shop.ts';
import { isTimeZone } from '#core/time.ts';
import { productCreated } from '#schemas/facts/product-created.ts';
import { setting } from '#schemas/facts/setting-changed.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const { shop, products } = demoShop();

test('the demo shop has about 200 products in ten categories or more, none twice', () => {
	expect(products.length).toBeGreaterThan(180);
	expect(products.length).toBeLessThan(240);
	expect(new Set(products.map(({ sku }) => sku)).size).toBe(products.length);
	expect(new Set(products.map(({ fields }) => fields.name)).size).toBe(products.length);
	expect(new Set(products.map(({ fields }) => fields.category)).size).toBeGreaterThanOrEqual(10);
});

test('no barcode is a real product’s, and none is on two products', () => {
	const gtins = products.flatMap(({ fields }) => fields.gtins);
	expect(gtins.length).toBeGreaterThan(150);
	expect(gtins.filter((gtin) => normalizeGtin(gtin) !== gtin || !gtin.startsWith('952') || gtin.length !== 13)).toEqual([]);
	expect(new Set(gtins).size).toBe(gtins.length);
	expect(products.filter(({ fields }) => fields.unit === 'each' && fields.gtins.length === 0)).toEqual([]);
});

test('every product fits its facts, has a price and a rate that the shop has', () => {
	for (const { sku, fields, unitPriceE4, openingMilli } of products) {
		expect(v.safeParse(productCreated.schema, { type: 'product.created', v: 1, sku, ...fields }).issues).toBeUndefined();
		expect(unitPriceE4 > 0 && unitPriceE4 % 100 === 0).toBe(true);
		expect(shop.taxRates.map(({ id }) => id)).toContain(fields.taxRate);
		expect(fields.tracked).toBe(openingMilli !== undefined);
		if (fields.unit === 'each' && openingMilli !== undefined) expect(openingMilli % 1000).toBe(0);
	}
});

test('a few open with exactly one piece, so that the last one can be sold twice; some are never counted', () => {
	const last = products.filter(({ openingMilli }) => openingMilli === 1000);
	expect(last.length).toBeGreaterThanOrEqual(2);
	expect(last.length).toBeLessThan(10);
	expect(last.map(({ fields }) => fields.name)).toContain('Natural yogurt 500 g');
	expect(products.some(({ fields }) => !fields.tracked)).toBe(true);
});

test('its settings are settings', () => {
	for (const [name, value] of Object.entries({ ...shop, storeName: shop.storeName }))
		expect(v.safeParse(setting, { name, value }).issues).toBeUndefined();
	expect(isTimeZone(shop.timeZone)).toBe(true);
	expect(shop.currency).toEqual({ code: 'GBP', digits: 2 });
});

test('it is the same shop every time', () => {
	expect(demoShop()).toEqual(demoShop());
});

/** The numbered invariants of `core/import/products-csv.ts`: 1 and 2 in every bad row, 3 to 6 by name. */
import { decimalText } from '#core/money.ts';
import { productCreated } from '#schemas/facts/product-created.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { productsOfCsv } from '#core/import/products-csv.ts';

const RATES = [
	{ id: 'standard', name: 'Standard rate', percentMilli: 20_000 },
	{ id: 'zero', name: 'Zero rate', percentMilli: 0 },
];

test('a plain file becomes drafts; what is missing has its plain meaning', () => {
	const { products, badRows } = productsOfCsv(
		[
			['SKU', 'Name', 'Price'],
			['A1', 'Apple', '£1.20'],
			['', '', ''],
			['A2', 'Pear', '0,5'],
		],
		RATES,
	);
	expect(badRows).toEqual([]);
	expect(products).toEqual([
		{ sku: 'A1', unitPriceE4: 12_000, fields: { name: 'Apple', category: '', unit: 'each', gtins: [], taxRate: 'standard', tracked: true } },
		{ sku: 'A2', unitPriceE4: 5_000, fields: { name: 'Pear', category: '', unit: 'each', gtins: [], taxRate: 'standard', tracked: true } },
	]);
});

test('columns go by many names, with a byte order mark; barcodes, stock, tax, unit and tracking are read', () => {
	const rows = [
		['\uFEFFProduct code', 'Product_Name', 'Unit price', 'EAN', 'On hand', 'VAT', 'Sold by', 'Tracked', 'Department'],
		['B1', 'Cheese', '1.234,5', '5000169005170; 96385074', '3,25', '0 %', 'kg', 'yes', 'Dairy'],
		['B2', 'Bag', '0.1', '', '', 'standard', 'each', 'no', ''],
	];
	const { products, badRows } = productsOfCsv(rows, RATES);
	expect(badRows).toEqual([]);
	expect(products[0]).toEqual({
		sku: 'B1',
		unitPriceE4: 12_345_000,
		openingMilli: 3_250,
		fields: { name: 'Cheese', category: 'Dairy', unit: 'kg', gtins: ['5000169005170', '96385074'], taxRate: 'zero', tracked: true },
	});
	expect(products[1]?.fields.tracked).toBe(false);
});

test('every bad row is named with its line and what is wrong, and the rest is read', () => {
	const rows = [
		['sku', 'name', 'price', 'barcode', 'stock', 'tax', 'unit', 'tracked'],
		['', 'x', '1', '', '', '', '', ''],
		['C1', '', '1', '', '', '', '', ''],
		['C2', 'x', 'free', '', '', '', '', ''],
		['C3', 'x', '1', '5000169005171', '', '', '', ''],
		['C4', 'x', '1', '', '-2', '', '', ''],
		['C5', 'x', '1', '', '', '17 %', '', ''],
		['C6', 'x', '1', '', '', '', 'litre', ''],
		['C7', 'x', '1', '', '', '', '', 'maybe'],
		['C8', 'x', '1', '', '', '', '', ''],
		['C8', 'again', '1', '', '', '', '', ''],
		['c8', 'another code', '1', '', '', '', '', ''],
	];
	const { products, badRows } = productsOfCsv(rows, RATES);
	expect(products.map(({ sku }) => sku)).toEqual(['C8', 'c8']);
	expect(badRows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 11]);
	expect(badRows.at(-1)?.why).toEqual({ problem: 'sku-twice', sku: 'C8', before: 10 });
});

test('a header without its columns says which', () => {
	expect(productsOfCsv([['a', 'b']], RATES).badRows).toEqual([{ line: 1, why: { problem: 'columns-missing', columns: ['sku', 'name', 'price'] } }]);
	expect(productsOfCsv([], RATES).badRows).toHaveLength(1);
});

function pricesOf(...prices: readonly string[]): readonly (number | undefined)[] {
	const { products } = productsOfCsv([['sku', 'name', 'price'], ...prices.map((price, place) => [`P${place}`, 'x', price])], RATES);
	return prices.map((_, place) => products.find(({ sku }) => String(sku) === `P${place}`)?.unitPriceE4);
}

test('3. a price that can be read two ways is read as the others in its file are written', () => {
	expect(pricesOf('1,234', '12.50')).toEqual([12_340_000, 125_000]);
	expect(pricesOf('1,234', '12,50')).toEqual([12_340, 125_000]);
	expect(pricesOf('1.234', '12,50')).toEqual([12_340_000, 125_000]);
	expect(pricesOf('1.234', '12.50')).toEqual([12_340, 125_000]);
	expect(pricesOf('0.125', '0,125')).toEqual([1_250, 1_250]);
});

test('3. a price that can be read two ways, and no other of its file says which, is bad', () => {
	const rows = [
		['sku', 'name', 'price'],
		['A', 'x', '1,234'],
		['B', 'x', '12'],
	];
	expect(productsOfCsv(rows, RATES)).toMatchObject({
		...{ products: [{ sku: 'B', unitPriceE4: 120_000 }] },
		badRows: [{ line: 2, why: { problem: 'price-unreadable', text: '1,234' } }],
	});
});

test('3. and so is its stock: a thousand pieces are not one and a bit', () => {
	const { products, badRows } = productsOfCsv(
		[
			['sku', 'name', 'price', 'stock', 'unit'],
			['A', 'x', '1.20', '1,234', 'each'],
			['B', 'x', '1.20', '1.234', 'kg'],
			['C', 'x', '1.20', '2.5', 'each'],
		],
		RATES,
	);
	expect(products.map(({ openingMilli }) => openingMilli)).toEqual([1_234_000, 1_234]);
	expect(badRows).toEqual([{ line: 4, why: { problem: 'stock-not-whole', text: '2.5' } }]);
});

test('4. whatever stands in the cells, a draft fits its facts', () => {
	const cell = fc.oneof(
		fc.string({ maxLength: 12 }),
		fc.constantFrom('1', '1,234', '0.5', '9'.repeat(15), '96385074', 'kg', 'no', 'x'.repeat(210), ' a \n b '),
	);
	const columns = [
		'sku',
		'name',
		'category',
		'price',
		'gtin',
		'stock',
		'tax',
		'unit',
		'tracked',
		'age',
		'deposit',
		'pack of',
		'pack size',
		'kind of',
		'kind',
	];
	fc.assert(
		fc.property(fc.array(fc.array(cell, { maxLength: 16 }), { maxLength: 8 }), (rows) => {
			const { products, badRows } = productsOfCsv([columns, ...rows], RATES, undefined, () => true);
			for (const { sku, fields, unitPriceE4, openingMilli } of products) {
				expect(v.safeParse(productCreated.schema, { type: 'product.created', v: 2, sku, ...fields }).issues).toBeUndefined();
				expect(Number.isSafeInteger(unitPriceE4) && unitPriceE4 >= 0 && unitPriceE4 <= 1e14).toBe(true);
				expect(openingMilli === undefined || (Number.isSafeInteger(openingMilli) && openingMilli > 0 && openingMilli <= 1e12)).toBe(true);
			}
			const blank = rows.filter((cells) => cells.every((text) => text.trim() === '')).length;
			expect(products.length + badRows.length + blank).toBe(rows.length);
		}),
	);
});

test('4. prices and stock beyond what a fact says are bad rows', () => {
	const rows = [
		['sku', 'name', 'price', 'stock', 'ean'],
		['A', 'x', '20000000000', '', ''],
		['B', 'x', '1', '2000000000', ''],
		['C', 'x', '1', '', Array.from({ length: 21 }, () => '96385074').join(' ')],
		['D', 'x', '1', '', '5.00017E+12'],
		['E', 'x', '1', '', '5,00017E+12'],
		['F', 'x', `1${'x'.repeat(500)}`, '', ''],
	];
	const { products, badRows } = productsOfCsv(rows, RATES);
	expect(products).toEqual([]);
	expect(badRows.map(({ why }) => why)).toEqual([
		{ problem: 'price-too-high', text: '20000000000' },
		{ problem: 'stock-too-much', text: '2000000000' },
		{ problem: 'barcodes-too-many', count: 21, most: 20 },
		{ problem: 'barcode-shortened', text: '5.00017E+12' },
		{ problem: 'barcode-shortened', text: '5,00017E+12' },
		{ problem: 'price-unreadable', text: `1${'x'.repeat(39)}…` },
	]);
});

test('of two columns that fit the better named one counts, and brackets and signs in a header do not matter', () => {
	const rows = [
		['ID', 'Description', 'SKU', 'Name', 'Unit price', 'Price (£)', 'VAT %'],
		['77', 'long', 'A', 'Apple', '9', '1.20', '20'],
	];
	expect(productsOfCsv(rows, RATES).products).toMatchObject([{ sku: 'A', unitPriceE4: 12_000, fields: { name: 'Apple', taxRate: 'standard' } }]);
});

/** 21,514 real names and codes, beside the repository. */
const REAL_NAMES = new URL('../../../../shared/data/grocery-ean13-names.csv', import.meta.url);

test.skipIf(!existsSync(REAL_NAMES))('a real list of groceries is read to the last row, in both ways of writing a price', () => {
	const names = (parse(readFileSync(REAL_NAMES, 'utf8'), { bom: true, relax_quotes: true }) as string[][]).slice(1);
	const priceMinor = (place: number): number => (place * 37) % 2_000;
	for (const sign of ['.', ',']) {
		const rows = names.map(([code = '', name = ''], place) => [code, name, decimalText(priceMinor(place), { digits: 2 }).replace('.', sign), code]);
		const { products, badRows } = productsOfCsv([['article', 'name', 'price', 'ean'], ...rows], RATES);
		expect(products.length + badRows.length).toBe(names.length);
		// What is left out are names that are none, or longer than a receipt holds.
		expect(badRows.filter(({ why }) => !('column' in why) || why.column !== 'name')).toEqual([]);
		expect(badRows.length).toBeLessThan(20);
		expect(products.reduce((sum, { unitPriceE4 }) => sum + unitPriceE4, 0) % 100).toBe(0);
		expect(products.every(({ fields }) => fields.gtins.length === 1)).toBe(true);
	}
});

test('6. a branch reads the column with its own name, of which an empty cell says as everywhere; others are theirs', () => {
	const rows = [
		['sku', 'name', 'price', 'price in Harbour', 'price in Old Town (north)'],
		['A', 'Apple', '1.20', '1,50', '9.99'],
		['B', 'Pear', '1.20', '', ''],
		['C', 'Plum', '1.20', 'dear', ''],
	];
	const { products, badRows } = productsOfCsv(rows, RATES, 'Harbour');
	expect(products.map(({ ownPriceE4 }) => ownPriceE4)).toEqual([15_000, null]);
	expect(badRows).toMatchObject([{ line: 4, why: { problem: 'price-unreadable', text: 'dear' } }]);
	expect(productsOfCsv(rows, RATES, 'Old Town (north)').products.map(({ ownPriceE4 }) => ownPriceE4)).toEqual([99_900, null, null]);
	for (const name of [undefined, 'Station'])
		for (const draft of productsOfCsv(rows, RATES, name).products) expect(draft).not.toHaveProperty('ownPriceE4');
});

test('7. age, deposit, pack and kind are read where they have columns; what names no other product is a bad row, and so is whoever names that one', () => {
	const header = ['sku', 'name', 'price', 'Age limit', 'Deposit', 'Pack of', 'Pack size', 'Variant of', 'Variant'];
	const rows = [
		header,
		['GIN', 'Gin', '20', '18+', 'BOT', '', '', '', ''],
		['BOT', 'Bottle', '0.25', '', '', '', '', '', ''],
		['SIX', 'Six gins', '110', '18', '', 'GIN', '6', '', ''],
		['TEE', 'Shirt', '9', '0', '', '', '', 'Shirt', 'red, M'],
		['X1', 'x', '1', 'adults', '', '', '', '', ''],
		['X2', 'x', '1', '100', '', '', '', '', ''],
		['X3', 'x', '1', '', '', 'GIN', '', '', ''],
		['X4', 'x', '1', '', '', 'GIN', 'six', '', ''],
		['X5', 'x', '1', '', 'X5', '', '', '', ''],
		['X6', 'x', '1', '', 'X5', '', '', '', ''],
		['X7', 'x', '1', '', 'HERE', '', '', '', 'red'],
		['OK', 'x', '1', '', 'HERE', '', '', '', ''],
	];
	const { products, badRows } = productsOfCsv(rows, RATES, undefined, (sku) => String(sku) === 'HERE');
	const none = { ageLimit: null, deposit: null, draws: null, variant: null };
	expect(products.map(({ sku, fields: { ageLimit, deposit, draws, variant } }) => [sku, { ageLimit, deposit, draws, variant }])).toEqual([
		['GIN', { ...none, ageLimit: 18, deposit: 'BOT' }],
		['BOT', none],
		['SIX', { ...none, ageLimit: 18, draws: { sku: 'GIN', quantityMilli: 6_000 } }],
		['TEE', { ...none, variant: { group: 'Shirt', label: 'red, M' } }],
		['OK', { ...none, deposit: 'HERE' }],
	]);
	expect(badRows).toEqual([
		{ line: 6, why: { problem: 'age-unreadable', text: 'adults' } },
		{ line: 7, why: { problem: 'age-unreadable', text: '100' } },
		{ line: 8, why: { problem: 'empty', column: 'Pack size' } },
		{ line: 9, why: { problem: 'pack-unreadable', text: 'six' } },
		{ line: 10, why: { problem: 'product-unknown', column: 'Deposit', sku: 'X5' } },
		{ line: 11, why: { problem: 'product-unknown', column: 'Deposit', sku: 'X5' } },
		{ line: 12, why: { problem: 'empty', column: 'Variant of' } },
	]);
	const [plain] = productsOfCsv(
		[
			['sku', 'name', 'price'],
			['A', 'Apple', '1'],
		],
		RATES,
	).products;
	expect(Object.keys(plain?.fields ?? {})).not.toContain('ageLimit');
});

import { expect, test } from 'vitest';
import { productsOfCsv } from '#core/import/products-csv.ts';

const RATES = [
	{ id: 'standard', name: 'Standard rate', percentMilli: 20_000 },
	{ id: 'zero', name: 'Zero rate', percentMilli: 0 },
];

test('a plain file becomes drafts; what is missing has its plain meaning', () => {
	const { products, badRows } = productsOfCsv([['SKU', 'Name', 'Price'], ['A1', 'Apple', '£1.20'], ['', '', ''], ['A2', 'Pear', '0,5']], RATES);
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
	expect(products[0]).toEqual({ sku: 'B1', unitPriceE4: 12_345_000, openingMilli: 3_250, fields: { name: 'Cheese', category: 'Dairy', unit: 'kg', gtins: ['5000169005170', '96385074'], taxRate: 'zero', tracked: true } });
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
	expect(badRows.at(-1)?.reason).toBe('The SKU "C8" stands in line 10 already.');
});

test('a header without its columns says which', () => {
	expect(productsOfCsv([['a', 'b']], RATES).badRows).toEqual([{ line: 1, reason: 'The first line must name the columns. Missing: sku, name, price.' }]);
	expect(productsOfCsv([], RATES).badRows).toHaveLength(1);
});

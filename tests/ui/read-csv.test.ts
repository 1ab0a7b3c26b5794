/** Files as other programs write them, and as this one does: `ui/read-csv.ts`. */
import { customersOfCsv } from '#core/import/customers-csv.ts';
import { ownPriceColumn, productsOfCsv } from '#core/import/products-csv.ts';
import { speak, spokenOf } from '#languages/spoken.ts';
import { customersCsv } from '#projections/customers-csv.ts';
import { productsCsv } from '#projections/goods-csv.ts';
import { readCsv } from '#ui/read-csv.ts';
import { afterEach, expect, test } from 'vitest';

afterEach(() => speak(spokenOf(undefined, [])));

async function rowsOf(...parts: BlobPart[]): Promise<readonly (readonly string[])[]> {
	const file = await readCsv(new File(parts, 'goods.csv'));
	if (file === 'too-large') throw new Error('too large');
	return file.rows;
}

test('UTF-8 with or without its mark, and what spreadsheets on Windows call Unicode', async () => {
	const rows = [
		['sku', 'name'],
		['A', 'Käse “Brûlée” جبن'],
	];
	const text = rows.map((row) => row.join('\t')).join('\r\n');
	const littleEnd = new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'));
	expect(await rowsOf(text)).toEqual(rows);
	expect(await rowsOf('\uFEFF', text)).toEqual(rows);
	expect(await rowsOf(littleEnd)).toEqual(rows);
	expect(await rowsOf(new Uint8Array(Buffer.from(littleEnd).swap16()))).toEqual(rows);
});

test('a file of one byte for each letter is read as Windows writes it in the language of the till', async () => {
	expect(await rowsOf(new Uint8Array([...Buffer.from('name;price\n'), 0x4b, 0xe4, 0x73, 0x65, 0x20, 0x80, ...Buffer.from(';2,50')]))).toEqual([
		['name', 'price'],
		['Käse €', '2,50'],
	]);
	await speak(spokenOf('ar', []));
	expect(await rowsOf(new Uint8Array([...Buffer.from('name;price\n'), 0xcc, 0xc8, 0xe4, ...Buffer.from(';2,50')]))).toEqual([
		['name', 'price'],
		['جبن', '2,50'],
	]);
});

test('the sign that parts the titles parts the cells; one inside quotes parts nothing', async () => {
	expect(await rowsOf('sku;name, short;price\nA;Tea, green;2,50')).toEqual([
		['sku', 'name, short', 'price'],
		['A', 'Tea, green', '2,50'],
	]);
	expect(await rowsOf('sku,"name; or\n""title""",price\nA,Tea; green,2.50')).toEqual([
		['sku', 'name; or\n"title"', 'price'],
		['A', 'Tea; green', '2.50'],
	]);
});

test('products and customers that leave as CSV come in as they were, whatever their texts and their branch are called', async () => {
	const branch = 'North; "Quay", 2';
	const [name, category] = ['=1+1; -x, "20%"', "'@Tea"];
	const product = {
		...{ sku: '00-1', name, category, gtins: ['4006381333931'], taxRate: 'standard', unit: 'each', tracked: true, onHandMilli: 0 },
		...{ unitPriceE4: 12_550, storePriceE4: 12_550 },
	};
	const rates = [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }];
	const rows = await rowsOf('\uFEFF', productsCsv([product as never], branch));
	expect(rows[0]).toContain(ownPriceColumn(branch));
	const { products, badRows } = productsOfCsv(rows, rates, branch);
	expect(badRows).toEqual([]);
	expect(products).toMatchObject([{ sku: '00-1', unitPriceE4: 12_550, ownPriceE4: null, fields: { name, category, gtins: ['4006381333931'] } }]);

	const fields = { name: '-Ada "A", O’Hara;', phone: '+44 20 7946 0000', email: 'ada@example.com', card: '=7', note: 'first\n+second, "third"\t=x' };
	const customer = { ...fields, customer: 'c', state: 'known', creditMinor: -5, owedMinor: 0, replaces: [] };
	expect(customersOfCsv(await rowsOf('\uFEFF', customersCsv([customer as never], { code: 'GBP', digits: 2 })))).toEqual({
		customers: [{ line: 2, fields }],
		badRows: [],
	});
});

/** Past sales through the real engine: a small file with every trap in it, and, where the real data is at hand, its first days. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPastSales } from '#server/replay/read-sales.ts';
import { replay } from '#server/replay/replay.ts';

const REAL = new URL('../../../shared/data/online-retail-2010-12.csv', import.meta.url).pathname;
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

function fileOf(rows: readonly string[]): string {
	const file = join(mkdtempSync(join(tmpdir(), 'holdfast-csv-')), 'sales.csv');
	writeFileSync(file, `${[HEADER, ...rows].join('\n')}\n`);
	return file;
}

const TRAPS = [
	'1001,85123A,"LANTERN, WHITE",6,2010-12-01 08:26:00,2.55,1,United Kingdom',
	'1001,85123A,"LANTERN, WHITE",6,2010-12-01 08:26:00,2.55,1,United Kingdom',
	'1001,85123a,lantern of another code,1,2010-12-01 08:26:00,0.125,1,United Kingdom',
	'1002,85123A,LANTERN,2,2010-12-01 09:00:00,3.05,1,France',
	'1003,POST,,1,2010-12-01 10:00:00,0,,',
	'C1004,85123A,LANTERN,-1,2010-12-02 08:00:00,2.55,1,France',
	'1005,85123A,,-3,2010-12-02 09:00:00,0,,',
];

test('bad rows are named with line and reason, and the good ones are read', async () => {
	const sales = await readPastSales(
		fileOf([
			...TRAPS,
			'1006,X,bad,one,2010-12-02 09:00:00,1,,',
			'1006,X,bad,1,yesterday,1,,',
			'1006,X,bad,1,2010-12-02 09:00:00,-1,,',
			',X,bad,1,2010-12-02 09:00:00,1,,',
		]),
		() => undefined,
	);
	expect(sales.rows).toBe(7);
	expect(sales.badRows.map(({ line }) => line)).toEqual([9, 10, 11, 12]);
	expect(sales.badRows.map(({ reason }) => reason.split(' ')[0])).toEqual(['Quantity', 'InvoiceDate', 'UnitPrice', 'InvoiceNo']);
});

test('a file without its columns is refused in a sentence', async () => {
	const file = join(mkdtempSync(join(tmpdir(), 'holdfast-csv-')), 'other.csv');
	writeFileSync(file, 'a,b\n1,2\n');
	await expect(readPastSales(file, () => undefined)).rejects.toThrow('missing: InvoiceNo, StockCode');
});

test('equal rows both count, codes differ by case, a line is rounded once half to even, and all peers fold to the same', async () => {
	const file = fileOf(TRAPS);
	const result = await replay(await readPastSales(file, () => undefined), { file, tills: 2, seed: 3, offline: 0.5, onProgress: () => undefined });
	expect(result).toMatchObject({ rows: 7, invoices: 5, refunds: 1, converged: true, conflictsByKind: {} });
	expect(result.netUnitsBySku).toEqual({ '85123A': 10, '85123a': 1, POST: 1 });
	// 12 × 2.55 + 0.125 (half to even: 0.12) + 2 × 3.05 + 0; then 2.55 back.
	expect(result.takingsByDay).toEqual({ '2010-12-01': '36.82', '2010-12-02': '-2.55' });
	expect(result.takings).toBe('34.27');
});

test.skipIf(!existsSync(REAL))(
	'the first two hundred real invoices come out as an independent sum has them',
	async () => {
		const all = await readPastSales(REAL, () => undefined);
		const invoices = all.invoices.slice(0, 200);
		const sales = { ...all, invoices, rows: invoices.reduce((sum, { lines }) => sum + lines.length, 0) };
		const result = await replay(sales, { file: REAL, tills: 4, seed: 1, offline: 0.2, onProgress: () => undefined });
		const units = new Map<string, number>();
		let pence = 0;
		for (const { lines } of invoices) {
			for (const { sku, quantity, unitPriceE4 } of lines) {
				units.set(sku, (units.get(sku) ?? 0) + quantity);
				// Two decimals in this file, so no line needs rounding: plain whole pennies.
				pence += quantity * Math.round(unitPriceE4 / 100);
			}
		}
		expect(result).toMatchObject({ rows: sales.rows, converged: true, conflictsByKind: {}, takings: (pence / 100).toFixed(2) });
		expect(result.netUnitsBySku).toEqual(Object.fromEntries(units));
	},
	180_000,
);

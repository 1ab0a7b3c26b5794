/** Orders, transfers and what to order again, as a manager reads them. */
import { parse } from 'csv-parse/sync';
import { productsOfCsv } from '#core/import/products-csv.ts';
import { suppliesOfCsv } from '#core/import/supplies-csv.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import {
	branchRows,
	changedPriceSkus,
	costsOf,
	orderRows,
	plannedPriceRows,
	reorderRows,
	supplierRows,
	supplyRows,
	transferRows,
} from '#projections/goods.ts';
import { productsCsv, stockCsv } from '#projections/goods-csv.ts';
import { orderCsv, orderText } from '#projections/order-papers.ts';
import { reorderWhy } from '#projections/reorder-words.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { row } from '../support/catalogue-rows.ts';
import { changedSetting } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';
import { perform } from '../support/till-day.ts';

const [A, B] = ['A', 'B'] as Sku[] as [Sku, Sku];
const DAIRY = 'supplier-dairy' as SupplierId;
const ORDER = '4f2a9c00-order' as OrderId;

function shop() {
	const floor = openFloor({ A: 10, B: 10 });
	const ledger: Ledger = floor.ledger();
	perform(ledger, floor.till1, {
		...{ intent: 'change-supplier', supplier: DAIRY },
		fields: { name: { value: '=Green Dairy', replaces: [] }, leadDays: { value: 2, replaces: [] }, account: { value: '4711', replaces: [] } },
	});
	perform(ledger, floor.till1, {
		...{ intent: 'change-supplies', supplier: DAIRY },
		lines: [{ sku: A, terms: { code: 'GD-1', caseMilli: 6_000, costE4: 5_000 } }],
	});
	const context = () => ({ ledger, nowMs: floor.shop.nowMs, onHandMilli: (sku: Sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0 });
	const hear = (): void => {
		floor.meet();
		ledger.add(floor.shop.entries);
	};
	hear();
	return { floor, ledger, context, hear };
}

test('what is short is proposed in whole cases, and the sentence says by hand how the figure came about', () => {
	const { floor, ledger, context, hear } = shop();
	floor.sell(floor.till2, 'A', 9);
	hear();
	const [short, ...others] = reorderRows(context());
	expect(others).toEqual([]);
	expect(short).toMatchObject({ sku: A, soldMilli: 9_000, onHandMilli: 1_000, comingMilli: 0, supplierName: '=Green Dairy', cases: 1, isLow: true });
	expect(reorderWhy(short!)).toBe(
		'9 sold in 28 days. To last 2 days until a delivery and 14 more takes 6; 1 on hand and 0 on the way: 1 × a case of 6.',
	);
	perform(ledger, floor.till1, { intent: 'place-order', order: ORDER, supplier: DAIRY, lines: [{ sku: A, quantityMilli: 6_000 }] });
	expect(reorderRows(context())).toMatchObject([{ isLow: true, comingMilli: 6_000, quantityMilli: 0 }]);
});

test('an order reads as its supplier gets it, and no word of it is a formula', () => {
	const { floor, ledger, context } = shop();
	const lines = [
		{ sku: A, quantityMilli: 12_000, code: 'GD-1', costE4: 5_000 },
		{ sku: B, quantityMilli: 3_000 },
	];
	perform(ledger, floor.till1, { intent: 'place-order', order: ORDER, supplier: DAIRY, lines, note: 'Back door' });
	const [order] = orderRows(context());
	expect(order).toMatchObject({
		number: '4F2A9C',
		state: 'open',
		costMinor: 600,
		account: '4711',
		lines: [{ leftMilli: 12_000 }, { leftMilli: 3_000 }],
	});
	const text = orderText(order!, { storeName: 'Kelp & Co', branchName: 'Harbour' } as ShopRow);
	for (const words of ['4F2A9C', '4711', '12 × Product A (GD-1), 2 × a case of 6', '3 × Product B (B)', 'Back door', 'Kelp & Co', 'Harbour'])
		expect(text).toContain(words);
	expect(orderCsv(order!)).toContain('4F2A9C,4711,GD-1,A,Product A,12,2,0.5');
	perform(ledger, floor.till1, { intent: 'receive', order: ORDER, lines: [{ sku: A, quantityMilli: 10_000 }], closes: true });
	expect(orderRows(context())).toMatchObject([{ state: 'closed', lines: [{ leftMilli: 2_000 }, {}], receipts: [{ pieces: 10 }] }]);
	expect(costsOf(context())).toEqual([[A, 5_000]]);
});

test('suppliers and what they have; other branches by their names; what is on its way; prices to come', () => {
	const { floor, ledger, context, hear } = shop();
	expect(supplierRows(context())).toMatchObject([{ fields: { name: '=Green Dairy', leadDays: 2 }, products: 1, apart: [] }]);
	expect(supplyRows(context(), DAIRY)).toMatchObject([{ sku: A, terms: { code: 'GD-1' } }]);
	const other = '0f'.repeat(16);
	const away = floor.shop.device('Other hub', { role: 'hub', till: 90 });
	floor.hub.does(
		[
			{ ...away.enrolment(), branch: other },
			{ ...changedSetting({ name: 'branchName', value: 'Station' }), branch: other },
		],
		{
			scope: 'store',
		},
	);
	hear();
	expect(branchRows(context())).toEqual([{ branch: other, name: 'Station' }]);
	// The store's first branch was named with the store, and is called so from every other one.
	const first = '01'.repeat(16);
	const theirs = floor.shop.device('First hub', { role: 'hub', till: 91 });
	floor.hub.does([{ ...theirs.enrolment(), branch: first }, changedSetting({ name: 'branchName', value: 'High Street' })], { scope: 'store' });
	hear();
	expect(branchRows(context())).toEqual([
		{ branch: first, name: 'High Street' },
		{ branch: other, name: 'Station' },
	]);
	perform(ledger, floor.till1, {
		intent: 'send-transfer',
		transfer: 'transfer-1' as never,
		to: other as never,
		lines: [{ sku: A, quantityMilli: 2_000 }],
	});
	expect(transferRows(context())).toMatchObject([{ way: 'out', toName: 'Station', receivedAtMs: undefined, lines: [{ sentMilli: 2_000 }] }]);
	perform(ledger, floor.till1, { intent: 'plan-price', sku: B, unitPriceE4: 12_000, fromMs: floor.shop.nowMs + 86_400_000 });
	const [planned] = plannedPriceRows(context());
	expect(planned).toMatchObject({ sku: B, unitPriceE4: 12_000, nowE4: 10_000 });
	perform(ledger, floor.till1, { intent: 'cancel-price', sku: B, entry: planned!.entry });
	expect(plannedPriceRows(context())).toEqual([]);
	expect(ledger.state.products.get(B)?.price?.value).toBe(10_000);
	expect(ledger.conflicts()).toEqual([]);
});

test('a supplier’s price list: products by SKU or barcode, bad rows named, what the shop does not have counted', () => {
	const known: Record<string, Sku> = { A, '4006381333931': B };
	const list = (...rows: string[][]) => suppliesOfCsv(rows, (code) => known[code]);
	expect(
		list(
			['SKU', 'Barcode', 'Code', 'Case size', 'Cost'],
			['A', '', 'GD-1', '6', '0.50'],
			['', '4006381333931', '', '', ''],
			['Z', '', '', '', '1'],
			['A', '', '', 'six', '1'],
		),
	).toEqual({
		supplies: [
			{ sku: A, terms: { code: 'GD-1', caseMilli: 6_000, costE4: 5_000 } },
			{ sku: B, terms: { caseMilli: 1_000 } },
		],
		badRows: [{ line: 5, why: { problem: 'case-unreadable', text: 'six' } }],
		others: 1,
	});
	expect(list(['name']).badRows).toHaveLength(1);
});

test('products that leave as a file come in again as they were, and no name is a formula', () => {
	const rows = [
		row('A', { name: '=SUM(1)', gtins: ['4006381333931'], unitPriceE4: 12_345 }),
		row('B', { unit: 'kg', tracked: false, category: 'a, "b"' }),
		row('C', { extras: { ageLimit: 18, deposit: A, draws: { sku: A, quantityMilli: 2_500 }, variant: { group: '-', label: 'M' } } }),
	];
	const text = productsCsv(rows);
	expect(text).toContain("'=SUM(1)");
	const cells = parse(text, { bom: true }) as string[][];
	const { products, badRows } = productsOfCsv(cells, [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }]);
	expect(badRows).toEqual([]);
	expect(products).toMatchObject([
		{ sku: 'A', unitPriceE4: 12_345, fields: { gtins: ['4006381333931'], tracked: true } },
		{ sku: 'B', unitPriceE4: 10_000, fields: { unit: 'kg', tracked: false, category: 'a, "b"', ageLimit: null } },
		{ fields: { ageLimit: 18, deposit: 'A', draws: { sku: 'A', quantityMilli: 2_500 }, variant: { group: '-', label: 'M' } } },
	]);
	expect(products[0]?.fields.name).toBe('=SUM(1)');
	expect(stockCsv(rows, new Map([[A, 5_000]]))).toContain("A,'=SUM(1),Things,5,each,0.5,2.5");
});

test('a file of a branch among others names its own prices in a column of their own, and brings them in again', () => {
	const ofBranch = { storeE4: 12_000, isOwn: true, replaces: [] };
	const rows = [
		row('A', { unitPriceE4: 15_000, extras: { ownPrice: ofBranch } }),
		row('B', { unitPriceE4: 9_000, extras: { ownPrice: { ...ofBranch, isOwn: false, storeE4: 9_000 } } }),
	];
	const text = productsCsv(rows, 'Harbour');
	expect(text).toContain('sku,name,category,price,price in Harbour,barcode');
	const cells = parse(text, { bom: true }) as string[][];
	expect(productsOfCsv(cells, [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }], 'Harbour').products).toMatchObject([
		{ sku: 'A', unitPriceE4: 12_000, ownPriceE4: 15_000 },
		{ sku: 'B', unitPriceE4: 9_000, ownPriceE4: null },
	]);
	expect(productsCsv(rows)).not.toContain('Harbour');
});

test('prices to come are the store’s and this branch’s, and labels are of what changed on this branch’s shelves', () => {
	const { floor, ledger, context } = shop();
	const { nowMs } = floor.shop;
	const own = (unitPriceE4: number | null, fromMs: number) => perform(ledger, floor.till1, { intent: 'plan-own-price', sku: A, unitPriceE4, fromMs });
	own(8_000, nowMs + 1_000_000);
	own(null, nowMs + 50_000_000);
	perform(ledger, floor.till1, { intent: 'plan-price', sku: B, unitPriceE4: 12_000, fromMs: nowMs + 30_000_000 });
	expect(plannedPriceRows(context()).map(({ sku, unitPriceE4, nowE4, isOwn }) => [sku, unitPriceE4, nowE4, isOwn])).toEqual([
		[A, 8_000, 10_000, true],
		[B, 12_000, 10_000, false],
		[A, null, 10_000, true],
	]);
	const changed = (atMs: number, sinceMs: number) => changedPriceSkus({ ...context(), nowMs: atMs }, sinceMs);
	expect(changed(nowMs + 2_000_000, nowMs + 1_000_000)).toEqual([A]);
	// The store's price of A changes under its own: no label of this branch does.
	perform(ledger, floor.till1, { intent: 'plan-price', sku: A, unitPriceE4: 11_000, fromMs: nowMs + 20_000_000 });
	expect(changed(nowMs + 40_000_000, nowMs + 10_000_000)).toEqual([B]);
	expect(changed(nowMs + 60_000_000, nowMs + 45_000_000)).toEqual([A]);
});

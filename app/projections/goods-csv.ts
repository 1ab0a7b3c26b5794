/** Stock, products and movements as files for a spreadsheet. Names of columns stay English, so that a program can read them; products can be imported again. */
import { csvText, type CsvCell } from '#core/csv.ts';
import { ownPriceColumn } from '#core/import/products-csv.ts';
import type { Sku } from '#schemas/ids.ts';
import { ownPriceOf, storePriceOf } from './own-price.ts';
import type { CatalogueRow, MovementRow } from './rows.ts';

/** `costs`: of one, in ten-thousandths, where it is known. */
export function stockCsv(rows: readonly CatalogueRow[], costs: ReadonlyMap<Sku, number>): string {
	return csvText([
		['sku', 'product', 'category', 'on hand', 'unit', 'average cost', 'worth at cost'],
		...rows
			.filter(({ tracked }) => tracked)
			.map(({ sku, name, category, onHandMilli, unit }): CsvCell[] => {
				const costE4 = costs.get(sku);
				const worth = costE4 === undefined ? '' : Math.round((Math.max(0, onHandMilli) / 1000) * costE4) / 10_000;
				return [sku, name, category, onHandMilli / 1000, unit, costE4 === undefined ? '' : costE4 / 10_000, worth];
			}),
	]);
}

/** `price` is the store's. `branchName`: of this branch, where there are others; its own prices then have a column, empty where the store's holds. */
export function productsCsv(rows: readonly CatalogueRow[], branchName?: string): string {
	const e4 = (price: number | undefined): CsvCell => (price === undefined ? '' : price / 10_000);
	return csvText([
		[
			'sku',
			'name',
			'category',
			'price',
			...(branchName === undefined ? [] : [ownPriceColumn(branchName)]),
			'barcode',
			'tax',
			'unit',
			'tracked',
			...EXTRA_COLUMNS,
		],
		...rows.map((row): CsvCell[] => {
			const { sku, name, category, gtins, taxRate, unit, tracked, extras = {} } = row;
			const { ageLimit, deposit, draws, variant } = extras;
			const own = ownPriceOf(row);
			return [
				...[sku, name, category, e4(storePriceOf(row))],
				...(branchName === undefined ? [] : [e4(own)]),
				...[gtins.join(' '), taxRate, unit, tracked ? 'yes' : 'no'],
				...[ageLimit ?? '', deposit ?? '', draws?.sku ?? '', draws === undefined ? '' : draws.quantityMilli / 1000],
				...[variant?.group ?? '', variant?.label ?? ''],
			];
		}),
	]);
}

const EXTRA_COLUMNS = ['age limit', 'deposit', 'pack of', 'pack size', 'variant of', 'variant'];

export function movementsCsv({ sku, name }: Pick<CatalogueRow, 'sku' | 'name'>, rows: readonly MovementRow[]): string {
	return csvText([
		['sku', 'product', 'when', 'device', 'what', 'moved', 'after', 'note'],
		...rows.map(({ atMs, deviceName, kind, quantityMilli, afterMilli, note }): CsvCell[] => [
			...[sku, name, new Date(atMs).toISOString(), deviceName, kind, quantityMilli / 1000, afterMilli / 1000, note],
		]),
	]);
}

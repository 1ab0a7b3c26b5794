/**
 * A stock take while it goes on, and what it comes to: how far it is, what is left, and by how much shelves differ, in goods and in money.
 *
 * 1. Of a product that was counted again the last count stands; the others are not shown.
 * 2. While one counts, nothing says what is expected: whoever knows the figure finds it. It is in the differences, which are looked at afterwards.
 * 3. Of a blind one no figure of those is told before it is closed, to anybody.
 */
import { averageCostE4 } from '#core/cost.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { priceAt } from '#core/price.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Sku } from '#schemas/ids.ts';
import { compareNames } from './catalogue.ts';
import { countRows, type CountLineRow, type CountRow } from './counts.ts';
import { minorOf, type GoodsContext } from './goods.ts';

export interface StockTakeRow {
	readonly count: CountId;
	readonly name: string;
	readonly isOpen: boolean;
	/** What differs is not told yet. */
	readonly isBlind: boolean;
	readonly openedAtMs: number | undefined;
	readonly closedAtMs: number | undefined;
	readonly counted: number;
	/** How many products are to be counted. */
	readonly of: number;
}

export interface StockTakeLine extends CountLineRow {
	readonly unit: 'each' | 'kg';
	/** Below zero: that much is missing. Undefined where nobody knows what was expected. */
	readonly worthMinor: number | undefined;
}

export interface StockTake extends StockTakeRow {
	/** The last counted first. */
	readonly lines: readonly StockTakeLine[];
	/** Of those that differ, the most money first. */
	readonly differences: readonly StockTakeLine[];
	readonly uncounted: readonly { readonly sku: Sku; readonly name: string; readonly category: string }[];
	/** Of some products only. */
	readonly skus: readonly Sku[] | undefined;
	readonly missingMinor: number;
	readonly foundMinor: number;
}

export function stockTakeRows({ ledger }: GoodsContext): readonly StockTakeRow[] {
	return countRows(ledger).map((row) => stockTakeRow(ledger, row));
}

function stockTakeRow(ledger: Ledger, { count, name, isOpen, openedAtMs, closedAtMs, lines, left }: CountRow): StockTakeRow {
	const counted = new Set(lines.map(({ sku }) => sku)).size;
	const isBlind = isOpen && ledger.state.books.counts.get(count)?.opened?.isBlind === true;
	return {
		...{ count, name, isOpen, isBlind, openedAtMs, closedAtMs, counted },
		of: left === undefined ? countable(ledger).length : counted + left.length,
	};
}

export function stockTake({ ledger, nowMs }: GoodsContext, count: CountId): StockTake | undefined {
	const row = countRows(ledger).find((one) => one.count === count);
	if (row === undefined) return undefined;
	const skus = ledger.state.books.counts.get(count)?.skus;
	const told = stockTakeRow(ledger, row);
	const lines = row.lines
		.filter(({ isReplaced }) => !isReplaced)
		.map((line) => lineOf(ledger, told.isBlind ? { ...line, expectedMilli: undefined, differenceMilli: undefined } : line, nowMs))
		.reverse();
	const counted = new Set(lines.map(({ sku }) => sku));
	const differences = lines
		.filter(({ differenceMilli }) => differenceMilli !== undefined && differenceMilli !== 0)
		.sort((a, b) => Math.abs(b.worthMinor ?? 0) - Math.abs(a.worthMinor ?? 0));
	const sum = (sign: number): number => differences.reduce((all, { worthMinor = 0 }) => all + (worthMinor * sign > 0 ? worthMinor : 0), 0);
	return {
		...told,
		...{ lines, differences, skus, missingMinor: sum(-1), foundMinor: sum(1) },
		uncounted: (skus ?? countable(ledger))
			.filter((sku) => !counted.has(sku))
			.map((sku) => {
				const product = ledger.state.products.get(sku);
				return { sku, name: product?.name.value ?? sku, category: product?.category.value ?? '' };
			})
			.sort((a, b) => compareNames(a.category, b.category) || compareNames(a.name, b.name)),
	};
}

function lineOf(ledger: Ledger, line: CountLineRow, nowMs: number): StockTakeLine {
	const { branch, state } = ledger;
	const product = state.products.get(line.sku);
	const oneE4 = averageCostE4(state.books.costs.get(line.sku), line.countedMilli) ?? (product && priceAt(product, branch, nowMs)?.unitPriceE4);
	const worthMinor =
		line.differenceMilli === undefined || oneE4 === undefined ? undefined : minorOf(ledger, BigInt(line.differenceMilli) * BigInt(oneE4));
	return { ...line, unit: product?.unit.value ?? 'each', worthMinor };
}

/** Everything whose stock is kept and which is offered. */
function countable({ state }: Ledger): readonly Sku[] {
	return [...state.products.values()].filter(({ tracked, retired }) => tracked.value && !retired).map(({ sku }) => sku);
}

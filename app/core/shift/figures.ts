/**
 * What a till took: the figures of an X, a Z, a shift and a day are one sum over receipts.
 *
 * 1. Sales less refunds are the tenders: what the receipts say was paid is what was taken.
 * 2. The sum of two parts is the figures of the whole (`addFigures`), in any order.
 * 3. Lists are in order of their names, so that equal figures are equal data.
 *
 * A receipt that was registered is in the figures for ever; what a correction takes back is left out by whoever asks for money that is there (shift, day),
 * never by a Z.
 */
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import { zFigures } from '#schemas/facts/z-closed.ts';
import * as v from 'valibot';

const receiptRange = v.strictObject({ from: v.number(), to: v.number() });

/** As they lie in a checkpoint; a Z's have the same names. */
export const figuresSchema = v.strictObject({
	...zFigures,
	/** Lowest and highest receipt number; absent when there was none. */
	receipts: v.optional(receiptRange),
	/** Cash that sales brought, and cash that went back: the tenders have only the difference. */
	cashInMinor: v.pipe(v.number(), v.safeInteger()),
	cashOutMinor: v.pipe(v.number(), v.safeInteger()),
});
export type Figures = v.InferOutput<typeof figuresSchema>;

export type ReceiptFact = SaleCompleted | RefundCompleted | ExchangeCompleted;

export function isReceipt(fact: Fact): fact is ReceiptFact {
	return fact.type === 'sale.completed' || fact.type === 'refund.completed' || fact.type === 'exchange.completed';
}

/** Sales less refunds. */
export function takingsMinor({ sales, refunds }: Pick<Figures, 'sales' | 'refunds'>): number {
	return sales.minor - refunds.minor;
}

/** Nothing was sold, given back or opened. */
export function isNothing({ sales, refunds, noSales }: Figures): boolean {
	return sales.count === 0 && refunds.count === 0 && noSales === 0;
}

export interface Tally {
	/** A receipt, or a drawer that was opened without one; anything else adds nothing. */
	add(fact: Fact): void;
	addFigures(figures: Figures): void;
	figures(): Figures;
}

export function createTally(from?: Figures): Tally {
	const sales = { count: 0, minor: 0 };
	const refunds = { count: 0, minor: 0 };
	const taxes = new Map<string, { taxRate: string; percentMilli: number; grossMinor: number; taxMinor: number }>();
	const tenders = new Map<string, number>();
	let receipts: { from: number; to: number } | undefined;
	const sums = { roundingMinor: 0, discountsMinor: 0, noSales: 0, cashInMinor: 0, cashOutMinor: 0 };

	function addTax(taxRate: string, percentMilli: number, grossMinor: number, taxMinor: number): void {
		const name = `${taxRate} ${percentMilli}`;
		const tax = taxes.get(name);
		if (tax === undefined) taxes.set(name, { taxRate, percentMilli, grossMinor, taxMinor });
		else {
			tax.grossMinor += grossMinor;
			tax.taxMinor += taxMinor;
		}
	}

	function addTender(type: string, minor: number): void {
		tenders.set(type, (tenders.get(type) ?? 0) + minor);
	}

	function addReceiptNumber(from: number, to: number): void {
		receipts = receipts === undefined ? { from, to } : { from: Math.min(receipts.from, from), to: Math.max(receipts.to, to) };
	}

	/** What lines come to with their tax, each put to its rate; `sign` −1 for what came back. */
	function addLines(lines: ReceiptFact['lines'], taxExcluded: boolean, sign: 1 | -1): number {
		let sumMinor = 0;
		for (const line of lines) {
			const grossMinor = line.totalMinor + (taxExcluded ? line.taxMinor : 0);
			sumMinor += grossMinor;
			addTax(line.taxRate, line.taxPercentMilli, sign * grossMinor, sign * line.taxMinor);
			if (sign > 0 && 'discounts' in line) for (const { amountMinor } of line.discounts ?? []) sums.discountsMinor += amountMinor;
		}
		return sumMinor;
	}

	function addReceipt(fact: ReceiptFact): void {
		const taxExcluded = fact.taxExcluded === true;
		const sign = fact.type === 'refund.completed' ? -1 : 1;
		sums.roundingMinor += sign * fact.roundingMinor;
		addReceiptNumber(fact.receipt.number, fact.receipt.number);
		for (const { type, amountMinor } of fact.tenders) {
			const minor = sign * amountMinor;
			addTender(type, minor);
			if (type === 'cash') sums[minor < 0 ? 'cashOutMinor' : 'cashInMinor'] += Math.abs(minor);
		}
		if (fact.type === 'exchange.completed') {
			// One receipt, both ways: what rounding added belongs to what was sold, unless there is nothing for it to be taken from.
			const backMinor = addLines(fact.returned, taxExcluded, -1);
			const soldMinor = addLines(fact.lines, taxExcluded, 1) + fact.roundingMinor;
			sales.count += 1;
			sales.minor += Math.max(0, soldMinor);
			refunds.count += 1;
			refunds.minor += backMinor - Math.min(0, soldMinor);
			return;
		}
		addLines(fact.lines, taxExcluded, sign);
		const sum = sign > 0 ? sales : refunds;
		sum.count += 1;
		sum.minor += fact.totalMinor;
	}

	function addFigures(figures: Figures): void {
		sales.count += figures.sales.count;
		sales.minor += figures.sales.minor;
		refunds.count += figures.refunds.count;
		refunds.minor += figures.refunds.minor;
		for (const { taxRate, percentMilli, grossMinor, taxMinor } of figures.taxes) addTax(taxRate, percentMilli, grossMinor, taxMinor);
		for (const { type, minor } of figures.tenders) addTender(type, minor);
		if (figures.receipts !== undefined) addReceiptNumber(figures.receipts.from, figures.receipts.to);
		for (const name of ['roundingMinor', 'discountsMinor', 'noSales', 'cashInMinor', 'cashOutMinor'] as const) sums[name] += figures[name];
	}

	if (from !== undefined) addFigures(from);
	return {
		add(fact) {
			if (isReceipt(fact)) addReceipt(fact);
			else if (fact.type === 'drawer.opened') sums.noSales += 1;
		},
		addFigures,
		figures: () => ({
			sales: { ...sales },
			refunds: { ...refunds },
			taxes: [...taxes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tax]) => ({ ...tax })),
			tenders: [...tenders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, minor]) => ({ type, minor })),
			...sums,
			...(receipts === undefined ? {} : { receipts: { ...receipts } }),
		}),
	};
}

/** Cash that should be in the drawer. */
export function expectedCashMinor(
	floatMinor: number,
	moved: { readonly inMinor: number; readonly dropMinor: number; readonly outMinor: number },
	{ cashInMinor, cashOutMinor }: Pick<Figures, 'cashInMinor' | 'cashOutMinor'>,
): number {
	return floatMinor + moved.inMinor - moved.dropMinor - moved.outMinor + cashInMinor - cashOutMinor;
}

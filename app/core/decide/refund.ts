/**
 * Money goes back for goods.
 *
 * 1. No more of a line than was sold and not refunded yet, as far as this device knows. Two devices that do not know of each other may both refund:
 *    that is a conflict, not a refusal.
 * 2. However a line is refunded, in one go or piece by piece, the pieces sum to what the customer paid for it, and so does the tax in them.
 */
import { isRefusal, type DecideContext, type Intent, type Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { SaleState } from '#core/ledger/state.ts';
import { roundHalfEven, roundToCash, sumMinor, taxInsideMinor } from '#core/money.ts';
import type { RefundCompleted, RefundLine } from '#schemas/facts/refund-completed.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { Facts } from './facts.ts';
import { openShiftOf } from './shift.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

const MOST_LINES = 1500;
const MOST_MINOR = 1e12;

export function decideRefund(
	ledger: Ledger,
	{ sale: saleHash, lines, tender, reason }: Of<'refund'>,
	{ nextReceipt, device }: DecideContext,
): Facts | Refusal {
	const sale = ledger.state.sales.get(saleHash);
	if (sale === undefined || !sale.counts) return { refused: 'no-such-sale' };
	if (lines.length === 0) return { refused: 'nothing-changed' };
	if (lines.length > MOST_LINES) return { refused: 'too-many-lines', most: MOST_LINES };
	const refundedHere = new Map<number, { milli: number; minor: number; taxMinor: number }>();
	const refundLines: RefundLine[] = [];
	for (const { saleLine, quantityMilli, restock } of lines) {
		const line = lineOfSale(sale, saleLine, quantityMilli, restock, refundedHere);
		if (isRefusal(line)) return line;
		refundLines.push(line);
	}
	return {
		branch: [
			refund(ledger, { receipt: nextReceipt, currency: sale.fact.currency, sale: saleHash, ...shiftOf(ledger, device) }, refundLines, tender, reason),
		],
		takesReceipt: true,
	};
}

function lineOfSale(
	sale: SaleState,
	saleLine: number,
	quantityMilli: number,
	restock: boolean,
	here: Map<number, { milli: number; minor: number; taxMinor: number }>,
): RefundLine | Refusal {
	const sold = sale.fact.lines[saleLine];
	if (sold === undefined) return { refused: 'no-such-sale', line: saleLine };
	if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) return { refused: 'quantity-not-positive', line: saleLine };
	const before = here.get(saleLine) ?? {
		milli: sale.refundedMilli[saleLine] ?? 0,
		minor: sale.refundedMinor[saleLine] ?? 0,
		taxMinor: sale.refundedTaxMinor[saleLine] ?? 0,
	};
	const leftMilli = sale.correctedBy === undefined ? Math.max(0, sold.quantityMilli - before.milli) : 0;
	if (quantityMilli > leftMilli) return { refused: 'refund-too-much', line: saleLine, leftMilli };
	const doneMilli = before.milli + quantityMilli;
	const share = (wholeMinor: number): number => roundHalfEven(BigInt(wholeMinor) * BigInt(doneMilli), BigInt(sold.quantityMilli));
	// What is left of the line up to here, less what really went back: the last piece takes the remainder, whatever the earlier ones were.
	const totalMinor = Math.max(0, share(sold.totalMinor) - before.minor);
	const taxMinor = Math.min(totalMinor, Math.max(0, share(sold.taxMinor) - before.taxMinor));
	here.set(saleLine, { milli: doneMilli, minor: before.minor + totalMinor, taxMinor: before.taxMinor + taxMinor });
	return {
		saleLine,
		...(sold.sku === undefined ? {} : { sku: sold.sku }),
		name: sold.name,
		quantityMilli,
		totalMinor,
		taxRate: sold.taxRate,
		taxPercentMilli: sold.taxPercentMilli,
		taxMinor,
		restock: restock && sold.sku !== undefined,
	};
}

/** A return without a receipt, at the amounts that somebody answers for. */
export function decideRefundWithoutSale(
	ledger: Ledger,
	{ lines, tender, reason }: Of<'refund-without-sale'>,
	{ nextReceipt, device }: DecideContext,
): Facts | Refusal {
	const { state } = ledger;
	if (lines.length === 0) return { refused: 'nothing-changed' };
	if (lines.length > MOST_LINES) return { refused: 'too-many-lines', most: MOST_LINES };
	const currency = state.settings.value('currency');
	if (currency === undefined) return { refused: 'setting-invalid', setting: 'currency' };
	const refundLines: RefundLine[] = [];
	for (const { sku, quantityMilli, totalMinor, restock } of lines) {
		const product = state.products.get(sku);
		if (product === undefined) return { refused: 'no-such-product', sku };
		if (!Number.isSafeInteger(quantityMilli) || quantityMilli <= 0) return { refused: 'quantity-not-positive', sku };
		if (!Number.isSafeInteger(totalMinor) || totalMinor < 0 || totalMinor > MOST_MINOR)
			return { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
		const taxRate = product.taxRate.value;
		const taxPercentMilli = state.settings.value('taxRates')?.find(({ id }) => id === taxRate)?.percentMilli ?? 0;
		refundLines.push({
			sku,
			name: product.name.value,
			quantityMilli,
			totalMinor,
			taxRate,
			taxPercentMilli,
			taxMinor: taxInsideMinor(totalMinor, taxPercentMilli),
			restock,
		});
	}
	return {
		branch: [refund(ledger, { receipt: nextReceipt, currency, ...shiftOf(ledger, device) }, refundLines, tender, reason)],
		takesReceipt: true,
	};
}

function shiftOf(ledger: Ledger, device: DecideContext['device']): Pick<RefundCompleted, 'shift'> {
	const shift = openShiftOf(ledger, device);
	return shift === undefined ? {} : { shift };
}

function refund(
	ledger: Ledger,
	head: Pick<RefundCompleted, 'receipt' | 'currency' | 'sale' | 'shift'>,
	lines: RefundLine[],
	by: 'cash' | 'card',
	reason: string | undefined,
): RefundCompleted {
	const linesMinor = sumMinor(lines.map(({ totalMinor }) => totalMinor));
	const totalMinor = by === 'cash' ? roundToCash(linesMinor, ledger.state.settings.value('cashRoundingMinor') ?? 1) : linesMinor;
	const tender: Tender =
		by === 'cash' ? { type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 } : { type: 'card', amountMinor: totalMinor };
	return {
		type: 'refund.completed',
		v: 1,
		...head,
		lines,
		roundingMinor: totalMinor - linesMinor,
		totalMinor,
		tenders: [tender],
		...(reason === undefined || reason === '' ? {} : { reason }),
	};
}

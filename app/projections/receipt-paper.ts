/**
 * What a receipt says, line by line: one function for the screen, `window.print`, receipt printers and mail.
 *
 * 1. Every figure is the entry's own. What the customer paid, was given back and was taxed stands there, whoever prints it and whenever.
 * 2. A copy says that it is one, and when it was made; training and a demo shop say that they are no receipt.
 * 3. A customer's name is on it only where this till may know it.
 */
import { sumMinor } from '#core/money.ts';
import { writeReceiptCode } from '#core/receipt/receipt-code.ts';
import { centredLine, pairLine, textLine, type Paper, type PaperLine } from '#core/receipt/paper.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { m } from '#languages/compiled/messages.js';
import { formatMoney, formatPercent, formatQuantity, formatUnitPrice, formatWhen } from '#languages/figures.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { Discount, SaleCompleted, Tender } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import { reasonText } from './reasons.ts';
import type { ShopRow } from './rows.ts';

export interface ReceiptOnPaper {
	readonly entry: EntryHash;
	readonly fact: SaleCompleted | RefundCompleted | ExchangeCompleted;
	readonly atMs: number;
	/** Who served, as people call them. */
	readonly personName?: string | undefined;
	readonly customerName?: string | undefined;
	/** The receipt that came back. */
	readonly saleNumber?: string | undefined;
	readonly training?: boolean | undefined;
	/** It was printed before: this one is made now. */
	readonly copyAtMs?: number | undefined;
}

type PaperShop = Pick<
	ShopRow,
	'store' | 'storeName' | 'branchName' | 'demo' | 'training' | 'currency' | 'taxRates' | 'receiptHeader' | 'receiptFooter' | 'timeZone'
>;

export function receiptPaper(receipt: ReceiptOnPaper, shop: PaperShop): Paper {
	const { fact } = receipt;
	return [
		...warnings(receipt, shop),
		...head(receipt, shop),
		...goods(fact, shop),
		{ kind: 'rule' },
		...sums(fact, shop),
		{ kind: 'rule' },
		...taxes(fact, shop),
		...foot(receipt, shop),
	];
}

/** That nothing on this paper is real. */
export function trainingMark(): Extract<PaperLine, { readonly kind: 'text' }> {
	return centredLine(m.receipt_training(), 'large');
}

function warnings({ training, copyAtMs }: ReceiptOnPaper, { demo, training: practised, timeZone }: PaperShop): Paper {
	return [
		...(training === true || practised === true ? [trainingMark()] : []),
		...(demo ? [centredLine(m.receipt_demo(), 'bold')] : []),
		...(copyAtMs === undefined
			? []
			: [centredLine(m.receipt_copy(), 'large'), centredLine(m.receipt_copy_made({ when: formatWhen(copyAtMs, timeZone) }))]),
	];
}

function head({ fact, atMs, saleNumber }: ReceiptOnPaper, { storeName, branchName, receiptHeader, timeZone }: PaperShop): Paper {
	return [
		centredLine(storeName, 'large'),
		...(branchName === '' ? [] : [centredLine(branchName)]),
		...(receiptHeader === '' ? [] : [centredLine(receiptHeader)]),
		{ kind: 'rule' },
		pairLine(printReceipt(fact.receipt), formatWhen(atMs, timeZone)),
		...(fact.type === 'refund.completed' ? [centredLine(fact.deposits === true ? m.receipt_deposits() : m.receipt_refund(), 'large')] : []),
		...(fact.type === 'exchange.completed' ? [centredLine(m.receipt_exchange(), 'large')] : []),
		...(saleNumber === undefined ? [] : [textLine(m.receipt_of_sale({ number: saleNumber }))]),
		{ kind: 'rule' },
	];
}

function goods(fact: ReceiptOnPaper['fact'], shop: PaperShop): Paper {
	if (fact.type === 'refund.completed') return fact.lines.flatMap((line) => backLine(line, 1, shop));
	const sold = fact.lines.flatMap((line): Paper => {
		const { name, quantityMilli, unitPriceE4, totalMinor, priceReason, discounts = [], note } = line;
		const grossMinor = totalMinor + sumMinor(discounts.map(({ amountMinor }) => amountMinor));
		return [
			pairLine(name, money(grossMinor, shop)),
			...(quantityMilli === 1000 ? [] : [under(`${quantityText(quantityMilli)} × ${formatUnitPrice(unitPriceE4, shop.currency)}`)]),
			...(priceReason === undefined || priceReason === PRICE_IN_CODE ? [] : [under(m.receipt_price_because({ reason: reasonText(priceReason) }))]),
			...discounts.map((off): PaperLine => ({ ...pairLine(discountWords(off), money(-off.amountMinor, shop)), under: true })),
			...(note === undefined ? [] : [under(reasonText(note))]),
		];
	});
	if (fact.type === 'sale.completed') return [...sold, ...(fact.note === undefined ? [] : [textLine(reasonText(fact.note))])];
	return [
		textLine(m.receipt_came_back(), 'bold'),
		...fact.returned.flatMap((line) => backLine(line, -1, shop)),
		textLine(m.receipt_went_out(), 'bold'),
		...sold,
	];
}

/** `sign`: on a refund's own receipt what comes back is what it is about; on an exchange it is taken off. */
function backLine(
	{ name, quantityMilli, totalMinor }: { readonly name: string; readonly quantityMilli: number; readonly totalMinor: number },
	sign: 1 | -1,
	shop: PaperShop,
): Paper {
	return [pairLine(quantityMilli === 1000 ? name : `${quantityText(quantityMilli)} × ${name}`, money(sign * totalMinor, shop))];
}

/** An entry says no unit, and pieces are whole: what is not was weighed. */
function quantityText(milli: number): string {
	return formatQuantity(milli, milli % 1000 === 0 ? 'each' : 'kg');
}

function discountWords({ of, percentMilli, reason }: Discount): string {
	const what =
		of === 'sale'
			? percentMilli === undefined
				? m.receipt_discount_share()
				: m.receipt_discount_share_percent({ percent: formatPercent(percentMilli) })
			: percentMilli === undefined
				? m.receipt_discount()
				: m.receipt_discount_percent({ percent: formatPercent(percentMilli) });
	return reason === undefined || reason === '' ? what : m.receipt_discount_because({ what, reason: reasonText(reason) });
}

function sums(fact: ReceiptOnPaper['fact'], shop: PaperShop): Paper {
	const isBack = fact.type === 'refund.completed' || fact.totalMinor < 0;
	const offMinor =
		fact.type === 'refund.completed' ? 0 : sumMinor(fact.lines.flatMap(({ discounts = [] }) => discounts.map((off) => off.amountMinor)));
	const addedMinor =
		fact.taxExcluded === true
			? sumMinor(fact.lines.map(({ taxMinor }) => taxMinor)) -
				(fact.type === 'exchange.completed' ? sumMinor(fact.returned.map(({ taxMinor }) => taxMinor)) : 0)
			: 0;
	const label = isBack ? m.receipt_given_back() : m.receipt_total();
	return [
		...(addedMinor === 0
			? []
			: [
					pairLine(m.receipt_before_tax(), money(fact.totalMinor - fact.roundingMinor - addedMinor, shop)),
					pairLine(m.receipt_tax_added(), money(addedMinor, shop)),
				]),
		...(fact.roundingMinor === 0 ? [] : [pairLine(m.receipt_rounding(), money(fact.roundingMinor, shop))]),
		{ ...pairLine(label, money(Math.abs(fact.totalMinor), shop)), weight: 'large' },
		...fact.tenders.flatMap((tender) => tenderLines(tender, isBack, shop)),
		...(offMinor === 0 ? [] : [pairLine(m.receipt_saved(), money(offMinor, shop))]),
	];
}

function tenderLines(tender: Tender, isBack: boolean, shop: PaperShop): Paper {
	switch (tender.type) {
		case 'cash':
			return isBack
				? [pairLine(m.receipt_cash(), money(Math.abs(tender.amountMinor), shop))]
				: [
						pairLine(m.receipt_cash(), money(tender.givenMinor, shop)),
						...(tender.changeMinor === 0 ? [] : [pairLine(m.receipt_change(), money(tender.changeMinor, shop), 'bold')]),
					];
		case 'card': {
			const what = tender.reference === undefined ? m.receipt_card() : m.receipt_card_reference({ reference: tender.reference });
			return [pairLine(what, money(Math.abs(tender.amountMinor), shop))];
		}
		case 'credit':
			return [pairLine(m.receipt_credit(), money(Math.abs(tender.amountMinor), shop))];
	}
}

/** By rate and percent, in the order in which they come up: a rate may have changed while the cart was open. */
function taxes(fact: ReceiptOnPaper['fact'], shop: PaperShop): Paper {
	const back =
		fact.type === 'exchange.completed' ? fact.returned.map((line) => ({ ...line, totalMinor: -line.totalMinor, taxMinor: -line.taxMinor })) : [];
	const rates = new Map<string, { name: string; percentMilli: number; taxMinor: number; totalMinor: number }>();
	for (const { taxRate, taxPercentMilli, taxMinor, totalMinor } of [...fact.lines, ...back]) {
		const key = `${taxPercentMilli} ${taxRate}`;
		const name = shop.taxRates.find(({ id }) => id === taxRate)?.name ?? taxRate;
		const sum = rates.get(key) ?? { name, percentMilli: taxPercentMilli, taxMinor: 0, totalMinor: 0 };
		rates.set(key, { ...sum, taxMinor: sum.taxMinor + taxMinor, totalMinor: sum.totalMinor + totalMinor });
	}
	return [...rates.values()].map(({ name, percentMilli, taxMinor, totalMinor }) => {
		const words = { name, percent: formatPercent(percentMilli), of: money(totalMinor, shop) };
		return pairLine(fact.taxExcluded === true ? m.receipt_tax_on(words) : m.receipt_tax_in(words), money(taxMinor, shop));
	});
}

function foot({ entry, fact, personName, customerName }: ReceiptOnPaper, shop: PaperShop): Paper {
	const isWhy = fact.type !== 'sale.completed' && fact.reason !== undefined && fact.reason !== '';
	return [
		...(isWhy ? [textLine(m.receipt_reason({ reason: reasonText(fact.reason ?? '') }))] : []),
		...(customerName === undefined ? [] : [textLine(m.receipt_customer({ name: customerName }))]),
		...(personName === undefined ? [] : [textLine(m.receipt_served_by({ name: personName }))]),
		...(shop.receiptFooter === '' ? [] : [{ kind: 'rule' } as const, centredLine(shop.receiptFooter)]),
		{ kind: 'code', text: writeReceiptCode(shop.store, fact.receipt, entry), says: m.receipt_code({ number: printReceipt(fact.receipt) }) },
	];
}

function under(words: string): PaperLine {
	return { kind: 'text', text: words, align: 'start', under: true };
}

function money(minor: number, { currency }: PaperShop): string {
	return formatMoney(minor, currency);
}

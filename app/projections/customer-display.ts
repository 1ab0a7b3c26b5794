/**
 * What the customer's screen shows: their own sale, and nothing else that this till knows. Another window of the same page hears it; nothing of it is kept.
 *
 * 1. Names, quantities and amounts of this sale; no SKU, no stock, no note, no customer, no other sale.
 */
import { isOpen, priceLines, totalsOf } from '#core/sale/cart.ts';
import { dueMinorOf } from '#core/sale/exchange.ts';
import { paymentOf } from '#core/sale/payment.ts';
import { sumMinor } from '#core/money.ts';
import { writeReceiptCode } from '#core/receipt/receipt-code.ts';
import { m } from '#languages/compiled/messages.js';
import { formatMoney, formatQuantity } from '#languages/figures.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Equipment } from '#schemas/equipment.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { ShopRow } from './rows.ts';

export interface DisplayLine {
	readonly id: string;
	readonly name: string;
	readonly quantity: string;
	readonly total: string;
}

export type Display =
	| { readonly shows: 'idle'; readonly shopName: string; readonly words: string; readonly picture?: string }
	| {
			readonly shows: 'sale';
			readonly lines: readonly DisplayLine[];
			readonly total: string;
			/** Where a part is paid. */
			readonly left?: string;
			readonly onTerminal?: string;
	  }
	| { readonly shows: 'paid'; readonly total: string; readonly change?: string; readonly code: string };

/** The name of the channel between the till's window and the customer's. */
export const DISPLAY_CHANNEL = 'holdfast-display';

export function displayOf(
	now: {
		readonly cart: Cart | undefined;
		readonly done: { readonly entry: EntryHash; readonly fact: SaleCompleted | ExchangeCompleted } | undefined;
	},
	shop: Pick<ShopRow, 'store' | 'storeName' | 'currency' | 'cashRoundingMinor' | 'taxExcluded'>,
	{ displayWords, displayPicture }: Pick<Equipment, 'displayWords' | 'displayPicture'>,
): Display {
	const { currency, cashRoundingMinor, taxExcluded = false } = shop;
	const money = (minor: number): string => formatMoney(minor, currency);
	const { cart, done } = now;
	if (done !== undefined) {
		const changeMinor = sumMinor(done.fact.tenders.map((tender) => (tender.type === 'cash' ? tender.changeMinor : 0)));
		return {
			...{ shows: 'paid', total: money(done.fact.totalMinor), code: writeReceiptCode(shop.store, done.fact.receipt, done.entry) },
			...(changeMinor === 0 ? {} : { change: money(changeMinor) }),
		};
	}
	if (!isOpen(cart))
		return {
			...{ shows: 'idle', shopName: shop.storeName, words: displayWords },
			...(displayPicture === undefined ? {} : { picture: displayPicture }),
		};
	const { totalMinor } = totalsOf(cart, currency, cashRoundingMinor, taxExcluded);
	const dueMinor = dueMinorOf(cart, totalMinor);
	const { leftMinor, taken } = paymentOf(cart, dueMinor, cashRoundingMinor);
	const goods = priceLines(cart, currency, taxExcluded).map(({ line, totalMinor: costsMinor }) => ({
		...{ id: line.id, name: line.name, quantity: formatQuantity(line.quantityMilli, line.unit), total: money(costsMinor) },
	}));
	const back =
		cart.exchange === undefined ? [] : [{ id: 'exchange', name: m.receipt_came_back(), quantity: '', total: money(-cart.exchange.backMinor) }];
	return {
		shows: 'sale',
		lines: [...back, ...goods],
		total: money(dueMinor),
		...(taken.length === 0 ? {} : { left: money(Math.max(0, leftMinor)) }),
		...(cart.onTerminal === undefined ? {} : { onTerminal: money(cart.onTerminal.amountMinor) }),
	};
}

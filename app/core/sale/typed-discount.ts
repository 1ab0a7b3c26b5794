/** What a cashier types to take something off: `10%` or an amount of money. */
import { plainDigits } from '#core/digits.ts';
import { decimalText, parseDecimal, parseMoney } from '#core/money.ts';
import type { CartDiscount } from '#schemas/cart.ts';
import type { Currency } from '#schemas/numbers.ts';

export type TypedDiscount = { readonly percentMilli: number } | { readonly amountMinor: number };

const WHOLE_MILLI = 100_000;

/** `none` for nothing; undefined for what is no discount: no number, below zero, or over 100 %. */
export function parseDiscount(text: string, currency: Currency): TypedDiscount | 'none' | undefined {
	const bare = plainDigits(text.trim());
	if (bare === '') return 'none';
	if (bare.endsWith('%')) {
		const percentMilli = parseDecimal(bare.slice(0, -1), 3);
		if (percentMilli === undefined || percentMilli > WHOLE_MILLI) return undefined;
		return percentMilli === 0 ? 'none' : { percentMilli };
	}
	const amountMinor = parseMoney(bare, currency);
	if (amountMinor === undefined) return undefined;
	return amountMinor === 0 ? 'none' : { amountMinor };
}

/** As it would be typed. */
export function discountText(discount: CartDiscount | undefined, currency: Currency): string {
	if (discount === undefined) return '';
	return 'percentMilli' in discount ? `${discount.percentMilli / 1000}%` : decimalText(discount.amountMinor, currency);
}

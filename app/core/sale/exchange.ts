/**
 * An exchange at the till: an ordinary cart is what goes out, and what comes back pays for it first.
 *
 * 1. What goes out is asked, priced and paid as in any sale; only the difference is.
 * 2. Where what comes back is worth as much or more, nobody pays: the rest goes back, in the way that was chosen.
 */
import type { Intent } from '#core/intent.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { Payment } from './payment.ts';

/** What is to be decided where the cart is an exchange; undefined: it is a sale. */
export function exchangeIn({ exchange, ...cart }: Cart, tenders: readonly Tender[]): Extract<Intent, { readonly intent: 'exchange' }> | undefined {
	if (exchange === undefined) return undefined;
	const { returned, back = 'cash', reason, approvedBy } = exchange;
	return {
		...{ intent: 'exchange', returned, cart, tenders, back },
		...(reason === undefined ? {} : { reason }),
		...(approvedBy === undefined ? {} : { approvedBy }),
	};
}

/** `goodsMinor`: what goes out costs. Below zero: so much goes back. */
export function dueMinorOf({ exchange }: Pick<Cart, 'exchange'>, goodsMinor: number): number {
	return goodsMinor - (exchange?.backMinor ?? 0);
}

/** Something goes out, and what comes back pays all of it. */
export function isCovered(cart: Pick<Cart, 'exchange' | 'lines'> | undefined, { taken, leftMinor }: Payment): boolean {
	return cart?.exchange !== undefined && cart.lines.length > 0 && taken.length === 0 && leftMinor <= 0;
}

/** What comes back goes into the open cart, or begins one: the sell screen goes on with it. */
import { isRefusal, type Refusal } from '#core/intent.ts';
import { emptyCart } from '#core/sale/cart.ts';
import { isPaymentOpen } from '#core/sale/payment.ts';
import type { Commands, Trouble } from '#engine/commands.ts';
import type { Cart, CartExchange } from '#schemas/cart.ts';
import type { CustomerId } from '#schemas/ids.ts';

/** `customer`: whose receipt it is, where nobody else's sale is open. */
export async function beginExchange(
	commands: Pick<Commands, 'newKey' | 'openCart' | 'saveCart'>,
	exchange: CartExchange,
	customer: CustomerId | undefined,
	nowMs: number,
): Promise<'begun' | Refusal | Trouble> {
	const cart = withExchange((await commands.openCart()) ?? emptyCart(commands.newKey(), nowMs), exchange, customer, nowMs);
	if (isRefusal(cart)) return cart;
	const saved = await commands.saveCart(cart);
	return saved === 'saved' ? 'begun' : saved;
}

function withExchange(cart: Cart, exchange: CartExchange, customer: CustomerId | undefined, nowMs: number): Cart | Refusal {
	if (cart.exchange !== undefined) return { refused: 'exchange-open' };
	if (isPaymentOpen(cart)) return { refused: 'tender-pending' };
	return { ...cart, exchange, ...(cart.customer === undefined && customer !== undefined ? { customer } : {}), changedAtMs: nowMs };
}

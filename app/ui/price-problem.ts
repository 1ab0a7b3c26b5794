/** What is wrong with a price that somebody types; undefined where nothing is, or nothing is typed. */
import { parseDecimal } from '#core/money.ts';
import { m } from '#languages/compiled/messages.js';

const DIGITS = 4;

export function priceProblem(text: string): string | undefined {
	const typed = text.trim();
	if (typed === '' || parseDecimal(typed, DIGITS) !== undefined) return undefined;
	// `1,255` is refused because nothing says which of two prices it is.
	if (parseDecimal(typed, DIGITS, ',') === undefined) return m.products_type_price_like();
	return m.products_price_two_ways({ typed, whole: typed.replace(',', ''), decimal: `${typed.replace(',', '.')}0` });
}

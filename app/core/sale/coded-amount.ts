/**
 * What a code says of the piece in hand, as a line of the sale: how much of it, and at which price.
 *
 * 1. A price in the code is what the customer pays, to the last minor unit.
 * 2. A figure that no code can mean (nothing, more than a line holds) is no figure: the cashier is asked.
 */
import type { CodedFigure, ScannedCode } from '#core/codes/read-code.ts';
import { lineTotalMinor, roundHalfEven } from '#core/money.ts';
import type { Currency } from '#schemas/numbers.ts';

export interface CodedAmount {
	readonly quantityMilli: number;
	/** Absent: the product's own. */
	readonly unitPriceE4?: number;
}

interface Product {
	readonly unit: 'each' | 'kg';
	readonly unitPriceE4?: number;
}

/** Undefined where the code says neither a weight nor a price nor a count of it. */
export function codedAmount(code: Pick<ScannedCode, 'weight' | 'price' | 'count'>, product: Product, currency: Currency): CodedAmount | undefined {
	const priceMinor = priceOf(code, currency);
	const weightMilli = code.weight === undefined ? undefined : fit(scaled(code.weight, 3));
	if (product.unit === 'each') {
		if (priceMinor !== undefined) return { quantityMilli: 1000, unitPriceE4: e4Of(priceMinor, currency) };
		return code.count === undefined ? undefined : { quantityMilli: code.count * 1000 };
	}
	if (priceMinor === undefined) return weightMilli === undefined ? undefined : { quantityMilli: weightMilli };
	if (weightMilli !== undefined)
		return {
			quantityMilli: weightMilli,
			...(costs(weightMilli, product, priceMinor, currency) ? {} : unitPriceFor(weightMilli, priceMinor, currency)),
		};
	return ofPrice(priceMinor, product, currency);
}

/** What stands in the code, in the shop's own currency; another currency's price is none. */
export function priceOf({ price }: Pick<ScannedCode, 'price'>, currency: Currency): number | undefined {
	if (price === undefined || (price.currency !== undefined && ISO_NUMBERS[price.currency] !== currency.code)) return undefined;
	return fit(scaled(price, currency.digits));
}

/** The weight that costs as much. Of what costs more than a minor unit a gram not every price can be met: then the price of a kilogram gives way. */
function ofPrice(priceMinor: number, product: Product, currency: Currency): CodedAmount {
	const { unitPriceE4 } = product;
	if (unitPriceE4 === undefined || unitPriceE4 <= 0) return { quantityMilli: 1000, unitPriceE4: e4Of(priceMinor, currency) };
	const quantityMilli = Math.max(1, roundHalfEven(BigInt(priceMinor) * 10_000_000n, BigInt(unitPriceE4) * 10n ** BigInt(currency.digits)));
	const near = [quantityMilli, quantityMilli - 1, quantityMilli + 1].find((milli) => milli > 0 && costs(milli, product, priceMinor, currency));
	return near === undefined ? { quantityMilli, ...unitPriceFor(quantityMilli, priceMinor, currency) } : { quantityMilli: near };
}

function costs(quantityMilli: number, { unitPriceE4 }: Product, priceMinor: number, currency: Currency): boolean {
	return unitPriceE4 !== undefined && lineTotalMinor(quantityMilli, unitPriceE4, currency) === priceMinor;
}

/** Four decimals of a kilogram's price meet any price of up to ten kilograms in a currency with two; where they do not, it is one piece at its price. */
function unitPriceFor(quantityMilli: number, priceMinor: number, currency: Currency): { readonly unitPriceE4: number } {
	return { unitPriceE4: roundHalfEven(BigInt(priceMinor) * 10_000_000n, BigInt(quantityMilli) * 10n ** BigInt(currency.digits)) };
}

function e4Of(minor: number, currency: Currency): number {
	return minor * 10 ** (4 - currency.digits);
}

/** Undefined where the code has more decimals than fit, and they are not zeros. */
function scaled({ value, decimals }: CodedFigure, digits: number): number | undefined {
	const figure = decimals <= digits ? value * 10 ** (digits - decimals) : value / 10 ** (decimals - digits);
	return decimals > digits && digits === 3 ? Math.round(figure) : Number.isInteger(figure) ? figure : undefined;
}

function fit(figure: number | undefined): number | undefined {
	return figure !== undefined && figure > 0 && figure <= MOST ? figure : undefined;
}

const MOST = 1e9;

/** ISO 4217 numbers that AI 393n names, of the currencies that shops have asked for. */
const ISO_NUMBERS: Readonly<Record<string, string>> = {
	...{ '826': 'GBP', '978': 'EUR', '840': 'USD', '756': 'CHF', '752': 'SEK', '578': 'NOK', '208': 'DKK', '985': 'PLN', '203': 'CZK', '348': 'HUF' },
	...{ '036': 'AUD', '554': 'NZD', '124': 'CAD', '392': 'JPY', '784': 'AED', '682': 'SAR', '504': 'MAD', '788': 'TND', '818': 'EGP', '400': 'JOD' },
};

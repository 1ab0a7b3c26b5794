/**
 * What a kilogram or a litre costs, as shelf labels must say it (Directive 98/6/EC, article 3): from the content that stands in a product's name, `500 g`,
 * `6 x 330 ml`, `1,5 l`. Undefined where the name says none: a wrong figure would be worse than no figure.
 */
export interface UnitPrice {
	/** Ten-thousandths of the major unit for one kilogram or litre. */
	readonly priceE4: number;
	readonly per: 'kg' | 'l';
}

const CONTENT = /(?:(\d{1,3})\s*[x×]\s*)?(\d{1,5}(?:[.,]\d{1,3})?)\s*(kg|g|l|cl|ml)(?![\p{L}\d])/iu;
/** Thousandths of a gram or millilitre, so that sums stay integers. */
const MILLI_OF: Readonly<Record<string, number>> = { kg: 1_000_000, g: 1_000, l: 1_000_000, cl: 10_000, ml: 1_000 };

export function unitPriceOf({ name, unit }: { readonly name: string; readonly unit: 'each' | 'kg' }, unitPriceE4: number): UnitPrice | undefined {
	if (unit === 'kg') return { priceE4: unitPriceE4, per: 'kg' };
	const [, times = '1', amount, measure] = CONTENT.exec(name) ?? [];
	if (amount === undefined || measure === undefined) return undefined;
	const small = measure.toLowerCase();
	const contentMilli = Math.round(Number(times) * Number(amount.replace(',', '.')) * (MILLI_OF[small] ?? 0));
	return contentMilli === 0 ? undefined : { priceE4: Math.round((unitPriceE4 * 1_000_000) / contentMilli), per: small.endsWith('g') ? 'kg' : 'l' };
}

/**
 * Whatever a scanner or a camera reads, as what a till looks for: which product, and what the code says of this very piece of it.
 *
 * 1. A plain GTIN is never taken for an element string: `20…` is the beginning of both, so only what a scanner marks as GS1, has an FNC1 in it, or is longer than a GTIN is.
 * 2. What names no product by GTIN may still be the shop's own name for one: then the text is all there is.
 */
import { checkDigitOf, normalizeGtin } from '#core/gtin.ts';
import type { MeasuredCodes } from '#schemas/facts/setting-changed.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';
import { readDigitalLink } from './digital-link.ts';
import { dateOfElement, FNC1, readElementString, type Element } from './element-string.ts';
import { readMeasuredCode } from './measured-code.ts';

/** A figure with its decimals, as codes write them: 437 with two is 4.37. */
export interface CodedFigure {
	readonly value: number;
	readonly decimals: number;
}

export interface ScannedCode {
	/** Without the scanner's own marks: what a person is shown. */
	readonly text: string;
	/** To be looked for one after the other, the most exact first. */
	readonly gtins: readonly Gtin[];
	/** The shop's own names that it may be. */
	readonly skus: readonly Sku[];
	/** Kilograms. */
	readonly weight?: CodedFigure;
	/** What this piece costs; `currency` is ISO 4217's number, where the code names one. */
	readonly price?: CodedFigure & { readonly currency?: string };
	/** Pieces of the product in what was scanned. */
	readonly count?: number;
	readonly batch?: string;
	readonly serial?: string;
	/** Its own check says that it was not read whole, or not right. */
	readonly misread?: true;
	/** Not to be sold after it, ISO 8601: expiry, else sell-by, else best-before date. */
	readonly lastDay?: string;
}

export function readCode(scanned: string, schemes: readonly MeasuredCodes[] = []): ScannedCode {
	const { text, isGs1 } = withoutSymbology(scanned.trim());
	const elements = elementsOf(text, isGs1);
	if (elements !== undefined) return ofElements(text, elements);
	const gtin = normalizeGtin(text);
	const plain: ScannedCode = { text, gtins: gtin === undefined ? [] : [gtin], skus: text === '' ? [] : [text as Sku] };
	const measured = gtin === undefined ? undefined : readMeasuredCode(gtin, schemes);
	if (measured === undefined) return isMisread(text) ? { ...plain, misread: true } : plain;
	if (measured === 'misread') return { ...plain, misread: true };
	const { item, bare, holds, value, decimals } = measured;
	const short = item.replace(/^0+/, '');
	return {
		...plain,
		gtins: [bare],
		skus: [...new Set([item, ...(short === '' ? [] : [short])])] as Sku[],
		...(holds === 'weight' ? { weight: { value, decimals } } : { price: { value, decimals } }),
	};
}

/** All digits and as long as a GTIN, with a check digit that does not fit. It may still be a shop's own code; the catalogue is asked first. */
function isMisread(text: string): boolean {
	return isLikeGtin(text) && normalizeGtin(text) === undefined && text.length >= 12;
}

export function isLikeGtin(text: string): boolean {
	return /^(\d{8}|\d{12,14})$/.test(text);
}

/** Scanners may say what symbology they read, as `]` and two characters (ISO/IEC 15424); those of GS1 are element strings. */
function withoutSymbology(scanned: string): { readonly text: string; readonly isGs1: boolean } {
	const [mark = ''] = /^\][A-Za-z]\w/.exec(scanned) ?? [];
	return { text: scanned.slice(mark.length), isGs1: [']C1', ']e0', ']d2', ']Q3', ']J1'].includes(mark) };
}

function elementsOf(text: string, isGs1: boolean): readonly Element[] | undefined {
	if (/^https?:/i.test(text)) return readDigitalLink(text);
	const isMeant = isGs1 || text.includes(FNC1) || /^\(\d{2,4}\)/.test(text) || (/^0[12]\d{14}/.test(text) && text.length > 14);
	return isMeant ? readElementString(text) : undefined;
}

function ofElements(text: string, elements: readonly Element[]): ScannedCode {
	const valueOf = (ai: string): string | undefined => elements.find((one) => one.ai === ai)?.value;
	const product = valueOf('01') ?? valueOf('02');
	if (product === undefined) return { text, gtins: [], skus: [text as Sku] };
	const gtin = normalizeGtin(product);
	if (gtin === undefined) return { text, gtins: [], skus: [], misread: true };
	const weight = elements.find(({ ai }) => /^310[0-5]$/.test(ai));
	const price = elements.find(({ ai }) => /^392[0-4]$/.test(ai));
	const priceIn = elements.find(({ ai }) => /^393[0-4]$/.test(ai));
	const count = Number(valueOf('30') ?? valueOf('37') ?? 0);
	const day = valueOf('17') ?? valueOf('16') ?? valueOf('15');
	const lastDay = day === undefined ? undefined : dateOfElement(day);
	const [batch, serial] = [valueOf('10'), valueOf('21')];
	return {
		...{ text: text.replaceAll(FNC1, ' '), gtins: [gtin, ...ofVariableMeasure(gtin)], skus: [] },
		...(weight === undefined ? {} : { weight: { value: Number(weight.value), decimals: Number(weight.ai.at(-1)) } }),
		...(price === undefined ? {} : { price: { value: Number(price.value), decimals: Number(price.ai.at(-1)) } }),
		...(priceIn === undefined
			? {}
			: { price: { value: Number(priceIn.value.slice(3)), decimals: Number(priceIn.ai.at(-1)), currency: priceIn.value.slice(0, 3) } }),
		...(count > 0 ? { count } : {}),
		...(batch === undefined ? {} : { batch }),
		...(serial === undefined ? {} : { serial }),
		...(lastDay === undefined ? {} : { lastDay }),
	};
}

/** Indicator 9: a piece whose weight varies (section 2.1.10). Shops often keep the GTIN-13 that it was made from. */
function ofVariableMeasure(gtin: Gtin): readonly Gtin[] {
	if (gtin.length !== 14 || !gtin.startsWith('9')) return [];
	const body = gtin.slice(1, -1);
	return [`${body}${checkDigitOf(body)}` as Gtin];
}

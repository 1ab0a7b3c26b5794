/**
 * Products from a CSV file that some other program wrote: rows of texts in, drafts and every bad row out.
 *
 * 1. A bad row is named by its line and what is wrong with it, and never stops the rest.
 * 2. A SKU stands once in a file; the second row of it is bad, because nobody can know which was meant.
 * 3. A price is never guessed: where `1,234` can be read two ways, the file's other prices say which.
 * 4. What is read fits a fact: no row can make the chunk that it travels in be refused.
 * 5. What is missing has a plain meaning: no category, each, no barcode, the shop's first tax rate, stock is counted, nothing on hand.
 * 6. `price in NAME`, with this branch's name, is what it costs in this branch alone; an empty cell there is what it costs everywhere. Other branches' columns
 *    are theirs to bring in, and without a column nothing is said of any branch.
 * 7. An age limit, a deposit, the contents of a pack and a kind are said where the file has their columns; an empty cell there says that there is none. A deposit
 *    and the contents of a pack are another product, of the shop or of the file.
 */
import { normalizeGtin } from '#core/gtin.ts';
import type { ProductDraft } from '#core/intent.ts';
import { decimalMarkOf, parseDecimal, type DecimalMark } from '#core/money.ts';
import type { TaxRate } from '#schemas/facts/setting-changed.ts';
import type { ProductExtra } from '#schemas/facts/product-created.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';
import { columnsOf, nameOfTitle } from './columns.ts';
import { shownCell, unread, type BadRow, type RowProblem } from './row-problem.ts';

export interface ProductFile {
	readonly products: readonly ProductDraft[];
	readonly badRows: readonly BadRow[];
}

/** What columns may be called (`columns.ts`). */
const COLUMNS = {
	sku: ['sku', 'productcode', 'articlenumber', 'itemcode', 'itemnumber', 'stockcode', 'plu', 'article', 'code', 'productid', 'id'],
	name: ['name', 'productname', 'itemname', 'product', 'title', 'item', 'description'],
	category: ['category', 'group', 'department', 'productgroup', 'producttype'],
	price: ['price', 'retailprice', 'sellingprice', 'saleprice', 'unitprice', 'grossprice', 'priceinclvat', 'priceincvat', 'rrp'],
	gtin: ['gtin', 'gtin13', 'ean', 'ean13', 'eancode', 'upc', 'barcode', 'barcodes'],
	stock: ['stock', 'onhand', 'stockonhand', 'instock', 'openingstock', 'quantity', 'qty'],
	tax: ['tax', 'taxrate', 'vat', 'vatrate', 'taxpercent'],
	unit: ['unit', 'soldby'],
	tracked: ['tracked', 'trackstock', 'stockkept'],
	ageLimit: ['agelimit', 'age', 'minimumage'],
	deposit: ['deposit', 'depositsku'],
	packOf: ['packof', 'packcontains'],
	packSize: ['packsize', 'piecesperpack'],
	variantOf: ['variantof', 'kindof'],
	variant: ['variant', 'kind'],
} as const;
type Column = keyof typeof COLUMNS | 'ownPrice';

/** The column of a branch's own prices, in files that come from here and go there. */
export function ownPriceColumn(branchName: string): string {
	return `price in ${branchName}`;
}

/**
 * `rows` are the file's records in order, the header first. Throws nothing: a header that lacks a column is one bad row. `branchName`: of this branch, where
 * there are others. `isHere`: the shop has that product.
 */
export function productsOfCsv(
	rows: readonly (readonly string[])[],
	taxRates: readonly TaxRate[],
	branchName?: string,
	isHere: (sku: Sku) => boolean = () => false,
): ProductFile {
	const own = branchName === undefined ? [] : [nameOfTitle(ownPriceColumn(branchName))];
	const { places, titleOf, cellOf } = columnsOf<Column>(rows[0] ?? [], { ...COLUMNS, ownPrice: own });
	const missing = (['sku', 'name', 'price'] as const).filter((column) => !places.has(column));
	if (missing.length > 0) return { products: [], badRows: [{ line: 1, why: { problem: 'columns-missing', columns: missing } }] };

	const products: ProductDraft[] = [];
	const badRows: BadRow[] = [];
	const mark = decimalMarkOf(rows.slice(1).flatMap((cells) => [cellOf(cells, 'price'), cellOf(cells, 'ownPrice')]));
	const lineOfSku = new Map<string, number>();
	for (const [place, cells] of rows.slice(1).entries()) {
		const line = place + 2;
		if (cells.every((cell) => cell.trim() === '')) continue;
		const cell = (column: Column): string => cellOf(cells, column);
		const draft = draftOf(cell, titleOf, taxRates, mark, (column) => places.has(column));
		if ('problem' in draft) {
			badRows.push({ line, why: draft });
			continue;
		}
		const before = lineOfSku.get(draft.sku);
		if (before !== undefined) {
			badRows.push({ line, why: { problem: 'sku-twice', sku: draft.sku, before } });
			continue;
		}
		lineOfSku.set(draft.sku, line);
		products.push(draft);
	}
	return withoutUnknown({ products, badRows }, lineOfSku, titleOf, isHere);
}

/** A row that names a product which nobody has is bad, and then whoever names that row's product: until all that are left name one. */
function withoutUnknown(
	{ products, badRows }: ProductFile,
	lineOfSku: ReadonlyMap<string, number>,
	titleOf: (column: Column) => string,
	isHere: (sku: Sku) => boolean,
): ProductFile {
	let left = products;
	const unknown: BadRow[] = [];
	for (;;) {
		const skus = new Set(left.map(({ sku }) => sku));
		const isOther = (sku: Sku, own: Sku): boolean => sku !== own && (skus.has(sku) || isHere(sku));
		const known = left.filter(({ sku, fields: { deposit, draws } }) => {
			const lacks =
				typeof deposit === 'string' && !isOther(deposit, sku)
					? { column: titleOf('deposit'), sku: deposit }
					: draws && !isOther(draws.sku, sku)
						? { column: titleOf('packOf'), sku: draws.sku }
						: undefined;
			if (lacks !== undefined) unknown.push({ line: lineOfSku.get(sku) ?? 1, why: { problem: 'product-unknown', ...lacks } });
			return lacks === undefined;
		});
		if (known.length === left.length) break;
		left = known;
	}
	return unknown.length === 0 ? { products, badRows } : { products: left, badRows: [...badRows, ...unknown].sort((a, b) => a.line - b.line) };
}

/** Above these a fact cannot say it (`schemas/numbers.ts`, `schemas/facts/product-created.ts`). */
const MOST_PRICE_E4 = 1e14;
const MOST_STOCK_MILLI = 1e12;
const MOST_GTINS = 20;
const MOST_SKU = 64;
const MOST_NAME = 200;
const MOST_CATEGORY = 60;

/** `titleOf`: what the file itself calls a column. */
function draftOf(
	cell: (column: Column) => string,
	titleOf: (column: Column) => string,
	taxRates: readonly TaxRate[],
	mark: DecimalMark | undefined,
	has: (column: Column) => boolean,
): ProductDraft | RowProblem {
	const sku = cell('sku');
	if (sku === '') return { problem: 'empty', column: titleOf('sku') };
	if (sku.length > MOST_SKU) return { problem: 'too-long', column: titleOf('sku'), most: MOST_SKU };
	const name = cell('name').replace(/\s+/gu, ' ');
	if (name === '') return { problem: 'empty', column: titleOf('name') };
	if (name.length > MOST_NAME) return { problem: 'too-long', column: titleOf('name'), most: MOST_NAME };
	const category = cell('category').replace(/\s+/gu, ' ');
	if (category.length > MOST_CATEGORY) return { problem: 'too-long', column: titleOf('category'), most: MOST_CATEGORY };
	const unitPriceE4 = parseDecimal(cell('price'), 4, mark);
	if (unitPriceE4 === undefined) return unread('price-unreadable', cell('price'));
	if (unitPriceE4 > MOST_PRICE_E4) return unread('price-too-high', cell('price'));
	const own = cell('ownPrice');
	const ownPriceE4 = own === '' ? null : parseDecimal(own, 4, mark);
	if (ownPriceE4 === undefined) return unread('price-unreadable', own);
	if (ownPriceE4 !== null && ownPriceE4 > MOST_PRICE_E4) return unread('price-too-high', own);
	const gtins: Gtin[] = [];
	const codes = cell('gtin');
	if (/^\d([.,]\d+)?E\+?\d+$/i.test(codes)) return unread('barcode-shortened', codes);
	for (const code of codes.split(/[\s,;|]+/).filter((part) => part !== '')) {
		const gtin = normalizeGtin(code);
		if (gtin === undefined) return unread('barcode-wrong', code);
		gtins.push(gtin);
	}
	if (gtins.length > MOST_GTINS) return { problem: 'barcodes-too-many', count: gtins.length, most: MOST_GTINS };
	const unit = unitOf(cell('unit'));
	if (unit === undefined) return unread('unit-unknown', cell('unit'));
	const stock = cell('stock');
	const openingMilli = stock === '' ? undefined : parseDecimal(stock, 3, mark);
	if (stock !== '' && openingMilli === undefined) return unread('stock-unreadable', stock);
	if (openingMilli !== undefined && unit === 'each' && openingMilli % 1000 !== 0) return unread('stock-not-whole', stock);
	if (openingMilli !== undefined && openingMilli > MOST_STOCK_MILLI) return unread('stock-too-much', stock);
	const taxRate = taxRateOf(cell('tax'), taxRates);
	if (taxRate === undefined) return { problem: 'tax-unknown', text: shownCell(cell('tax')), rates: taxRates.map((rate) => rate.name) };
	const tracked = yesOf(cell('tracked'));
	if (tracked === undefined) return unread('tracked-unclear', cell('tracked'));
	const extras = extrasOf(cell, titleOf, mark, has);
	if ('problem' in extras) return extras;
	return {
		...{ sku: sku as Sku, unitPriceE4, fields: { name, category, unit, gtins: [...new Set(gtins)], taxRate: taxRate.id, tracked, ...extras } },
		...(has('ownPrice') ? { ownPriceE4 } : {}),
		...(openingMilli === undefined || openingMilli === 0 || !tracked ? {} : { openingMilli }),
	};
}

const MOST_PACK_MILLI = 1e9;
const MOST_WORD = 60;

/** What only some products have. Null: the file says that there is none; absent: it says nothing. */
function extrasOf(
	cell: (column: Column) => string,
	titleOf: (column: Column) => string,
	mark: DecimalMark | undefined,
	has: (column: Column) => boolean,
): Pick<ProductDraft['fields'], ProductExtra> | RowProblem {
	const [age, deposit] = [cell('ageLimit'), cell('deposit')];
	const [packOf, packSize] = [cell('packOf'), cell('packSize')];
	const [group, label] = [cell('variantOf'), cell('variant')];
	if (!/^(0*\d{1,2}\+?)?$/.test(age)) return unread('age-unreadable', age);
	const ageLimit = parseInt(age, 10) || null;
	for (const [one, other] of [
		['packOf', 'packSize'],
		['variantOf', 'variant'],
	] as const)
		if ((cell(one) === '') !== (cell(other) === '')) return { problem: 'empty', column: titleOf(cell(one) === '' ? one : other) };
	const quantityMilli = packSize === '' ? 1000 : parseDecimal(packSize, 3, mark);
	if (quantityMilli === undefined || quantityMilli <= 0 || quantityMilli > MOST_PACK_MILLI) return unread('pack-unreadable', packSize);
	for (const column of ['deposit', 'packOf'] as const)
		if (cell(column).length > MOST_SKU) return { problem: 'too-long', column: titleOf(column), most: MOST_SKU };
	for (const column of ['variantOf', 'variant'] as const)
		if (cell(column).length > MOST_WORD) return { problem: 'too-long', column: titleOf(column), most: MOST_WORD };
	return {
		...(has('ageLimit') ? { ageLimit } : {}),
		...(has('deposit') ? { deposit: deposit === '' ? null : (deposit as Sku) } : {}),
		...(has('packOf') && has('packSize') ? { draws: packOf === '' ? null : { sku: packOf as Sku, quantityMilli } } : {}),
		...(has('variantOf') && has('variant') ? { variant: group === '' ? null : { group, label } } : {}),
	};
}

/** By id, by name, or by its percent: `20`, `20%`, `20,0 %`. */
function taxRateOf(text: string, rates: readonly TaxRate[]): TaxRate | undefined {
	if (text === '') return rates[0];
	const wanted = text.toLowerCase();
	const percentMilli = parseDecimal(text.replace('%', ''), 3);
	return (
		rates.find(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted) ??
		rates.find((rate) => rate.percentMilli === percentMilli)
	);
}

function unitOf(text: string): 'each' | 'kg' | undefined {
	if (/^(|each|ea|pc|pcs|piece|pieces|unit)$/i.test(text)) return 'each';
	return /^(kg|kilo|kilogram|weight)$/i.test(text) ? 'kg' : undefined;
}

function yesOf(text: string): boolean | undefined {
	if (/^(|yes|y|true|1)$/i.test(text)) return true;
	return /^(no|n|false|0)$/i.test(text) ? false : undefined;
}

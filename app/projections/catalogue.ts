/**
 * Products as screens show them, one row each, made anew only where something changed.
 *
 * 1. A row says what the ledger says: the price that holds in this branch and the entry of that price, stock, and per field what an edit made now would
 *    replace. A product of which this branch ever had a price of its own says beside it what the store asks.
 * 2. The cache is in 64 parts by SKU: one change rewrites one of them (`catalogue-cache.ts` has what stands in a part).
 */
import { compareText } from '#core/entry/order.ts';
import { partOfName } from '#core/entry/spread.ts';
import type { Ledger, LedgerChange } from '#core/ledger/ledger.ts';
import type { ProductState } from '#core/ledger/state.ts';
import { ownPriceAt, priceAt, storePriceAt } from '#core/price.ts';
import type { Draw, Variant } from '#schemas/facts/product-created.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { plainText } from './plain-text.ts';
import type { CatalogueRow, ProductExtrasRow } from './rows.ts';

type Replaces = CatalogueRow['replaces'];
/** Thousandths. */
type OnHand = (sku: Sku) => number;

/** As the ledger has it. */
export function onHandOf(ledger: Pick<Ledger, 'state'>): OnHand {
	return (sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0; // Asked each time: a ledger that begins again has another state.
}

/** `nowMs`: planned prices hold from their moment on. `onHand`: the stock of a product, in thousandths. */
export function catalogueRow(
	{ state, branch }: Pick<Ledger, 'state' | 'branch'>,
	product: ProductState,
	nowMs: number,
	onHand: OnHand = onHandOf({ state }),
	share: (replaces: Replaces) => Replaces = (own) => own,
): CatalogueRow {
	const { sku } = product;
	const price = priceAt(product, branch, nowMs);
	const ofStore = storePriceAt(product, nowMs);
	const own = ownPriceAt(product, branch, nowMs);
	const taxRate = state.settings.value('taxRates')?.find(({ id }) => id === product.taxRate.value);
	return {
		...{ sku, name: product.name.value, category: product.category.value, unit: product.unit.value, gtins: product.gtins.value },
		...{ taxRate: product.taxRate.value, taxPercentMilli: taxRate?.percentMilli ?? 0 },
		...(price === undefined ? {} : { unitPriceE4: price.unitPriceE4, price: price.entry }),
		...{ tracked: product.tracked.value, onHandMilli: onHand(sku), retired: product.retired },
		...extrasOf(
			product,
			own && { ...(ofStore === undefined ? {} : { storeE4: ofStore.unitPriceE4 }), isOwn: own.unitPriceE4 !== null, replaces: own.replaces },
		),
		replaces: share({
			...{ name: product.name.replaces, category: product.category.replaces, unit: product.unit.replaces, gtins: product.gtins.replaces },
			...{ taxRate: product.taxRate.replaces, tracked: product.tracked.replaces, price: ofStore?.replaces ?? [] },
		}),
	};
}

function extrasOf({ draws, variant, deposit, ageLimit }: ProductState, ownPrice: ProductExtrasRow['ownPrice']): Pick<CatalogueRow, 'extras'> {
	const extras: ProductExtrasRow = {
		...((draws?.value ?? null) === null ? {} : { draws: draws?.value as Draw }),
		...((variant?.value ?? null) === null ? {} : { variant: variant?.value as Variant }),
		...((deposit?.value ?? null) === null ? {} : { deposit: deposit?.value as Sku }),
		...((ageLimit?.value ?? null) === null ? {} : { ageLimit: ageLimit?.value as number }),
		...(ownPrice === undefined ? {} : { ownPrice }),
	};
	return Object.keys(extras).length === 0 ? {} : { extras };
}

/** Rows whose fields one entry wrote share what names it: seven hashes a row would be most of what goes from worker to page. */
export function allRows(ledger: Ledger, nowMs: number, onHand: OnHand = onHandOf(ledger)): readonly CatalogueRow[] {
	const share = createSharing();
	return [...ledger.state.products.values()].map((product) => catalogueRow(ledger, product, nowMs, onHand, share));
}

/** What was taken off the list, in order of name, without what became another product: there is nothing of it to bring back. */
export function retiredRows(ledger: Ledger, nowMs: number): readonly CatalogueRow[] {
	return [...ledger.state.products.values()]
		.filter(({ retired, mergedInto }) => retired && mergedInto === undefined)
		.map((product) => catalogueRow(ledger, product, nowMs))
		.sort((a, b) => compareNames(a.name, b.name) || compareText(a.sku, b.sku));
}

/** Which of them are meant by some letters: of the name, the SKU or a barcode. Few enough to look through. */
export function rowsCalled(rows: readonly CatalogueRow[], text: string): readonly CatalogueRow[] {
	const wanted = plainText(text.trim());
	return rows.filter(({ name, sku, gtins }) => [name, sku, ...gtins].some((one) => plainText(one).includes(wanted)));
}

function createSharing(): (replaces: Replaces) => Replaces {
	const shared = new Map<EntryHash, Replaces>();
	return (replaces) => {
		const [only] = replaces.name;
		if (only === undefined || !Object.values(replaces).every((list) => list.length === 1 && list[0] === only)) return replaces;
		const known = shared.get(only) ?? replaces;
		shared.set(only, known);
		return known;
	};
}

/** Rows say what is there: that a product is gone (its creation counts no more) is said by all of the others. */
export function isCatalogueWhole(ledger: Ledger, { products, settings }: Pick<LedgerChange, 'products' | 'settings'>): boolean {
	return settings || [...products].some((sku) => !ledger.state.products.has(sku));
}

/** The rows that a change touched; all of them when a setting did, for tax rates are in every row. */
export function changedRows(
	ledger: Ledger,
	{ products, skus, settings }: Pick<LedgerChange, 'products' | 'skus' | 'settings'>,
	nowMs: number,
	onHand: OnHand = onHandOf(ledger),
): readonly CatalogueRow[] {
	if (settings) return allRows(ledger, nowMs, onHand);
	const rows: CatalogueRow[] = [];
	for (const sku of new Set([...products, ...skus])) {
		const product = ledger.state.products.get(sku);
		if (product !== undefined) rows.push(catalogueRow(ledger, product, nowMs, onHand));
	}
	return rows;
}

/** By name as people read it, then by SKU: the same on every till. */
export function compareRows(a: CatalogueRow, b: CatalogueRow): number {
	return compareNames(a.name, b.name) || compareText(a.sku, b.sku);
}

export function compareNames(a: string, b: string): number {
	return compareText(a.toLowerCase(), b.toLowerCase()) || compareText(a, b);
}

/** The order of `compareRows`; each name is made small once and not at every comparison. */
export function rowsInOrder(rows: readonly CatalogueRow[]): readonly CatalogueRow[] {
	return placesInOrder(rows).map((place) => rows[place] as CatalogueRow);
}

/** Which of the rows comes first, and so on. */
export function placesInOrder(rows: readonly CatalogueRow[]): readonly number[] {
	return rows
		.map(({ sku, name }, place) => ({ place, small: name.toLowerCase(), name, sku }))
		.sort((a, b) => compareText(a.small, b.small) || compareText(a.name, b.name) || compareText(a.sku, b.sku))
		.map(({ place }) => place);
}

/** Of these rows those that say something else than the ones that were shown; undefined where one that was shown is gone: then all of them say so. */
export function rowsBeside(shown: ReadonlyMap<Sku, CatalogueRow>, rows: readonly CatalogueRow[]): readonly CatalogueRow[] | undefined {
	const changed: CatalogueRow[] = [];
	let known = 0;
	for (const row of rows) {
		const before = shown.get(row.sku);
		if (before !== undefined) known += 1;
		if (before === undefined || !isSame(before, row)) changed.push(row);
	}
	return known === shown.size ? changed : undefined;
}

/** Of what rows are made of: texts, numbers, lists and plain objects. */
function isSame(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
	const names = Object.keys(a);
	if (names.length !== Object.keys(b).length) return false;
	return names.every((name) => Object.hasOwn(b, name) && isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

export const CACHE_PARTS = 64;

/** Which of the 64 parts a product is in. */
export function cachePartOf(sku: Sku): number {
	return partOfName(sku, CACHE_PARTS);
}

export function encodeCache(value: unknown): Uint8Array {
	return new TextEncoder().encode(JSON.stringify({ v: CACHE_VERSION, value }));
}

/** Undefined for bytes of another version or broken ones: the fold will bring what they held. */
export function decodeCache(bytes: Uint8Array | undefined): unknown {
	if (bytes === undefined) return undefined;
	try {
		const cached: unknown = JSON.parse(new TextDecoder().decode(bytes));
		return typeof cached === 'object' && cached !== null && 'v' in cached && 'value' in cached && cached.v === CACHE_VERSION
			? cached.value
			: undefined;
	} catch {
		return undefined;
	}
}

/** Raised when the shape of anything cached changes. 2: the shop is under a version, too. 3: rows are packed. 4: with their extras. 5: a row is a line. */
export const CACHE_VERSION = 5;

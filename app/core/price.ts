/**
 * Which price holds at a moment: the one that stands, or a planned one whose moment has come. Asked with a clock, because the fold has none.
 *
 * 1. Of several the one that began last holds; of those that begin together, the later in ledger order.
 * 2. In a branch its own price holds where it has one, else the store's.
 */
import type { Prices, ProductState } from '#core/ledger/state.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';

export interface PriceNow<Value extends number | null = number> {
	readonly unitPriceE4: Value;
	/** What a sale line names. */
	readonly entry: EntryHash;
	/** What a price set now in the same place (the store, or that branch) would replace. */
	readonly replaces: readonly EntryHash[];
	/** Wall clock: since when. */
	readonly sinceMs: number;
}

export type Priced = Pick<ProductState, 'price' | 'priceSinceMs' | 'planned' | 'branchPrices'>;

/** What costs a customer of this branch. */
export function priceAt(product: Priced, branch: BranchId, atMs: number): PriceNow | undefined {
	const own = ownPriceAt(product, branch, atMs);
	if (own !== undefined && own.unitPriceE4 !== null) return { ...own, unitPriceE4: own.unitPriceE4 };
	const ofStore = storePriceAt(product, atMs);
	return ofStore && { ...ofStore, sinceMs: Math.max(ofStore.sinceMs, own?.sinceMs ?? 0) };
}

export function storePriceAt(product: Priced, atMs: number): PriceNow | undefined {
	return standingAt(product, atMs);
}

/** Null: it had a price of its own, and that has ended. Undefined: it never had one. */
export function ownPriceAt({ branchPrices }: Priced, branch: BranchId, atMs: number): PriceNow<number | null> | undefined {
	const own = branchPrices?.find((one) => one.branch === branch);
	return own && standingAt(own, atMs);
}

function standingAt<Value extends number | null>({ price, priceSinceMs, planned }: Prices<Value>, atMs: number): PriceNow<Value> | undefined {
	const due = planned.filter(({ fromMs }) => fromMs <= atMs);
	const last = due.reduce<(typeof due)[number] | undefined>(
		(latest, one) => (latest === undefined || one.fromMs >= latest.fromMs ? one : latest),
		undefined,
	);
	const standing = price && { unitPriceE4: price.value, entry: price.entry, replaces: price.replaces, sinceMs: priceSinceMs };
	if (last === undefined) return standing;
	const replaces = [...new Set([...(price?.replaces ?? []), ...due.map(({ entry }) => entry)])];
	if (standing !== undefined && priceSinceMs > last.fromMs) return { ...standing, replaces };
	return { unitPriceE4: last.unitPriceE4, entry: last.entry, replaces, sinceMs: last.fromMs };
}

/** When the next planned price of the store or of this branch begins, after a moment; undefined when none does. */
export function nextPriceMs(product: Pick<Priced, 'planned' | 'branchPrices'>, branch: BranchId, afterMs: number): number | undefined {
	const own = product.branchPrices?.find((one) => one.branch === branch);
	if (product.planned.length === 0 && own === undefined) return undefined;
	const later = [...product.planned, ...(own?.planned ?? [])].map(({ fromMs }) => fromMs).filter((fromMs) => fromMs > afterMs);
	return later.length === 0 ? undefined : Math.min(...later);
}

/**
 * Which price holds at a moment: the one that stands, or a planned one whose moment has come. Asked with a clock, because the fold has none.
 *
 * Of several the one that began last holds; of those that begin together, the later in ledger order.
 */
import type { ProductState } from '#core/ledger/state.ts';
import type { EntryHash } from '#schemas/ids.ts';

export interface PriceNow {
	readonly unitPriceE4: number;
	/** What a sale line names. */
	readonly entry: EntryHash;
	/** What a price set now would replace. */
	readonly replaces: readonly EntryHash[];
}

export function priceAt(
	{ price, priceSinceMs, planned }: Pick<ProductState, 'price' | 'priceSinceMs' | 'planned'>,
	atMs: number,
): PriceNow | undefined {
	const due = planned.filter(({ fromMs }) => fromMs <= atMs);
	const last = due.reduce<(typeof due)[number] | undefined>(
		(latest, one) => (latest === undefined || one.fromMs >= latest.fromMs ? one : latest),
		undefined,
	);
	if (last === undefined) return price && { unitPriceE4: price.value, entry: price.entry, replaces: price.replaces };
	const isNewer = price !== undefined && priceSinceMs > last.fromMs;
	const replaces = [...new Set([...(price?.replaces ?? []), ...due.map(({ entry }) => entry)])];
	return isNewer ? { unitPriceE4: price.value, entry: price.entry, replaces } : { unitPriceE4: last.unitPriceE4, entry: last.entry, replaces };
}

/** When the next planned price begins, after a moment; undefined when none does. */
export function nextPriceMs({ planned }: Pick<ProductState, 'planned'>, afterMs: number): number | undefined {
	const later = planned.map(({ fromMs }) => fromMs).filter((fromMs) => fromMs > afterMs);
	return later.length === 0 ? undefined : Math.min(...later);
}

/** The shop's favourites: their order on the floor document, and the pages of buttons that they are shown on. */
import { compareText } from '#core/entry/order.ts';
import type { Sku } from '#schemas/ids.ts';

/** In the order of their places; of equals by SKU, so that every till shows the same. */
export function favouritesInOrder(places: Readonly<Record<string, number>>): readonly Sku[] {
	return Object.entries(places)
		.sort((a, b) => a[1] - b[1] || compareText(a[0], b[0]))
		.map(([sku]) => sku as Sku);
}

/** Far below the clock, which is the place of one that was added since: it comes last. */
export function placesOf(order: readonly Sku[]): Readonly<Record<string, number>> {
	return Object.fromEntries(order.map((sku, place) => [sku, place + 1]));
}

/** The same list where nothing moves. A place beyond the end is the end. */
export function moved(order: readonly Sku[], sku: Sku, to: number): readonly Sku[] {
	const from = order.indexOf(sku);
	const place = Math.max(0, Math.min(order.length - 1, to));
	if (from < 0 || from === place) return order;
	const others = order.filter((other) => other !== sku);
	return [...others.slice(0, place), sku, ...others.slice(place)];
}

/** What a screen of 1280 × 800 shows without scrolling: five rows of five. */
const A_PAGE = 25;

/** One page at least where there are any. */
export function favouritePages(favourites: readonly Sku[]): readonly (readonly Sku[])[] {
	return Array.from({ length: Math.ceil(favourites.length / A_PAGE) }, (_, page) => favourites.slice(page * A_PAGE, (page + 1) * A_PAGE));
}

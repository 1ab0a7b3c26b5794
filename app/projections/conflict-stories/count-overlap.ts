import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const countOverlap: Story<'count-overlap'> = {
	title: m.conflict_overlap_title,
	tone: 'amber',
	tell: ({ device, counter, overlaps }, _conflict, words) => {
		const skus = [...new Set(overlaps.map(({ sku }) => sku))];
		const movements = new Set(overlaps.map(({ entry }) => entry)).size;
		const isIn = overlaps.filter(({ isInCount }) => isInCount).length;
		const [first] = overlaps;
		return {
			about: joinSome(skus.map((sku) => words.productName(sku))),
			summary: m.conflict_overlap_summary({ count: movements, device: words.deviceName(device), counter: words.deviceName(counter) }),
			story: m.conflict_overlap_story({
				device: words.deviceName(device),
				goods: joinSome(
					skus.map((sku) => m.conflict_of_product({ quantity: words.units(sku, movedMilli(overlaps, sku)), product: words.productName(sku) })),
				),
				who: first === undefined ? m.conflict_somebody() : words.whoAndWhen(first.count),
			}),
			provisional:
				isIn === overlaps.length
					? m.conflict_overlap_stands_in()
					: isIn === 0
						? m.conflict_overlap_stands_after()
						: m.conflict_overlap_stands_both({ count: isIn, all: overlaps.length }),
		};
	},
};

/** How much of it went or came, whichever way. */
function movedMilli(overlaps: readonly { readonly sku: string; readonly quantityMilli: number }[], sku: string): number {
	return overlaps.reduce((sum, one) => (one.sku === sku ? sum + Math.abs(one.quantityMilli) : sum), 0);
}

import { joinSome, plural, type Story } from './story.ts';

export const countOverlap: Story<'count-overlap'> = {
	title: 'Counted while it moved',
	tone: 'amber',
	tell: ({ device, counter, overlaps }, _conflict, words) => {
		const skus = [...new Set(overlaps.map(({ sku }) => sku))];
		const movements = new Set(overlaps.map(({ entry }) => entry)).size;
		const isIn = overlaps.filter(({ isInCount }) => isInCount).length;
		const [first] = overlaps;
		const who =
			first === undefined
				? ''
				: ` ${words.whoAndWhen(first.count)} counted, and had not heard of it; nor had ${words.deviceName(device)} of the count.`;
		return {
			about: joinSome(skus.map((sku) => words.productName(sku))),
			summary: `${plural(movements, 'movement')} of ${words.deviceName(device)}, counted by ${words.deviceName(counter)} meanwhile`,
			story: `${words.deviceName(device)} moved ${joinSome(skus.map((sku) => `${words.units(sku, movedMilli(overlaps, sku))} of ${words.productName(sku)}`))}.${who}`,
			provisional:
				isIn === overlaps.length
					? 'By the clocks it had moved before: the count has it.'
					: isIn === 0
						? 'By the clocks it moved after the count: stock is what was counted, less what left.'
						: `By the clocks ${isIn} of ${overlaps.length} had moved before the count and are in it; the others come on top.`,
		};
	},
};

/** How much of it went or came, whichever way. */
function movedMilli(overlaps: readonly { readonly sku: string; readonly quantityMilli: number }[], sku: string): number {
	return overlaps.reduce((sum, one) => (one.sku === sku ? sum + Math.abs(one.quantityMilli) : sum), 0);
}

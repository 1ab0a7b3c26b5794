import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const countsDisagree: Story<'counts-disagree'> = {
	title: m.conflict_counts_title,
	tone: 'coral',
	tell: ({ sku, onHandMilli, counts }, _conflict, words) => ({
		about: words.productName(sku),
		summary: m.conflict_counts_summary({ count: counts.length }),
		story: m.conflict_counts_story({
			counts: joinSome(
				counts.map(({ entry, countedMilli }) => m.conflict_counts_one({ who: words.whoAndWhen(entry), quantity: words.units(sku, countedMilli) })),
			),
			left: joinSome(counts.map(({ heldMilli }) => words.units(sku, heldMilli))),
		}),
		provisional: m.conflict_counts_stands({ quantity: words.units(sku, onHandMilli) }),
	}),
};

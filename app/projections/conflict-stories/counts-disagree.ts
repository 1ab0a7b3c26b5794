import { joinSome, type Story } from './story.ts';

export const countsDisagree: Story<'counts-disagree'> = {
	title: 'Counted differently',
	tone: 'coral',
	tell: ({ sku, onHandMilli, counts }, _conflict, words) => ({
		about: words.productName(sku),
		summary: `${counts.length === 2 ? 'two' : counts.length} counts that did not know of each other`,
		story: `${joinSome(counts.map(({ entry, countedMilli }) => `${words.whoAndWhen(entry)} counted ${words.units(sku, countedMilli)}`))}. With what moved since, that would leave ${joinSome(counts.map(({ heldMilli }) => words.units(sku, heldMilli)))}.`,
		provisional: `The later count stands. On hand: ${words.units(sku, onHandMilli)}.`,
	}),
};

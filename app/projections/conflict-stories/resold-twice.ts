import { joinSome, plural, type Story } from './story.ts';

export const resoldTwice: Story<'resold-twice'> = {
	title: 'Resold more than came back',
	tone: 'amber',
	tell: ({ sku, refund, returnedMilli, resoldMilli }, { members }, words) => ({
		about: words.productName(sku),
		summary: `${words.units(sku, resoldMilli)} resold, ${words.units(sku, returnedMilli)} had come back`,
		story: `${words.what(refund)} took back ${words.units(sku, returnedMilli)}. ${joinSome(members.map(({ hash }) => `${words.what(hash)} (${words.whoAndWhen(hash)})`))} sold ${words.units(sku, resoldMilli)} out of that, in ${plural(members.length, 'sale')}.`,
		provisional: `All of them stand; the shelf’s stock is as if ${words.units(sku, resoldMilli)} had come back.`,
	}),
};

import { joinSome, plural, type Story } from './story.ts';

export const creditOverspent: Story<'credit-overspent'> = {
	title: 'More credit spent than there was',
	tone: 'coral',
	tell: ({ customer, balanceMinor, shorts }, { stake, members }, words) => ({
		about: `Customer ${customer.slice(0, 8)}`,
		summary: `${words.money(stake.minor)} of credit was not there`,
		story: `${joinSome(shorts.map(({ entry, usedMinor }) => `${words.whoAndWhen(entry)} took ${words.money(usedMinor)}`))}, in ${plural(members.length, 'payment')} that did not all know of each other.`,
		provisional: `All of them stand; the customer has ${words.money(balanceMinor)} of credit.`,
	}),
};

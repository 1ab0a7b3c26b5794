import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const creditOverspent: Story<'credit-overspent'> = {
	title: m.conflict_credit_title,
	tone: 'coral',
	tell: ({ customer, balanceMinor, shorts }, { stake, members }, words) => ({
		about: m.conflict_credit_about({ name: customer.slice(0, 8) }),
		summary: m.conflict_credit_summary({ amount: words.money(stake.minor) }),
		story: m.conflict_credit_story({
			takers: joinSome(shorts.map(({ entry, usedMinor }) => m.conflict_credit_one({ who: words.whoAndWhen(entry), amount: words.money(usedMinor) }))),
			count: members.length,
		}),
		provisional: m.conflict_credit_stands({ amount: words.money(balanceMinor) }),
	}),
};

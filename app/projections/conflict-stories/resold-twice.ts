import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const resoldTwice: Story<'resold-twice'> = {
	title: m.conflict_resold_title,
	tone: 'amber',
	tell: ({ sku, refund, returnedMilli, resoldMilli }, { members }, words) => ({
		about: words.productName(sku),
		summary: m.conflict_resold_summary({ resold: words.units(sku, resoldMilli), returned: words.units(sku, returnedMilli) }),
		story: m.conflict_resold_story({
			...{ refund: words.what(refund), returned: words.units(sku, returnedMilli), resold: words.units(sku, resoldMilli) },
			...{
				count: members.length,
				sales: joinSome(members.map(({ hash }) => m.conflict_with_who({ what: words.what(hash), who: words.whoAndWhen(hash) }))),
			},
		}),
		provisional: m.conflict_resold_stands({ quantity: words.units(sku, resoldMilli) }),
	}),
};

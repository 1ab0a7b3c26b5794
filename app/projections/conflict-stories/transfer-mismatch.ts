import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const transferMismatch: Story<'transfer-mismatch'> = {
	title: m.conflict_transfer_title,
	tone: 'coral',
	tell: ({ differences, times }, { members }, words) => ({
		about: joinSome(differences.map(({ sku }) => words.productName(sku))),
		summary: m.conflict_transfer_summary({ count: Math.max(1, times) }),
		story: m.conflict_transfer_story({
			goods: joinSome(
				differences.map(({ sku, sentMilli, receivedMilli }) =>
					m.conflict_transfer_one({ product: words.productName(sku), sent: words.units(sku, sentMilli), received: words.units(sku, receivedMilli) }),
				),
			),
			who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))),
		}),
		provisional: m.conflict_transfer_stands(),
	}),
};

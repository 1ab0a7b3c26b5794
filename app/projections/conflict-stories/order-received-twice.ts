import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const orderReceivedTwice: Story<'order-received-twice'> = {
	title: m.conflict_order_title,
	tone: 'coral',
	tell: ({ supplier, differences }, { members }, words) => ({
		about: words.ledger.state.books.suppliers.get(supplier)?.fields.name?.value ?? m.conflict_order_about(),
		summary: m.conflict_order_summary(),
		story: m.conflict_order_story({
			who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))),
			goods: joinSome(
				differences.map(({ sku, orderedMilli, receivedMilli }) =>
					m.conflict_order_one({
						...{ product: words.productName(sku), ordered: words.units(sku, orderedMilli), received: words.units(sku, receivedMilli) },
					}),
				),
			),
		}),
		provisional: m.conflict_order_stands(),
	}),
};

import { joinSome, type Story } from './story.ts';

export const orderReceivedTwice: Story<'order-received-twice'> = {
	title: 'One order, received twice',
	tone: 'coral',
	tell: ({ supplier, differences }, { members }, words) => ({
		about: words.ledger.state.books.suppliers.get(supplier)?.fields.name?.value ?? 'A supplier',
		summary: 'received by two who had not heard of each other',
		story: `The same order was received by ${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))}, apart. ${joinSome(
			differences.map(
				({ sku, orderedMilli, receivedMilli }) =>
					`${words.productName(sku)}: ${words.units(sku, orderedMilli)} ordered, ${words.units(sku, receivedMilli)} received`,
			),
		)}.`,
		provisional: 'All of it is in stock.',
	}),
};

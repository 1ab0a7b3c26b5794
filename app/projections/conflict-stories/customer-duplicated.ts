import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const customerDuplicated: Story<'customer-duplicated'> = {
	title: m.conflict_customer_title,
	tone: 'sea',
	tell: ({ customers }, { members }, words) => ({
		about: joinSome(customers.map((customer) => m.conflict_customer_about({ name: customer.slice(0, 8) }))),
		summary: m.conflict_customer_summary({ count: customers.length }),
		story: m.conflict_customer_story({ who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))) }),
		provisional: m.conflict_customer_stands(),
	}),
};

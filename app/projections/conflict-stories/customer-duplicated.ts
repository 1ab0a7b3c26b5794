import { joinSome, plural, type Story } from './story.ts';

export const customerDuplicated: Story<'customer-duplicated'> = {
	title: 'One customer, written down twice',
	tone: 'sea',
	tell: ({ customers }, { members }, words) => ({
		about: joinSome(customers.map((customer) => `customer ${customer.slice(0, 8)}`)),
		summary: `${plural(customers.length, 'customer')} with one phone, e-mail or card number`,
		story: `The same contact was written down by ${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))}, without knowing of each other.`,
		provisional: 'All of them are customers, each with their own credit.',
	}),
};

import { joinSome, type Story } from './story.ts';

export const transferMismatch: Story<'transfer-mismatch'> = {
	title: 'Not what was sent',
	tone: 'coral',
	tell: ({ differences, times }, { members }, words) => ({
		about: joinSome(differences.map(({ sku }) => words.productName(sku))),
		summary: times > 1 ? `received ${times} times` : 'received differs from sent',
		story: `${joinSome(
			differences.map(
				({ sku, sentMilli, receivedMilli }) =>
					`${words.productName(sku)}: ${words.units(sku, sentMilli)} sent, ${words.units(sku, receivedMilli)} received`,
			),
		)}. By ${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))}.`,
		provisional: 'What was received counts.',
	}),
};

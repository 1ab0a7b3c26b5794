import type { Story } from './story.ts';

export const answerOvertaken: Story<'answer-overtaken'> = {
	title: 'No longer needed',
	tone: 'amber',
	tell: ({ asked, choice, answer }, _conflict, words) => ({
		about:
			asked.kind === 'oversold' || asked.kind === 'sold-below-zero' ? words.productName(asked.subject as never) : asked.kind.replaceAll('-', ' '),
		summary: 'what was made good was not missing',
		story: `${words.whoAndWhen(answer)} answered “${choice.replaceAll('-', ' ')}”. What has come since then leaves nothing to answer: the two together may be one too many.`,
		provisional: 'What the answer did to stock and money stands.',
	}),
};

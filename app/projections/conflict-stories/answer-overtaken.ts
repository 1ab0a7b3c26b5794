import { m } from '#languages/compiled/messages.js';
import type { Story } from './story.ts';

export const answerOvertaken: Story<'answer-overtaken'> = {
	title: m.conflict_overtaken_title,
	tone: 'amber',
	tell: ({ asked, choice, answer }, _conflict, words) => ({
		about:
			asked.kind === 'oversold' || asked.kind === 'sold-below-zero' ? words.productName(asked.subject as never) : asked.kind.replaceAll('-', ' '),
		summary: m.conflict_overtaken_summary(),
		story: m.conflict_overtaken_story({ who: words.whoAndWhen(answer), choice: choice.replaceAll('-', ' ') }),
		provisional: m.conflict_overtaken_stands(),
	}),
};

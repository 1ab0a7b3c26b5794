import { m } from '#languages/compiled/messages.js';
import { answerName } from './choices.ts';
import type { Story } from './story.ts';

export const answerOvertaken: Story<'answer-overtaken'> = {
	title: m.conflict_overtaken_title,
	tone: 'amber',
	tell: ({ asked, choice, answer }, _conflict, words) => ({
		about: asked.kind === 'oversold' || asked.kind === 'sold-below-zero' ? words.productName(asked.subject as never) : words.titleOf(asked.kind),
		summary: m.conflict_overtaken_summary(),
		story: m.conflict_overtaken_story({ who: words.whoAndWhen(answer), choice: answerName(choice) }),
		provisional: m.conflict_overtaken_stands(),
	}),
};

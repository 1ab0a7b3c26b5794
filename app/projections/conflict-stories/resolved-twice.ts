import { m } from '#languages/compiled/messages.js';
import { answerName } from './choices.ts';
import { joinSome, type Story } from './story.ts';

export const resolvedTwice: Story<'resolved-twice'> = {
	title: m.conflict_answered_title,
	tone: 'amber',
	tell: ({ asked, answers }, _conflict, words) => ({
		about: words.titleOf(asked.kind),
		summary: m.conflict_answered_summary({ count: answers.length }),
		story: m.conflict_answered_story({
			answers: joinSome(answers.map(({ entry, choice }) => m.conflict_answered_one({ who: words.whoAndWhen(entry), choice: answerName(choice) }))),
		}),
		provisional: m.conflict_answered_stands({
			who: words.whoAndWhen(answers.find(({ holds }) => holds)?.entry ?? answers[0]?.entry ?? ('' as never)),
		}),
	}),
};

import { joinSome, plural, type Story } from './story.ts';

export const resolvedTwice: Story<'resolved-twice'> = {
	title: 'Answered differently',
	tone: 'amber',
	tell: ({ asked, answers }, _conflict, words) => ({
		about: asked.kind.replaceAll('-', ' '),
		summary: `${plural(answers.length, 'answer')} to one question`,
		story: `${joinSome(answers.map(({ entry, choice }) => `${words.whoAndWhen(entry)} answered “${choice.split(':')[0]?.replaceAll('-', ' ') ?? choice}”`))}, without having heard of each other.`,
		provisional: `What ${words.whoAndWhen(answers.find(({ holds }) => holds)?.entry ?? answers[0]?.entry ?? ('' as never))} answered holds.`,
	}),
};

/**
 * Resolved twice: answers to one conflict that differ, neither of which had heard of the other, and that settle the same. The first in ledger order holds, and
 * what a later one made up beside it (an adjustment, a correction, an edit) is void, until somebody chooses.
 *
 * Answers differ when their choice or the value that was typed does. One item a conflict that was answered; members are the answers. What an answer wrote in the
 * other scope (a device removed, customers merged) stands by itself.
 */
import type { Clash } from '#core/ledger/answers.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

/** A subject has at most 240 characters; the longest kind has fewer than 20. */
const MOST_CHARACTERS = 240;

export function findResolvedTwice({ conflict: asked, answers }: Clash, context: ConflictContext): Conflict | undefined {
	return openConflict(
		{
			subject: `${asked.kind}:${asked.subject}`.slice(0, MOST_CHARACTERS),
			ofStore: asked.branch === undefined,
			urgency: 'high',
			members: answers.map(({ record }) => record),
			detail: {
				kind: 'resolved-twice',
				asked,
				answers: answers.map(({ record, fact }) => ({ entry: record.hash, choice: fact.choice, value: fact.value, holds: !record.overtaken })),
			},
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () =>
				answers.map(({ record }): Choice => ({
					id: `choose:${record.hash.slice(0, 16)}`,
					label: 'Choose this answer',
					effect: { does: 'choose-answer', entry: record.hash },
				})),
		},
		context,
	);
}

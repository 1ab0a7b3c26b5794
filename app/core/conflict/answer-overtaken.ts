/**
 * Answer overtaken: an answer carried a compensation (an adjustment, a correction, something owed), and entries that came later leave nothing of the conflict
 * that it answered: the missing receipt arrived after "found more". The compensation stands until somebody says otherwise.
 *
 * Judged is the conflict as it would be without this answer: a correction always makes its conflict go away, and is no less needed for that. It is overtaken
 * when none of the members that it named is a member any more. A count is no compensation: what was on the shelf was on the shelf.
 *
 * One item an answer; members are the answer and what it answered. Undoing is a correction of the answer.
 */
import type { AnswerRecord } from '#core/ledger/answers.ts';
import type { ConflictId } from '#schemas/facts/conflict-resolved.ts';
import type { FactType } from '#schemas/facts/registry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Conflict, ConflictContext, ConflictKind } from './conflict.ts';
import { openConflict } from './open.ts';
import { knownFacts } from './worth.ts';

const COMPENSATIONS: ReadonlySet<FactType> = new Set<FactType>(['stock.adjusted', 'correction.made', 'refund.owed', 'debt.noted']);

export function isCompensating({ record }: AnswerRecord): boolean {
	return knownFacts(record.entry).some(({ type }) => COMPENSATIONS.has(type));
}

/** What the ledger looks at for conflicts of this kind; undefined where no answer compensates. */
export function lookedAtFor({ kind, subject }: ConflictId): string | undefined {
	switch (kind as ConflictKind) {
		case 'oversold':
		case 'sold-below-zero':
		case 'counts-disagree':
			return `stock:${subject}`;
		case 'count-overlap':
			return `overlap:${subject}`;
		case 'refunded-twice':
			return `sale:${subject.slice(0, subject.indexOf(':'))}`;
		case 'key-reused':
			return `key:${subject.replace(/#[12]$/, '')}`;
		case 'stale-price':
			return `stale:${subject}`;
		case 'resold-twice':
			return `book:returnedGoods:${subject}`;
		case 'parked-sold-twice':
			return `book:parked:${subject}`;
		case 'credit-overspent':
			return `book:credit:${subject}`;
		case 'right-withdrawn':
			return `withdrawn:${subject}`;
		default:
			return undefined;
	}
}

/** What is left of a conflict when nobody's answer is heard, nor what this answer did. */
export interface Left {
	readonly id: ConflictId;
	readonly members: readonly { readonly hash: EntryHash }[];
}

export function findAnswerOvertaken(answer: AnswerRecord, found: readonly Left[], context: ConflictContext): Conflict | undefined {
	const { record, fact } = answer;
	if (!record.counts || record.overtaken || context.correctedBy(record) !== undefined) return undefined;
	// Where one of them is not here yet, nobody can tell.
	const members = fact.members.flatMap((member) => context.record(member) ?? []);
	if (members.length < fact.members.length) return undefined;
	const left = new Set<EntryHash>(found.filter((one) => isSame(one.id, fact.conflict)).flatMap(({ members }) => members.map(({ hash }) => hash)));
	if (fact.members.some((member) => left.has(member))) return undefined;
	const entries = [record.hash];
	return openConflict(
		{
			subject: record.hash,
			ofStore: false,
			urgency: 'low',
			members: [record, ...members],
			detail: { kind: 'answer-overtaken', answer: record.hash, asked: fact.conflict, choice: fact.choice },
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () => [
				{ id: 'keep', label: 'Keep', effect: { does: 'let-stand' } },
				{ id: 'undo-it', label: 'Undo it', effect: { does: 'compensate', entries } },
			],
		},
		context,
	);
}

/** What a till believed may be known better now: of a shortage it is enough that there still is one. */
function isSame(one: ConflictId, asked: ConflictId): boolean {
	const isShortage = ({ kind }: ConflictId): boolean => kind === 'oversold' || kind === 'sold-below-zero';
	return one.subject === asked.subject && (one.kind === asked.kind || (isShortage(one) && isShortage(asked)));
}

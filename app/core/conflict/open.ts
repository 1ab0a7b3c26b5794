/** Makes the conflict from what a kind has found, or nothing when every member is settled. */
import { compareEntries } from '#core/entry/order.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext, ConflictDetail, Member, Stake } from './conflict.ts';

/** Members are compared with so many neighbours in ledger order: n² of a flood would tell nobody more. */
const COMPARED = 40;
/** An answer names at most 2,000 members (`conflict.resolved`); a flood is answered in pages. */
const MOST_ANSWERED = 2_000;

export interface Found {
	readonly subject: string;
	/** Conflicts among the store's entries have no branch. */
	readonly ofStore: boolean;
	readonly urgency: Conflict['urgency'];
	readonly members: readonly EntryRecord[];
	readonly detail: ConflictDetail;
	/** Told what is not settled yet, for effects that concern only that. */
	readonly stake: (unsettled: ReadonlySet<EntryHash>) => Stake;
	readonly choices: (unsettled: ReadonlySet<EntryHash>) => readonly Choice[];
}

export function openConflict(found: Found, context: ConflictContext): Conflict | undefined {
	const { detail, subject } = found;
	const id = { kind: detail.kind, subject, ...(found.ofStore ? {} : { branch: context.branch }) };
	const key = conflictKey(id);
	const settled = context.settled(key);
	const ordered = [...new Set(found.members)].sort(compareEntries);
	const unsettled = ordered.filter(({ hash }) => settled?.has(hash) !== true).map(({ hash }) => hash);
	if (unsettled.length === 0) return undefined;
	const open = new Set(unsettled);
	return {
		id,
		key,
		kind: detail.kind,
		urgency: found.urgency,
		members: ordered.map((record, index) => memberOf(record, index, ordered, settled?.get(record.hash), context)),
		unsettled: unsettled.slice(0, MOST_ANSWERED),
		stake: found.stake(open),
		detail,
		choices: found.choices(open),
		newestMs: ordered.at(-1)?.header.hlc[0] ?? 0,
	};
}

function memberOf(
	record: EntryRecord,
	index: number,
	ordered: readonly EntryRecord[],
	settledBy: EntryHash | undefined,
	context: ConflictContext,
): Member {
	const others = (): readonly EntryRecord[] => ordered.slice(Math.max(0, index - COMPARED), index + COMPARED + 1).filter((other) => other !== record);
	return {
		entry: record.entry,
		hash: record.hash,
		settledBy,
		// Looked up when somebody reads the evidence, not at every sale.
		get hadSeen() {
			return others()
				.filter((other) => context.saw(record, other))
				.map(({ hash }) => hash);
		},
		get hadNotSeen() {
			return others()
				.filter((other) => !context.saw(record, other))
				.map(({ hash }) => hash);
		},
	};
}

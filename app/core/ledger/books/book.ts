/**
 * A book is one kind of state that is folded from facts, subject by subject: shifts, customers, transfers. Each is a file that says which facts it reads, whom
 * they concern and what they fold to; the ledger keeps the changes in order, forgets what is touched, and folds when somebody reads.
 *
 * 1. A fold is a function of the subject's counting changes in ledger order, and of nothing else: same entries, same state, in any order of arrival.
 * 2. Taking in a change costs its place in a list. Whoever reads a subject pays its fold, once until it is touched again.
 * 3. A book reads no other book. Conflicts may: they are found when everything is folded.
 */
import type { Conflict, ConflictContext } from '#core/conflict/conflict.ts';
import { compareEntries, compareText } from '#core/entry/order.ts';
import type { Fact, FactType } from '#schemas/facts/registry.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import type { EntryRecord } from '../chains.ts';
import type { LedgerState } from '../state.ts';

/** A fact in its place. */
export interface Change {
	readonly record: EntryRecord;
	readonly fact: Fact;
	/** Index in its entry. */
	readonly place: number;
}

export interface BookContext {
	readonly branch: BranchId;
	saw(a: EntryRecord, b: EntryRecord): boolean;
	/** The correction that took an entry back, if one did. */
	correctedBy(record: EntryRecord): EntryHash | undefined;
}

/** What finding conflicts in a book may ask beyond `ConflictContext`: everything that is folded. */
export interface BookConflictContext extends ConflictContext {
	readonly state: LedgerState;
}

export interface Book<Subject extends string, State> {
	readonly reads: readonly FactType[];
	/** Whom a fact concerns, by the fact and its entry alone. A branch's fact of another branch never gets here. */
	subjectsOf(fact: Fact, record: EntryRecord): readonly Subject[];
	/** `changes` are those that count: neither quarantined nor the compensation of an answer that came second. Undefined: nothing is there. */
	fold(subject: Subject, changes: readonly Change[], context: BookContext): State | undefined;
	/** Facts after which a subject may be in conflict: once one is there, every further change of the subject looks again. */
	readonly alarms?: readonly FactType[];
	/** All changes, the quarantined ones too, and what they fold to. */
	conflicts?(subject: Subject, state: State, changes: readonly Change[], context: BookConflictContext): readonly Conflict[];
	/** Nothing that still comes can change it, nor what is shown of it: a checkpoint leaves its entries behind. Absent: never. */
	isOver?(state: State): boolean;
	/** The fold or the conflicts ask who had seen whom: looked at again when that may read differently. */
	readonly asksWhoSaw?: boolean;
}

export interface BookView<Subject extends string, State> {
	get(subject: Subject): State | undefined;
	/** Of those that fold to something, in order of their names. */
	entries(): readonly (readonly [Subject, State])[];
	values(): readonly State[];
}

/** A book with what it holds. */
export interface OpenBook<Subject extends string, State> extends BookView<Subject, State> {
	/** Puts a change in its place; answers the subjects. */
	take(change: Change): readonly Subject[];
	/** Forgets what was folded of these; answers whether conflicts may read differently. */
	touch(subject: Subject): boolean;
	/** Forgets whatever asks who had seen whom. */
	touchAll(): readonly Subject[];
	conflicts(subject: Subject, context: BookConflictContext): readonly Conflict[];
	alarmed(): readonly Subject[];
	/** Entries of subjects that are not over. */
	kept(): readonly EntryRecord[];
}

interface Kept<State> {
	readonly changes: Change[];
	isAlarmed: boolean;
	isFolded: boolean;
	folded: State | undefined;
}

export function openBook<Subject extends string, State>(book: Book<Subject, State>, context: BookContext): OpenBook<Subject, State> {
	const subjects = new Map<Subject, Kept<State>>();
	const alarms = new Set<FactType>(book.alarms ?? []);

	function folded(subject: Subject, kept: Kept<State>): State | undefined {
		if (!kept.isFolded) {
			kept.folded = book.fold(
				subject,
				kept.changes.filter(({ record }) => record.counts && !record.overtaken),
				context,
			);
			kept.isFolded = true;
		}
		return kept.folded;
	}

	return {
		take(change) {
			const names = book.subjectsOf(change.fact, change.record);
			for (const name of names) {
				let kept = subjects.get(name);
				if (kept === undefined) subjects.set(name, (kept = { changes: [], isAlarmed: false, isFolded: false, folded: undefined }));
				insertChange(kept.changes, change);
				if (alarms.has(change.fact.type)) kept.isAlarmed = true;
			}
			return names;
		},
		touch(subject) {
			const kept = subjects.get(subject);
			if (kept === undefined) return false;
			kept.isFolded = false;
			return kept.isAlarmed;
		},
		touchAll() {
			if (book.asksWhoSaw !== true) return [];
			for (const kept of subjects.values()) kept.isFolded = false;
			return [...subjects].filter(([, { isAlarmed }]) => isAlarmed).map(([name]) => name);
		},
		conflicts(subject, conflictContext) {
			const kept = subjects.get(subject);
			const state = kept === undefined ? undefined : folded(subject, kept);
			return kept === undefined || state === undefined ? [] : (book.conflicts?.(subject, state, kept.changes, conflictContext) ?? []);
		},
		alarmed: () => [...subjects].filter(([, { isAlarmed }]) => isAlarmed).map(([name]) => name),
		kept: () =>
			[...subjects].flatMap(([name, kept]) => {
				const state = folded(name, kept);
				return state === undefined || book.isOver?.(state) === true ? [] : kept.changes.map(({ record }) => record);
			}),
		get(subject) {
			const kept = subjects.get(subject);
			return kept === undefined ? undefined : folded(subject, kept);
		},
		entries,
		values: () => entries().map(([, state]) => state),
	};

	function entries(): readonly (readonly [Subject, State])[] {
		const all = [...subjects].flatMap(([name, kept]) => {
			const state = folded(name, kept);
			return state === undefined ? [] : [[name, state] as const];
		});
		return all.sort(([a], [b]) => compareText(a, b));
	}
}

/** Lists mostly grow at their end. Of one entry the earlier fact comes first. */
function insertChange(changes: Change[], change: Change): void {
	let index = changes.length;
	for (; index > 0; index -= 1) {
		const before = changes[index - 1];
		if (before === undefined || (compareEntries(before.record, change.record) || before.place - change.place) < 0) break;
	}
	changes.splice(index, 0, change);
}

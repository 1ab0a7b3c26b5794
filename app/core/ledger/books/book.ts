/**
 * A book is one kind of state that is folded from facts, subject by subject: shifts, customers, transfers. Each is a file that says which facts it reads, whom
 * they concern and what they fold to; the ledger keeps the changes in order, forgets what is touched, and folds when somebody reads.
 *
 * 1. A fold is a function of the subject's counting changes in ledger order, and of nothing else: same entries, same state, in any order of arrival.
 * 2. Taking in a change costs its place in a list. Whoever reads a subject pays its fold, once until it is touched again.
 * 3. A book reads no other book. Conflicts may: they are found when everything is folded.
 * 4. A checkpoint keeps the entries of what is not over, or (`sum`) what they come to: a fold then begins from there, and the entries are not taken in again.
 */
import type { Conflict, ConflictContext } from '#core/conflict/conflict.ts';
import { compareEntries, compareText } from '#core/entry/order.ts';
import type { Fact, FactType } from '#schemas/facts/registry.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import type { GenericSchema } from 'valibot';
import type { EntryRecord } from '../chains.ts';
import type { LedgerState, SettingName, SettingValue } from '../state.ts';

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
	/** As the author of an entry knew the setting: what is changed later judges nothing that lies before. */
	settingSeenBy<Name extends SettingName>(record: EntryRecord, name: Name): SettingValue<Name> | undefined;
}

export interface Book<Subject extends string, State, Sum = never> {
	readonly reads: readonly FactType[];
	/** Whom a fact concerns, by the fact and its entry alone. A branch's fact of another branch never gets here. */
	subjectsOf(fact: Fact, record: EntryRecord): readonly Subject[];
	/**
	 * `changes` are those that count: neither quarantined nor the compensation of an answer that came second. Undefined: nothing is there.
	 * `before`: what everything before the changes comes to, where a checkpoint says it.
	 */
	fold(subject: Subject, changes: readonly Change[], context: BookContext, before: Sum | undefined): State | undefined;
	/** Facts after which a subject may be in conflict: once one is there, every further change of the subject looks again. */
	readonly alarms?: readonly FactType[];
	/** With fewer changes than these a subject is in no conflict, and nobody looks. */
	readonly alarmedFrom?: number;
	/** All changes, the quarantined ones too, and what they fold to. */
	conflicts?(subject: Subject, state: State, changes: readonly Change[], context: BookConflictContext): readonly Conflict[];
	/** Nothing that still comes can change it, nor what is shown of it: a checkpoint leaves its entries behind. Absent: never. */
	isOver?(state: State): boolean;
	/** In place of the entries, for subjects that gather more of them than a checkpoint should carry. `of` undefined: nothing need be kept. */
	readonly sum?: { readonly schema: GenericSchema<unknown, Sum>; of(state: State): Sum | undefined };
	/** The fold or the conflicts ask who had seen whom: looked at again when that may read differently. */
	readonly asksWhoSaw?: boolean;
	/** The conflicts ask whether entries are missing: looked at again when one comes, or is declared lost. */
	readonly asksGaps?: boolean;
	/** The conflicts ask for these settings: looked at again when one of them changes. */
	readonly asksSettings?: readonly SettingName[];
	/**
	 * Other subjects whose conflicts may read differently when this one changes: asked before conflicts are found, when everything is folded. `changes` are all
	 * of them, the quarantined ones too.
	 */
	related?(subject: Subject, changes: readonly Change[], state: LedgerState): readonly Subject[];
}

export interface BookView<Subject extends string, State> {
	get(subject: Subject): State | undefined;
	/** Of those that fold to something, in order of their names. */
	entries(): readonly (readonly [Subject, State])[];
	values(): readonly State[];
	/** Of all that something is written of, in no order; nothing is folded for it. */
	names(): Iterable<Subject>;
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
	/** Entries of subjects that are not over; none of a book that is summed up. */
	kept(): readonly EntryRecord[];
	sums(): readonly (readonly [Subject, unknown])[];
	related(subject: Subject, state: LedgerState): readonly Subject[];
}

interface Kept<State> {
	readonly changes: Change[];
	isAlarmed: boolean;
	isFolded: boolean;
	folded: State | undefined;
	readonly before: unknown;
}

/** `before`: the sums of a checkpoint, by subject. */
export function openBook<Subject extends string, State>(
	book: Book<Subject, State, unknown>,
	context: BookContext,
	before: readonly (readonly [Subject, unknown])[] = [],
): OpenBook<Subject, State> {
	const alarms = new Set<FactType>(book.alarms ?? []);
	// What raised an alarm may lie below the checkpoint.
	const subjects = new Map(before.map(([name, sum]) => [name, newSubject<State>(sum, alarms.size > 0)]));

	function isAlarmed(kept: Kept<State>): boolean {
		return kept.isAlarmed && (kept.before !== undefined || kept.changes.length >= (book.alarmedFrom ?? 1));
	}

	function folded(subject: Subject, kept: Kept<State>): State | undefined {
		if (!kept.isFolded) {
			kept.folded = book.fold(
				subject,
				kept.changes.filter(({ record }) => record.counts && !record.overtaken),
				context,
				kept.before,
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
				if (kept === undefined) subjects.set(name, (kept = newSubject(undefined, false)));
				insertChange(kept.changes, change);
				if (alarms.has(change.fact.type)) kept.isAlarmed = true;
			}
			return names;
		},
		touch(subject) {
			const kept = subjects.get(subject);
			if (kept === undefined) return false;
			kept.isFolded = false;
			return isAlarmed(kept);
		},
		touchAll() {
			if (book.asksWhoSaw !== true) return [];
			for (const kept of subjects.values()) kept.isFolded = false;
			return [...subjects].filter(([, kept]) => isAlarmed(kept)).map(([name]) => name);
		},
		conflicts(subject, conflictContext) {
			const kept = subjects.get(subject);
			const state = kept === undefined ? undefined : folded(subject, kept);
			return kept === undefined || state === undefined ? [] : (book.conflicts?.(subject, state, kept.changes, conflictContext) ?? []);
		},
		alarmed: () => [...subjects].filter(([, kept]) => isAlarmed(kept)).map(([name]) => name),
		kept: () =>
			book.sum !== undefined
				? []
				: [...subjects].flatMap(([name, kept]) => {
						const state = folded(name, kept);
						return state === undefined || book.isOver?.(state) === true ? [] : kept.changes.map(({ record }) => record);
					}),
		sums: () =>
			entries().flatMap(([name, state]) => {
				const sum = book.sum?.of(state);
				return sum === undefined ? [] : [[name, sum] as const];
			}),
		related: (subject, state) => book.related?.(subject, subjects.get(subject)?.changes ?? [], state) ?? [],
		get(subject) {
			const kept = subjects.get(subject);
			return kept === undefined ? undefined : folded(subject, kept);
		},
		entries,
		values: () => entries().map(([, state]) => state),
		names: () => subjects.keys(),
	};

	function entries(): readonly (readonly [Subject, State])[] {
		const all = [...subjects].flatMap(([name, kept]) => {
			const state = folded(name, kept);
			return state === undefined ? [] : [[name, state] as const];
		});
		return all.sort(([a], [b]) => compareText(a, b));
	}
}

function newSubject<State>(before: unknown, isAlarmed: boolean): Kept<State> {
	return { changes: [], isAlarmed, isFolded: false, folded: undefined, before };
}

/** Lists mostly grow at their end; a late one is looked for by halves. Of one entry the earlier fact comes first. */
function insertChange(changes: Change[], change: Change): void {
	const last = changes.at(-1);
	if (last === undefined || isBefore(last, change)) {
		changes.push(change);
		return;
	}
	let from = 0;
	let to = changes.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		const other = changes[middle];
		if (other !== undefined && isBefore(other, change)) from = middle + 1;
		else to = middle;
	}
	changes.splice(from, 0, change);
}

function isBefore(a: Change, b: Change): boolean {
	return (compareEntries(a.record, b.record) || a.place - b.place) < 0;
}

/**
 * A value that people edit: a field of a product, its price, a setting. An edit names the entries that it replaces.
 *
 * 1. What nobody has replaced is the frontier. More than one entry in it: people edited without knowing of each other.
 * 2. The value is the one of the frontier that is later in ledger order.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { EntryRecord } from './chains.ts';
import type { ValueState } from './state.ts';

export interface Assignment<Value> {
	readonly record: EntryRecord;
	readonly value: Value;
	/** The entries whose value it replaces. */
	readonly replaces: (earlier: EntryRecord) => boolean;
}

/** Undefined when nobody has set it. Of two assignments in one entry the last counts. */
export function foldValue<Value>(assignments: readonly Assignment<Value>[]): ValueState<Value> | undefined {
	const byEntry = new Map<EntryRecord, Assignment<Value>>();
	for (const assignment of assignments) byEntry.set(assignment.record, assignment);
	const ordered = [...byEntry.values()].sort((a, b) => compareEntries(a.record, b.record));
	const frontier = ordered.filter((one) => !ordered.some((other) => other !== one && other.replaces(one.record)));
	const last = frontier.at(-1);
	if (last === undefined) return undefined;
	return {
		value: last.value,
		entry: last.record.hash,
		frontier: frontier.map(({ record, value }) => ({ entry: record.hash, value })),
		replaces: frontier.map(({ record }) => record.hash),
	};
}

export function replacesNamed(hashes: readonly EntryHash[]): (earlier: EntryRecord) => boolean {
	return ({ hash }) => hashes.includes(hash);
}

/**
 * What people decided about conflicts.
 *
 * 1. An answer settles the members that it names, and itself. Only entries that are themselves in order answer; none answers by being accepted.
 * 2. An answer goes in its conflict's scope: the store's conflicts are not answered from one branch's chains.
 * 3. Of answers that did not know of each other the first in ledger order stands: the compensations of an answer are void when everything it
 *    names had been settled by earlier answers, one of which its author had not seen.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { ConflictId, ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import type { Chains, EntryRecord } from './chains.ts';

export interface AnswerRecord {
	readonly record: EntryRecord;
	readonly fact: ConflictResolved;
}

export interface Answers {
	/** Per `conflictKey`, each settled member with the entry that settled it. */
	readonly settled: ReadonlyMap<string, ReadonlyMap<EntryHash, EntryHash>>;
	readonly overtaken: ReadonlySet<EntryRecord>;
	/** Quarantined entries that somebody let count. */
	readonly accepted: ReadonlySet<EntryHash>;
}

export const NOT_ALLOWED = 'not-allowed';
export const ACCEPT = 'accept';

export function conflictKey({ kind, subject, branch }: ConflictId): string {
	return `${kind}\n${branch ?? ''}\n${subject}`;
}

export function foldAnswers(answers: readonly AnswerRecord[], branch: BranchId, chains: Chains): Answers {
	const settledBy = new Map<string, Map<EntryHash, EntryRecord>>();
	const overtaken = new Set<EntryRecord>();
	const verdicts = new Map<EntryHash, { readonly record: EntryRecord; readonly choice: string }>();
	const byRecord = new Map<EntryRecord, ConflictResolved[]>();
	for (const { record, fact } of [...answers].sort((a, b) => compareEntries(a.record, b.record))) {
		if (!isInScope(record, fact.conflict, branch)) continue;
		const facts = byRecord.get(record);
		if (facts === undefined) byRecord.set(record, [fact]);
		else facts.push(fact);
	}
	for (const [record, facts] of byRecord) {
		const earlier = facts.flatMap((fact) => fact.members.map((member) => settledBy.get(conflictKey(fact.conflict))?.get(member)));
		if (earlier.every((one) => one !== undefined) && earlier.some((one) => one !== undefined && !chains.saw(record, one))) overtaken.add(record);
		for (const fact of facts) {
			const key = conflictKey(fact.conflict);
			let settled = settledBy.get(key);
			if (settled === undefined) settledBy.set(key, (settled = new Map()));
			for (const member of [...fact.members, record.hash]) {
				if (!settled.has(member)) settled.set(member, record);
				if (fact.conflict.kind !== NOT_ALLOWED) continue;
				const verdict = verdicts.get(member);
				if (verdict === undefined || chains.saw(record, verdict.record)) verdicts.set(member, { record, choice: fact.choice });
			}
		}
	}
	return {
		settled: new Map([...settledBy].map(([key, members]) => [key, new Map([...members].map(([member, { hash }]) => [member, hash]))])),
		overtaken,
		accepted: new Set([...verdicts].filter(([, { choice }]) => choice === ACCEPT).map(([member]) => member)),
	};
}

function isInScope(record: EntryRecord, conflict: ConflictId, branch: BranchId): boolean {
	return conflict.branch === undefined ? record.header.scope === 'store' : record.header.scope === 'branch' && conflict.branch === branch;
}

/**
 * What people decided about conflicts.
 *
 * 1. An answer settles the members that it names, and itself. Only entries that are themselves in order answer; none answers by being accepted.
 * 2. An answer goes in its conflict's scope: the store's conflicts are not answered from one branch's chains.
 * 3. Of answers that did not know of each other the first in ledger order stands: the compensations of an answer are void when everything it
 *    names had been settled by earlier answers, one of which its author had not seen.
 * 4. Unless somebody chose between them (`resolved-twice`): the chosen one stands, and the others are void.
 * 5. Of the answers to one fork the last word stands that had heard of the words before it (`forks.ts`).
 */
import { compareEntries } from '#core/entry/order.ts';
import type { ConflictId, ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { BranchId, DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Chains, EntryRecord } from './chains.ts';
import type { KeptSide } from './forks.ts';

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
	/** Those by the answer that let them count. */
	readonly acceptedBy: ReadonlyMap<EntryHash, EntryRecord>;
	/** Refunds that somebody found the sale of. */
	readonly linked: ReadonlyMap<EntryHash, EntryHash>;
	/** Answers that somebody chose against. */
	readonly rejected: ReadonlySet<EntryHash>;
	readonly clashes: readonly Clash[];
	/** Per `conflictKey` of a fork, which of its sides keeps the till. */
	readonly kept: ReadonlyMap<string, KeptSide>;
}

/** Answers to one conflict that differ and settle the same, none of which had seen another; in ledger order. */
export interface Clash {
	readonly conflict: ConflictId;
	readonly answers: readonly AnswerRecord[];
}

export const NOT_ALLOWED = 'not-allowed';
export const ACCEPT = 'accept';
export const RESOLVED_TWICE = 'resolved-twice';
export const REFUND_WITHOUT_SALE = 'refund-without-sale';
export const LINK = 'link';
export const CHAIN_FORKED = 'chain-forked';

export function conflictKey({ kind, subject, branch }: ConflictId): string {
	return `${kind}\n${branch ?? ''}\n${subject}`;
}

/** `maySay`: whether that device may answer so about the entry, where not everybody who answers may. What it may not neither settles nor lets count. */
export function foldAnswers(
	answers: readonly AnswerRecord[],
	branch: BranchId,
	chains: Chains,
	maySay: (device: DeviceId, fact: ConflictResolved, member: EntryHash) => boolean,
): Answers {
	const settledBy = new Map<string, Map<EntryHash, EntryRecord>>();
	const overtaken = new Set<EntryRecord>();
	const verdicts = new Map<EntryHash, { readonly record: EntryRecord; readonly choice: string }>();
	const links = new Map<EntryHash, { readonly record: EntryRecord; readonly sale: EntryHash | undefined }>();
	const keeps = new Map<string, { readonly record: EntryRecord; readonly side: KeptSide }>();
	const byRecord = new Map<EntryRecord, ConflictResolved[]>();
	for (const { record, fact } of [...answers].sort((a, b) => compareEntries(a.record, b.record))) {
		if (!isInScope(record, fact.conflict, branch)) continue;
		const facts = byRecord.get(record);
		if (facts === undefined) byRecord.set(record, [fact]);
		else facts.push(fact);
	}
	const { chosen, rejected } = choicesBetween(
		[...byRecord].flatMap(([record, facts]) => facts.map((fact) => ({ record, fact }))),
		chains,
	);
	for (const [record, facts] of byRecord) {
		const earlier = facts.flatMap((fact) => fact.members.map((member) => settledBy.get(conflictKey(fact.conflict))?.get(member)));
		if (earlier.every((one) => one !== undefined) && earlier.some((one) => one !== undefined && !chains.saw(record, one))) overtaken.add(record);
		if (rejected.has(record.hash)) overtaken.add(record);
		else if (chosen.has(record.hash)) overtaken.delete(record);
		for (const fact of facts) {
			const key = conflictKey(fact.conflict);
			if (fact.conflict.kind === CHAIN_FORKED && fact.value !== undefined && !rejected.has(record.hash)) {
				const before = keeps.get(key);
				if (before === undefined || chains.saw(record, before.record))
					keeps.set(key, { record, side: { answer: record.hash, entry: fact.value as EntryHash, members: fact.members } });
			}
			let settled = settledBy.get(key);
			if (settled === undefined) settledBy.set(key, (settled = new Map()));
			for (const member of [...fact.members, record.hash]) {
				if (!maySay(record.header.device, fact, member)) continue;
				if (!settled.has(member)) settled.set(member, record);
				if (rejected.has(record.hash)) continue;
				if (fact.conflict.kind === NOT_ALLOWED) {
					const verdict = verdicts.get(member);
					if (verdict === undefined || chains.saw(record, verdict.record)) verdicts.set(member, { record, choice: fact.choice });
				} else if (fact.conflict.kind === REFUND_WITHOUT_SALE) {
					const link = links.get(member);
					if (link === undefined || chains.saw(record, link.record))
						links.set(member, { record, sale: fact.choice === LINK ? (fact.value as EntryHash | undefined) : undefined });
				}
			}
		}
	}
	const acceptedBy = new Map([...verdicts].flatMap(([member, { record, choice }]) => (choice === ACCEPT ? [[member, record] as const] : [])));
	return {
		settled: new Map([...settledBy].map(([key, members]) => [key, new Map([...members].map(([member, { hash }]) => [member, hash]))])),
		overtaken,
		...{ accepted: new Set(acceptedBy.keys()), acceptedBy },
		linked: new Map([...links].flatMap(([member, { sale }]) => (sale === undefined ? [] : [[member, sale] as const]))),
		rejected,
		clashes: clashesOf(byRecord, chains),
		kept: new Map([...keeps].map(([key, { side }]) => [key, side])),
	};
}

/** Per answer the last word about it that had heard of the words before it; of those that had not, the first in ledger order. */
function choicesBetween(
	inOrder: readonly AnswerRecord[],
	chains: Chains,
): { readonly chosen: ReadonlySet<EntryHash>; readonly rejected: ReadonlySet<EntryHash> } {
	const words = new Map<EntryHash, { readonly record: EntryRecord; readonly isChosen: boolean }>();
	for (const { record, fact } of inOrder) {
		if (fact.conflict.kind !== RESOLVED_TWICE) continue;
		for (const member of fact.members) {
			const before = words.get(member);
			if (before === undefined || chains.saw(record, before.record))
				words.set(member, { record, isChosen: fact.choice === `choose:${member.slice(0, 16)}` });
		}
	}
	const those = (isChosen: boolean): ReadonlySet<EntryHash> =>
		new Set([...words].filter(([, word]) => word.isChosen === isChosen).map(([member]) => member));
	return { chosen: those(true), rejected: those(false) };
}

function clashesOf(byRecord: ReadonlyMap<EntryRecord, readonly ConflictResolved[]>, chains: Chains): readonly Clash[] {
	const byConflict = new Map<string, AnswerRecord[]>();
	for (const [record, facts] of byRecord)
		for (const fact of facts) {
			const key = conflictKey(fact.conflict);
			const list = byConflict.get(key);
			if (list === undefined) byConflict.set(key, [{ record, fact }]);
			else list.push({ record, fact });
		}
	return [...byConflict.values()].flatMap((list): Clash[] => {
		const first = list[0];
		if (first === undefined || list.length < 2) return [];
		const answers = list.filter((one) => list.some((other) => doClash(one, other, chains)));
		return answers.length === 0 ? [] : [{ conflict: first.fact.conflict, answers }];
	});
}

function doClash(one: AnswerRecord, other: AnswerRecord, chains: Chains): boolean {
	if (one.fact.choice === other.fact.choice && one.fact.value === other.fact.value) return false;
	if (one.record === other.record || chains.saw(one.record, other.record) || chains.saw(other.record, one.record)) return false;
	const members = new Set(one.fact.members);
	return other.fact.members.some((member) => members.has(member));
}

function isInScope(record: EntryRecord, conflict: ConflictId, branch: BranchId): boolean {
	return conflict.branch === undefined ? record.header.scope === 'store' : record.header.scope === 'branch' && conflict.branch === branch;
}

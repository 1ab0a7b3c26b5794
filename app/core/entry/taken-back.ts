/**
 * A device that was restored from an older copy of itself, and what others kept of it: the entries that continue its own chains.
 *
 * 1. What is taken back follows the heads without a hole: the next seq, the head's hash as `prev`. What does not follow is another side of a fork and stays
 *    where it is; the ledger shows it.
 * 2. Where more than one side follows (it was restored before, and sold), the one that reaches farthest is gone on with, then the later one: the same on
 *    every try.
 * 3. Receipt numbers go on after the highest one that was taken back.
 * 4. The same entries in any order, with others among them, give the same.
 */
import { SCOPES, type IntentKey, type Scope } from '#schemas/ids.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { compareHlc, latestHlc } from './hlc.ts';
import { applySeen } from './seen.ts';

interface Head {
	readonly seq: number;
	readonly hash: EntryHash;
	readonly seen: ReadonlyMap<string, SeenChange>;
}

export interface OwnHeads {
	readonly heads: { readonly [scope in Scope]: Head | undefined };
	readonly hlc: Hlc;
	readonly lastReceiptNumber: number;
}

export interface SaleTakenBack {
	readonly key: IntentKey;
	readonly entry: EntryHash;
	readonly seq: number;
	readonly receipt: Receipt;
	readonly totalMinor: number;
	readonly atMs: number;
}

export interface TakenBack extends OwnHeads {
	/** In order of each chain. */
	readonly entries: readonly Entry[];
	readonly sales: readonly SaleTakenBack[];
}

/** What of these (all of one device) continues its chains; undefined: nothing does. */
export function takeBack(from: OwnHeads, found: readonly Entry[]): TakenBack | undefined {
	const entries = SCOPES.flatMap((scope) =>
		farthestPath(
			from.heads[scope],
			found.filter(({ header }) => header.scope === scope),
		),
	);
	if (entries.length === 0) return undefined;
	const heads: { [scope in Scope]: Head | undefined } = { ...from.heads };
	let { hlc } = from;
	for (const { hash, header } of entries) {
		heads[header.scope] = { seq: header.seq, hash, seen: applySeen(heads[header.scope]?.seen ?? new Map(), header.seen) };
		hlc = latestHlc(hlc, header.hlc);
	}
	const sales = entries.flatMap(saleOf);
	const lastReceiptNumber = sales.reduce((last, { receipt }) => Math.max(last, receipt.number), from.lastReceiptNumber);
	return { entries, heads, hlc, sales, lastReceiptNumber };
}

function farthestPath(head: Head | undefined, found: readonly Entry[]): readonly Entry[] {
	const beyond = found.filter(({ header }) => header.seq > (head?.seq ?? 0));
	const byHash = new Map(beyond.map((entry) => [entry.hash, entry]));
	const ends = [...byHash.values()].sort(
		(a, b) => b.header.seq - a.header.seq || compareHlc(b.header.hlc, a.header.hlc) || (a.hash < b.hash ? -1 : 1),
	);
	/** Walked before, and it led nowhere: a chain with a hole is walked once, not once for each of its entries. */
	const astray = new Set<EntryHash>();
	for (const end of ends) {
		const path: Entry[] = [];
		let at: Entry | undefined = end;
		while (at !== undefined && !astray.has(at.hash)) {
			path.push(at);
			if (at.header.prev === head?.hash && at.header.seq === (head?.seq ?? 0) + 1) return path.reverse();
			const before: Entry | undefined = at.header.prev === undefined ? undefined : byHash.get(at.header.prev);
			at = before?.header.seq === at.header.seq - 1 ? before : undefined;
		}
		for (const { hash } of path) astray.add(hash);
	}
	return [];
}

function saleOf({ hash, header, facts }: Entry): readonly SaleTakenBack[] {
	for (const fact of facts) {
		if ('raw' in fact || !('receipt' in fact)) continue;
		return [{ key: header.key, entry: hash, seq: header.seq, receipt: fact.receipt, totalMinor: fact.totalMinor, atMs: header.at }];
	}
	return [];
}

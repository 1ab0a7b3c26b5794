/**
 * A checkpoint is what a ledger folds to, up to a cut, with as few entries as possible: a start reads it and the entries after the cut, however many years lie
 * before.
 *
 * Invariants:
 * 1. The cut is stable: every entry that is held after it had seen all of it. So nothing after the cut is concurrent with anything before it, comes earlier in
 *    ledger order, or can make a conflict with it that depends on who knew what.
 * 2. No open conflict reaches below the cut: its members are entries, and stay. Only shortages do, which a shop may leave unanswered for years: they are carried,
 *    with the entries that they name.
 * 3. From a checkpoint and the entries after it: what they fold to from zero. Where an entry turns up that breaks 1 (a till that was alone since before the cut,
 *    a fork, a key used again, a correction of something old), the ledger says `needsHistory`, folds nothing wrong, and its shell begins from farther back.
 * 4. A chain that forks is cut below its fork.
 * 5. What an answer above the cut changes about an entry (a quarantined one counts, a refund is of another sale) lies above it, too.
 */
import type { ConflictKind } from '#core/conflict/conflict.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash, Sku, StoreId } from '#schemas/ids.ts';
import type { Hlc, Mark, SeenChange } from '#schemas/mark.ts';
import type { BookSum } from './books/registry.ts';
import type { ChainBase } from './chains.ts';
import type { KeyTable } from './key-table.ts';
import { createLedger, type Ledger, type LedgerDeps } from './ledger.ts';

/** Raised whenever entries would fold to something else, or to more: older checkpoints are then thrown away. */
export const FOLD_VERSION = 15;

export interface Checkpoint {
	readonly fold: typeof FOLD_VERSION;
	readonly store: StoreId;
	readonly branch: BranchId;
	/** The last entry below the cut, in ledger order. */
	readonly last: { readonly hash: EntryHash; readonly header: { readonly hlc: Hlc; readonly device: ChainBase['device']; readonly seq: number } };
	/** The cut: where each chain ends. */
	readonly chains: readonly ChainBase[];
	/** Entries that something after the cut may still build on, in ledger order, each with its whole vector: roster, settings, customers, what is open. */
	readonly kept: readonly { readonly entry: Entry; readonly seen: readonly SeenChange[] }[];
	readonly stock: readonly StockOpening[];
	/** Sales of which something was given back: per line, and by which entries. */
	readonly refunded: readonly RefundedBase[];
	/** Entries whose effects were taken back, with the correction that did. */
	readonly corrected: readonly (readonly [target: EntryHash, by: EntryHash])[];
	/** Keys of the 35 days before the cut: one that comes again is no lawful retry. */
	readonly keys: KeyTable;
	/** Answered members, by conflict. */
	readonly settled: readonly (readonly [conflict: string, members: readonly (readonly [member: EntryHash, by: EntryHash])[]])[];
	/** What the entries below come to, in books that gather many. */
	readonly books: readonly BookSum[];
	readonly unknownFacts: number;
}

export interface StockOpening {
	readonly sku: Sku;
	readonly onHandMilli: number;
	/** It had been received or counted. */
	readonly stocked: boolean;
	/** Shortages that are not over (`core/conflict/shortage.ts`), in ledger order; their entries are kept. */
	readonly shorts?: readonly ShortOpening[];
}

export interface ShortOpening {
	readonly entry: EntryHash;
	readonly takenMilli: number;
	readonly afterMilli: number;
	/** What its till believed to be left. */
	readonly believedMilli: number;
	/** Who took before it without its author knowing. */
	readonly rivals: readonly EntryHash[];
}

export interface RefundedBase {
	readonly sale: EntryHash;
	readonly refunds: readonly EntryHash[];
	readonly milli: readonly number[];
	readonly minor: readonly number[];
	readonly taxMinor: readonly number[];
}

/**
 * The checkpoint of everything older than `beforeMs` (by the entries' own hybrid clocks) that has come to rest; undefined when there is nothing to cut off.
 * `deps` as the ledger was made with: what lies below the cut is folded once more, apart. `within`: nothing beyond these marks lies below the cut, for it may
 * be asked about yet (is it in the cloud?).
 */
export function checkpointOf(ledger: Ledger, deps: LedgerDeps, beforeMs: number, within?: readonly Mark[]): Checkpoint | undefined {
	const cut = cutOf(ledger, beforeMs, within);
	if (cut.length === 0) return undefined;
	const past = createLedger(deps);
	const upTo = new Map(cut.map((mark) => [`${mark.device}:${mark.scope}`, mark.seq]));
	const entries = ledger.entries().filter(({ header }) => header.seq <= (upTo.get(`${header.device}:${header.scope}`) ?? 0));
	past.recall(entries); // What was asked back from below the checkpoint that it began from.
	past.add(entries.filter(({ hash }) => past.entry(hash) === undefined));
	return past.needsHistory() ? undefined : past.asCheckpoint();
}

/** Kinds of which an answer changes what its members fold to. */
const CHANGED: ReadonlySet<string> = new Set<ConflictKind>(['not-allowed', 'refund-without-sale']);

const CARRIED: ReadonlySet<ConflictKind> = new Set<ConflictKind>(['oversold', 'sold-below-zero']);

/** Lowers the cut until it is stable; each round lowers some chain, and chains are few and short of endless. */
function cutOf(ledger: Ledger, beforeMs: number, within: readonly Mark[] | undefined): readonly Mark[] {
	const most = within && new Map(within.map((mark) => [`${mark.device}:${mark.scope}`, mark.seq]));
	const openSeq = new Map<string, number>();
	for (const { members, kind } of ledger.conflicts())
		for (const { entry } of CARRIED.has(kind) ? [] : members) {
			const id = `${entry.header.device}:${entry.header.scope}`;
			openSeq.set(id, Math.min(openSeq.get(id) ?? Infinity, entry.header.seq));
		}
	const chains = ledger.cuttable(beforeMs).map((chain) => ({
		...chain,
		seq: Math.min(chain.seq, (openSeq.get(chain.id) ?? Infinity) - 1, most === undefined ? Infinity : (most.get(chain.id) ?? 0)),
	}));
	const byId = new Map(chains.map((chain) => [chain.id, chain]));
	const cutOff = ({ header }: Entry) => byId.get(`${header.device}:${header.scope}`);
	const changing = ledger.answers().flatMap(({ entry, fact }) => {
		const members = CHANGED.has(fact.conflict.kind) ? fact.members.flatMap((hash) => ledger.entry(hash) ?? []) : [];
		return members.length === 0 ? [] : [{ entry, members }];
	});
	for (let moved = true; moved;) {
		moved = false;
		for (const { entry, members } of changing) {
			if (entry.header.seq <= (cutOff(entry)?.seq ?? 0)) continue;
			for (const member of members) {
				const chain = cutOff(member);
				if (chain === undefined || chain.seq < member.header.seq) continue;
				chain.seq = member.header.seq - 1;
				moved = true;
			}
		}
		for (const chain of chains) {
			const next = chain.vectorAt(chain.seq + 1);
			if (next === undefined) continue;
			for (const other of chains) {
				if (other === chain) continue;
				const seenSeq = next(other.key);
				if (seenSeq >= other.seq) continue;
				other.seq = seenSeq;
				moved = true;
			}
		}
	}
	return chains.flatMap((chain) => chain.markAt(chain.seq) ?? []);
}

/** A chain as the cut looks at it. */
export interface CuttableChain {
	/** `device:scope`. */
	readonly id: string;
	/** As `seen` names it. */
	readonly key: string;
	/** The last entry that may lie below a cut. */
	readonly seq: number;
	/** What the first entry held at or after this place had seen of a chain; undefined when there is none. */
	vectorAt(seq: number): ((key: string) => number) | undefined;
	markAt(seq: number): Mark | undefined;
}

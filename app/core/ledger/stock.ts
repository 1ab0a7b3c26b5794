/**
 * Stock on hand is never stored: it is what the movements of a SKU fold to, in ledger order.
 *
 * Invariants:
 * 1. Same entries, same stock, on every peer, in whatever order they arrived.
 * 2. Stock may go below zero. That is a conflict to show, never a sale to refuse.
 * 3. A count sets stock to what was counted *as of the moment of counting*. A movement that `asOf` covers is in the count; what the count had seen
 *    beyond that, and what came after, applies on top; a movement concurrent with the count is judged by the `hlc` of counting, and somebody is asked
 *    (`core/conflict/count-overlap.ts`).
 * 4. A correction takes back what its entry still contributes: nothing, when a later count has absorbed it; once, however many correct it.
 * 5. Folding on, folding again from a late movement's place, and folding from zero give the same.
 * 6. A movement that is told is the same object as before for as long as it and all before it read as they did: who has told the first thousand looks at the last of
 *    them alone.
 */
import { compareHlc, NO_HLC } from '#core/entry/hlc.ts';
import { compareEntries } from '#core/entry/order.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Chain, Chains, EntryRecord } from './chains.ts';
import type { StockOpening } from './checkpoint.ts';
import type { Movement, StockState } from './state.ts';

/** One movement of one SKU by one fact. Lines of one sale are one movement. */
export interface StockOp {
	readonly record: EntryRecord;
	/** Index of the fact in its entry, and of the line where a fact has several movements of one SKU. */
	readonly place: number;
	readonly kind: Movement['kind'];
	/** Signed; zero for counts and corrections. */
	readonly deltaMilli: number;
	readonly countedMilli?: number;
	readonly asOf?: AsOf;
	/** What a correction takes back. */
	readonly target?: EntryRecord;
	/** Quarantined or overtaken when it was folded. */
	isVoid: boolean;
	/** What the fold made of it. */
	effectMilli: number;
	afterMilli: number;
	/** Of a count: what `asOf` names, by chain. A chain that forks has a mark for each side. */
	marks: ReadonlyMap<string, readonly Mark[]> | undefined;
	/** Of a count: the movements before it in ledger order that are not in it. */
	onTop: readonly StockOp[];
	/** Of a count, while it is the last: somebody moved goods, or counted, without knowing of it, nor it of them. Said too often rather than too seldom. */
	wasApart: boolean;
}

/** Movements of one chain, in its order, with the sum before each (and one more: the sum of all). */
export interface ChainOps {
	readonly ops: StockOp[];
	readonly sums: number[];
	/** The last count, where the last of them knew of it: so does whatever follows on the chain. */
	knows: StockOp | undefined;
}

/** An entry that left the balance below zero, and took from it. */
export interface Short {
	readonly record: EntryRecord;
	/** What it took, above zero. */
	readonly takenMilli: number;
	readonly afterMilli: number;
}

/** As a checkpoint has it. */
export interface CarriedShort extends Short {
	readonly believedMilli: number;
	readonly rivals: readonly EntryRecord[];
}

/** The fold of one SKU. */
export interface StockSubject extends StockState {
	onHandMilli: number;
	readonly ops: StockOp[];
	foldedTo: number;
	/** `hlc` of the last movement, its ms: what is later needs no look at the movement itself, which is far away in memory. */
	lastMs: number;
	/** Movements in their places among the folded ones, and not folded: most change nothing that follows but the balance. */
	readonly late: StockOp[];
	/** From this place on `afterMilli` is out of date; `renewBalances` puts it right. */
	staleFrom: number;
	/** No folded movement left a balance below this, nor does what lies before the first. */
	lowestMilli: number;
	/** What a checkpoint says lies before the first movement. */
	readonly opening: StockOpening | undefined;
	base: StockOp | undefined;
	readonly corrected: Set<EntryRecord>;
	readonly annulled: Set<StockOp>;
	readonly shorts: Short[];
	/** Of the opening. */
	carried: readonly CarriedShort[];
	/** The first receipt or count: from here on a shortage is one. */
	stockedBy: StockOp | undefined;
	/** Counts and corrections that have effect, in ledger order. */
	readonly counts: StockOp[];
	readonly corrections: StockOp[];
	/** All other movements that have effect, chain by chain. */
	readonly byChain: Map<Chain, ChainOps>;
	/** A chain whose ledger order is not its own: somebody accepted an entry with a wrong clock. */
	isIrregular: boolean;
	/** Balance right after an entry, over its own causal past. */
	readonly ownPast: Map<EntryRecord, number>;
	/** Who took before a shortage without its author knowing (`core/conflict/shortage.ts`); entries that come later in order do not change it. */
	readonly rivals: Map<EntryRecord, readonly EntryRecord[]>;
	/** As they were told last, and how many of them read so now. */
	told: readonly Movement[];
	toldTo: number;
	/** A count is here, whether or not it stands. */
	isCounted: boolean;
	/** What `isApartOtherwise` saw last. */
	apartNow: readonly unknown[] | undefined;
}

export function createStockSubject(sku: Sku, opening?: StockOpening): StockSubject {
	return {
		sku,
		opening,
		onHandMilli: opening?.onHandMilli ?? 0,
		ops: [],
		foldedTo: 0,
		lastMs: -1,
		late: [],
		staleFrom: Infinity,
		lowestMilli: opening?.onHandMilli ?? Infinity,
		base: undefined,
		corrected: new Set(),
		annulled: new Set(),
		shorts: [],
		carried: [],
		stockedBy: undefined,
		counts: [],
		corrections: [],
		byChain: new Map(),
		isIrregular: false,
		ownPast: new Map(),
		rivals: new Map(),
		told: [],
		toldTo: 0,
		isCounted: false,
		soldSince,
		apartNow: undefined,
		get movements() {
			renewBalances(this);
			const { ops, told, toldTo } = this;
			if (toldTo < told.length || told.length < ops.length) this.told = [...told.slice(0, toldTo), ...ops.slice(toldTo).map(movementOf)];
			this.toldTo = ops.length;
			return this.told;
		},
	};
}

function soldSince(this: StockSubject, sinceMs: number): { readonly milli: number; readonly oldestMs: number } {
	let [milli, oldestMs] = [0, Infinity];
	for (let i = this.lastMs < sinceMs ? -1 : this.ops.length - 1; i >= 0; i -= 1) {
		const op = this.ops[i];
		const [atMs] = op?.record.header.hlc ?? NO_HLC;
		if (op === undefined || atMs < sinceMs) break;
		if ((op.kind !== 'sold' && op.kind !== 'returned') || op.isVoid) continue;
		milli -= op.deltaMilli;
		oldestMs = atMs;
	}
	return { milli, oldestMs };
}

/** Puts a movement in its place. One among those that are folded waits for `foldStock`. */
export function insertOp(subject: StockSubject, op: StockOp): void {
	if (op.kind === 'counted') subject.isCounted = true;
	const { ops } = subject;
	const [atMs] = op.record.header.hlc;
	const last = atMs > subject.lastMs ? undefined : ops.at(-1);
	if (last === undefined || compareOps(last, op) < 0) {
		subject.lastMs = atMs;
		ops.push(op);
		return;
	}
	const index = firstIndex(ops, (at) => compareOps(at, op) >= 0);
	ops.splice(index, 0, op);
	readsOtherwise(subject, index);
	if (index >= subject.foldedTo) return;
	subject.foldedTo += 1;
	subject.staleFrom = Math.min(subject.staleFrom, index);
	subject.late.push(op);
}

/** From this place on. */
function readsOtherwise(subject: StockSubject, from: number): void {
	subject.toldTo = Math.min(subject.toldTo, from);
}

/** Folds what came late: onto the balance where that is all it changes, else by taking the fold back to where the first of them belongs. */
function foldLate(subject: StockSubject, chains: Chains, isVoid: (op: StockOp) => boolean): void {
	const late = subject.late.splice(0);
	for (const [done, op] of late.entries()) {
		op.isVoid = isVoid(op);
		if (op.isVoid) op.effectMilli = 0;
		else if (changesOnlyBalance(subject, op)) {
			op.effectMilli = op.deltaMilli;
			subject.onHandMilli += op.deltaMilli;
			subject.lowestMilli += Math.min(0, op.deltaMilli);
			note(subject, op, false, chains);
		} else {
			const first = late.slice(done).reduce((one, other) => (compareOps(other, one) < 0 ? other : one));
			const index = firstIndex(subject.ops, (at) => compareOps(at, first) >= 0);
			rewindStock(subject, Math.min(index, subject.staleFrom));
			return;
		}
	}
}

/** A plain movement, with no count or correction that could have asked about it, and far from leaving a balance below zero. */
function changesOnlyBalance(subject: StockSubject, op: StockOp): boolean {
	if (op.kind === 'counted' || op.kind === 'corrected' || subject.isIrregular || subject.corrections.length > 0 || subject.corrected.size > 0)
		return false;
	if (subject.annulled.size > 0 || subject.shorts.length > 0 || subject.lowestMilli + Math.min(0, op.deltaMilli) < 0) return false;
	const { base, stockedBy, opening } = subject;
	if (base !== undefined && compareOps(base, op) > 0) return false;
	if (opening?.stocked !== true && (stockedBy === undefined || compareOps(stockedBy, op) > 0)) return false;
	const last = subject.byChain.get(op.record.chain)?.ops.at(-1);
	return last === undefined || compareOps(last, op) < 0;
}

function renewBalances(subject: StockSubject): void {
	const { ops, opening } = subject;
	let afterMilli = ops[subject.staleFrom - 1]?.afterMilli ?? opening?.onHandMilli ?? 0;
	for (let i = subject.staleFrom; i < subject.foldedTo; i += 1) {
		const op = ops[i];
		if (op === undefined) break;
		afterMilli += op.effectMilli;
		op.afterMilli = afterMilli;
	}
	subject.staleFrom = Infinity;
}

/** Takes the fold back to before the entry at this place. */
function rewindStock(subject: StockSubject, index: number): void {
	const { ops } = subject;
	let start = index;
	while (start > 0 && ops[start - 1]?.record === ops[index]?.record) start -= 1;
	const from = ops[start];
	// A count that was taken back changed what lies before it: fold from zero, for nobody corrects counts all day.
	if (from === undefined || subject.annulled.size > 0) {
		resetStock(subject);
		return;
	}
	const isPast = (op: StockOp): boolean => compareOps(op, from) >= 0;
	subject.onHandMilli = ops[start - 1]?.afterMilli ?? subject.opening?.onHandMilli ?? 0;
	subject.foldedTo = start;
	subject.staleFrom = Infinity;
	for (let last = subject.shorts.at(-1); last !== undefined && compareEntries(last.record, from.record) >= 0; last = subject.shorts.at(-1)) {
		subject.ownPast.delete(last.record);
		subject.rivals.delete(last.record);
		subject.shorts.pop();
	}
	popWhile(subject.counts, isPast);
	subject.base = subject.counts.at(-1);
	for (const { target } of popWhile(subject.corrections, isPast)) if (target !== undefined) subject.corrected.delete(target);
	if (subject.stockedBy !== undefined && isPast(subject.stockedBy)) subject.stockedBy = undefined;
	for (const chainOps of subject.byChain.values()) {
		popWhile(chainOps.ops, isPast);
		chainOps.sums.length = chainOps.ops.length + 1;
		chainOps.knows = undefined;
	}
	readsOtherwise(subject, start);
}

export function resetStock(subject: StockSubject): void {
	subject.onHandMilli = subject.opening?.onHandMilli ?? 0;
	subject.foldedTo = 0;
	subject.late.length = 0;
	subject.staleFrom = Infinity;
	subject.lowestMilli = subject.opening?.onHandMilli ?? Infinity;
	subject.base = undefined;
	subject.corrected.clear();
	subject.annulled.clear();
	subject.shorts.length = 0;
	subject.stockedBy = undefined;
	subject.counts.length = 0;
	subject.corrections.length = 0;
	subject.byChain.clear();
	subject.isIrregular = false;
	subject.ownPast.clear();
	subject.rivals.clear();
	readsOtherwise(subject, 0);
	if (subject.apartNow !== undefined) subject.apartNow = [];
	beginWith(subject, subject.carried);
}

/** Shortages from below the first movement that is here. */
export function beginWith(subject: StockSubject, carried: readonly CarriedShort[]): void {
	subject.carried = carried;
	for (const { record, takenMilli, afterMilli, believedMilli, rivals } of carried) {
		subject.shorts.push({ record, takenMilli, afterMilli });
		subject.ownPast.set(record, believedMilli);
		subject.rivals.set(record, rivals);
	}
}

/** Folds what is not folded yet. `isVoid`: quarantined, or a compensation that came second. */
export function foldStock(subject: StockSubject, chains: Chains, isVoid: (op: StockOp) => boolean): void {
	const { ops } = subject;
	if (subject.late.length > 0) foldLate(subject, chains, isVoid);
	readsOtherwise(subject, subject.foldedTo);
	const balance: Balance = {
		openingMilli: subject.opening?.onHandMilli ?? 0,
		onHandMilli: subject.onHandMilli,
		base: subject.base,
		corrected: subject.corrected,
		annulled: subject.annulled,
	};
	for (let i = subject.foldedTo; i < ops.length;) {
		const record = ops[i]?.record;
		if (record === undefined) break;
		const beforeMilli = balance.onHandMilli;
		for (let op = ops[i]; op?.record === record; op = ops[(i += 1)]) {
			const before = balance.onHandMilli;
			op.isVoid = isVoid(op);
			const correctedBefore = balance.corrected.size;
			if (!op.isVoid) apply(balance, op, ops, i, chains, undefined);
			op.effectMilli = balance.onHandMilli - before;
			op.afterMilli = balance.onHandMilli;
			if (!op.isVoid) note(subject, op, balance.corrected.size > correctedBefore, chains);
		}
		subject.lowestMilli = Math.min(subject.lowestMilli, balance.onHandMilli);
		const takenMilli = beforeMilli - balance.onHandMilli;
		if (takenMilli > 0 && balance.onHandMilli < 0 && isStocked(subject)) subject.shorts.push({ record, takenMilli, afterMilli: balance.onHandMilli });
	}
	subject.onHandMilli = balance.onHandMilli;
	subject.base = balance.base;
	subject.foldedTo = ops.length;
}

export function isStocked({ stockedBy, opening }: StockSubject): boolean {
	return stockedBy !== undefined || opening?.stocked === true;
}

/** Remembers what a folded movement was, for rewinding and for what each till knew. */
function note(subject: StockSubject, op: StockOp, corrects: boolean, chains: Chains): void {
	if (op.kind === 'received' || op.kind === 'arrived' || op.kind === 'counted') subject.stockedBy ??= op;
	if (op.kind === 'counted') {
		if (subject.counts.some((other) => areApart(other.record, op.record, chains))) op.wasApart = true;
		subject.counts.push(op);
		return;
	}
	if (op.kind === 'corrected' && corrects) subject.corrections.push(op);
	const { chain, header } = op.record;
	let chainOps = subject.byChain.get(chain);
	if (chainOps === undefined) subject.byChain.set(chain, (chainOps = { ops: [], sums: [0], knows: undefined }));
	if ((chainOps.ops.at(-1)?.record.header.seq ?? 0) > header.seq) subject.isIrregular = true;
	const count = subject.counts.at(-1);
	if (count !== undefined && (chainOps.knows !== count || chain.forks || subject.isIrregular)) {
		if (op.record === count.record || chains.saw(op.record, count.record)) chainOps.knows = count;
		else count.wasApart = true;
	}
	chainOps.ops.push(op);
	chainOps.sums.push((chainOps.sums.at(-1) ?? 0) + op.effectMilli);
}

/** The balance right after an entry over what its author had seen, and itself: what the till knew. */
export function ownPastMilli(subject: StockSubject, record: EntryRecord, chains: Chains): number {
	const known = subject.ownPast.get(record);
	if (known !== undefined) return known;
	const milli = isPlain(subject) ? sumOfPast(subject, record, chains) : foldOfPast(subject, record, chains);
	subject.ownPast.set(record, milli);
	return milli;
}

/**
 * Who took from the shelf before an entry, in ledger order, without its author knowing. What a count has absorbed since is no rival: the count
 * knew. Each with what it took.
 */
export function rivalsOf(subject: StockSubject, record: EntryRecord, chains: Chains): readonly EntryRecord[] {
	const known = subject.rivals.get(record);
	if (known !== undefined) return known;
	const base = subject.counts.findLast((count) => compareEntries(count.record, record) < 0);
	const taken = new Map<EntryRecord, number>();
	for (const [chain, { ops }] of subject.byChain) {
		const isChainPlain = !subject.isIrregular && !chain.forks;
		for (let i = isChainPlain ? firstAfterSeq(ops, chains.seenSeq(record, chain)) : 0; i < ops.length; i += 1) {
			const op = ops[i];
			if (op === undefined || compareEntries(op.record, record) >= 0) break;
			if (isChainPlain || !chains.saw(record, op.record)) taken.set(op.record, (taken.get(op.record) ?? 0) - op.effectMilli);
		}
	}
	const rivals = [...taken]
		.filter(([other, milli]) => milli > 0 && (base === undefined || !isBelowCount(other, base, chains)))
		.map(([other]) => other);
	subject.rivals.set(record, rivals);
	return rivals;
}

/** What a till knew is then a prefix of each chain, and its balance a sum of prefixes. */
function isPlain(subject: StockSubject): boolean {
	if (subject.isIrregular || subject.corrections.length > 0) return false;
	for (const chain of subject.byChain.keys()) if (chain.forks) return false;
	return subject.counts.every(({ record }) => !record.chain.forks);
}

function sumOfPast(subject: StockSubject, record: EntryRecord, chains: Chains): number {
	const isPast = (other: EntryRecord): boolean => other === record || chains.saw(record, other);
	const count = subject.counts.findLast((one) => compareEntries(one.record, record) <= 0 && isPast(one.record));
	let sumMilli = count?.countedMilli ?? subject.opening?.onHandMilli ?? 0;
	for (const op of count?.onTop ?? []) if (isPast(op.record)) sumMilli += op.deltaMilli;
	for (const [chain, { ops, sums }] of subject.byChain) {
		const until = firstAfterSeq(ops, chains.seenSeq(record, chain));
		const from = count === undefined ? 0 : firstIndex(ops, (op) => compareOps(op, count) > 0);
		if (until > from) sumMilli += (sums[until] ?? 0) - (sums[from] ?? 0);
	}
	return sumMilli;
}

function foldOfPast(subject: StockSubject, record: EntryRecord, chains: Chains): number {
	const openingMilli = subject.opening?.onHandMilli ?? 0;
	const balance: Balance = { openingMilli, onHandMilli: openingMilli, base: undefined, corrected: new Set(), annulled: new Set() };
	const isPast = (other: EntryRecord): boolean => other === record || chains.saw(record, other);
	for (const [index, op] of subject.ops.entries()) {
		if (compareEntries(op.record, record) > 0) break;
		if (!op.isVoid && isPast(op.record)) apply(balance, op, subject.ops, index, chains, isPast);
	}
	return balance.onHandMilli;
}

export function areApart(a: EntryRecord, b: EntryRecord, chains: Pick<Chains, 'saw'>): boolean {
	return a !== b && !chains.saw(a, b) && !chains.saw(b, a);
}

/** Whether anybody need look for what the last count and others did not know of each other. */
export function wasCountApart({ base, annulled }: StockSubject): boolean {
	return base !== undefined && (base.wasApart || annulled.size > 0);
}

/**
 * Whether what counts and others did not know of each other reads differently than when this was asked before. What knew of all of them changes nothing, and
 * nobody looks again at what a till did in a week's absence for every sale of the months that follow.
 */
export function isApartOtherwise(subject: StockSubject, chains: Chains): boolean {
	const before = subject.apartNow;
	const { base } = subject;
	if (base === undefined || !wasCountApart(subject)) {
		subject.apartNow = undefined;
		return before !== undefined;
	}
	const apart = [...countsApart(subject, chains), base];
	const now = [
		...[firstIndex(subject.ops, (op) => compareOps(op, base) >= 0), subject.corrected.size, subject.annulled.size],
		...[...apart, ...apart.flatMap((count) => movementsApart(subject, chains, count))],
	];
	subject.apartNow = now;
	return before?.length !== now.length || now.some((one, index) => one !== before[index]);
}

/** Movements of which nobody knows whether a count (else the last) had them: concurrent with it, and not taken back since. */
export function movementsApart(subject: StockSubject, chains: Chains, base = subject.base): readonly StockOp[] {
	if (base === undefined || !wasCountApart(subject)) return [];
	const apart: StockOp[] = [];
	for (const [chain, { ops }] of subject.byChain) {
		const isChainPlain = !subject.isIrregular && !chain.forks && !base.record.chain.forks;
		for (let i = isChainPlain ? firstAfterSeq(ops, chains.seenSeq(base.record, chain)) : 0; i < ops.length; i += 1) {
			const op = ops[i];
			if (op === undefined || (isChainPlain && chains.saw(op.record, base.record))) break;
			if (op.kind === 'corrected' || subject.corrected.has(op.record) || isMarked(op.record, base, chains)) continue;
			if (areApart(op.record, base.record, chains)) apart.push(op);
		}
	}
	return apart;
}

/** Counts that stand beside the last one, neither knowing of the other; what was counted again by whoever knew is none. */
export function countsApart({ base, counts, annulled }: StockSubject, chains: Pick<Chains, 'saw'>): readonly StockOp[] {
	if (base === undefined) return [];
	const standing = counts.filter((count) => !annulled.has(count));
	return standing.filter(
		(count) => areApart(count.record, base.record, chains) && !standing.some((other) => other !== base && chains.saw(other.record, count.record)),
	);
}

/** Whether somebody else counted without knowing of this count, whatever was counted since. */
export function wereCountsApart({ counts, annulled }: StockSubject, record: EntryRecord, chains: Pick<Chains, 'saw'>): boolean {
	const standing = counts.filter((count) => !annulled.has(count));
	return standing.some((count) => count.record === record) && standing.some((count) => areApart(count.record, record, chains));
}

/** What the shelf would hold by one count alone, and what moved since; without the movements of some entries. */
export function heldByMilli(subject: StockSubject, count: StockOp, without: ReadonlySet<EntryHash>, chains: Chains): number {
	let milli = count.countedMilli ?? 0;
	for (const op of subject.ops) {
		if (op.isVoid || op.kind === 'counted' || op.kind === 'corrected' || subject.corrected.has(op.record) || without.has(op.record.hash)) continue;
		if (!isBelowCount(op.record, count, chains)) milli += op.deltaMilli;
	}
	return milli;
}

/** Whether a movement is inside a count: already off the shelf, or on it, when somebody counted. */
export function isBelowCount(record: EntryRecord, count: StockOp, chains: Chains): boolean {
	if (record === count.record) return true;
	if (isMarked(record, count, chains)) return true;
	if (!areApart(count.record, record, chains)) return false;
	count.wasApart = true;
	return compareHlc(record.header.hlc, asOfOf(count).hlc) <= 0;
}

function asOfOf({ asOf, record }: StockOp): AsOf {
	if (asOf === undefined) throw new Error(`a count without asOf at ${record.hash}`);
	return asOf;
}

function isMarked(record: EntryRecord, count: StockOp, chains: Chains): boolean {
	count.marks ??= Map.groupBy(asOfOf(count).marks, ({ device, scope }) => `${device}:${scope}`);
	return count.marks.get(`${record.header.device}:${record.header.scope}`)?.some((mark) => chains.covers(mark, record)) === true;
}

interface Balance {
	/** What lies before the first movement that is here. */
	readonly openingMilli: number;
	onHandMilli: number;
	base: StockOp | undefined;
	readonly corrected: Set<EntryRecord>;
	readonly annulled: Set<StockOp>;
}

function apply(
	balance: Balance,
	op: StockOp,
	ops: readonly StockOp[],
	index: number,
	chains: Chains,
	isPast: ((record: EntryRecord) => boolean) | undefined,
): void {
	switch (op.kind) {
		case 'received':
		case 'sold':
		case 'returned':
		case 'adjusted':
		case 'sent':
		case 'arrived':
			balance.onHandMilli += op.deltaMilli;
			return;
		case 'counted':
			balance.base = op;
			balance.onHandMilli = (op.countedMilli ?? 0) + onTopOfCount(op, ops, index, chains, isPast);
			return;
		case 'corrected':
			takeBack(balance, op, ops, index, chains, isPast);
	}
}

/** What moved before the count in ledger order and still is not in it: sold between counting and sealing, or concurrent and later. */
function onTopOfCount(
	count: StockOp,
	ops: readonly StockOp[],
	until: number,
	chains: Chains,
	isPast: ((record: EntryRecord) => boolean) | undefined,
): number {
	let sumMilli = 0;
	const corrected = new Set<EntryRecord>();
	const onTop: StockOp[] = [];
	for (let i = 0; i < until; i += 1) {
		const op = ops[i];
		if (op === undefined || op.isVoid || op.kind === 'counted' || (isPast !== undefined && !isPast(op.record))) continue;
		if (op.kind !== 'corrected') {
			if (isBelowCount(op.record, count, chains)) continue;
			sumMilli += op.deltaMilli;
			onTop.push(op);
		} else if (op.target !== undefined && !corrected.has(op.target)) {
			corrected.add(op.target);
			if (!isBelowCount(op.target, count, chains)) sumMilli -= movedBy(op.target, ops, until);
		}
	}
	if (isPast === undefined) count.onTop = onTop;
	return sumMilli;
}

function takeBack(
	balance: Balance,
	op: StockOp,
	ops: readonly StockOp[],
	index: number,
	chains: Chains,
	isPast: ((record: EntryRecord) => boolean) | undefined,
): void {
	const { target } = op;
	if (target === undefined || balance.corrected.has(target) || (isPast !== undefined && !isPast(target))) return;
	balance.corrected.add(target);
	const counts = ops.filter((other, i) => i < index && other.record === target && other.kind === 'counted' && !other.isVoid);
	if (counts.length > 0) {
		// Without the count the shelf is what everything else says: fold what lies before once more.
		for (const count of counts) balance.annulled.add(count);
		const { openingMilli, annulled } = balance;
		const again: Balance = { openingMilli, onHandMilli: openingMilli, base: undefined, corrected: new Set(), annulled };
		for (let i = 0; i < index; i += 1) {
			const other = ops[i];
			if (other !== undefined && !other.isVoid && !balance.annulled.has(other) && (isPast === undefined || isPast(other.record)))
				apply(again, other, ops, i, chains, isPast);
		}
		balance.onHandMilli = again.onHandMilli;
		balance.base = again.base;
	}
	if (balance.base === undefined || !isBelowCount(target, balance.base, chains)) balance.onHandMilli -= movedBy(target, ops, index);
}

function movedBy(record: EntryRecord, ops: readonly StockOp[], until: number): number {
	let sumMilli = 0;
	for (let i = 0; i < until; i += 1) {
		const op = ops[i];
		if (op?.record === record && !op.isVoid && op.kind !== 'corrected') sumMilli += op.deltaMilli;
	}
	return sumMilli;
}

/** An entry that takes several back takes them back in their own order. */
function compareOps(a: StockOp, b: StockOp): number {
	if (a.record !== b.record) return compareEntries(a.record, b.record);
	return a.place - b.place || (a.target === undefined || b.target === undefined ? 0 : compareEntries(a.target, b.target));
}

/** Index of the first item of which this is so, where it is so of all that follow; else the length. */
function firstIndex<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
	let low = 0;
	let high = items.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const item = items[middle];
		if (item !== undefined && !isSo(item)) low = middle + 1;
		else high = middle;
	}
	return low;
}

function firstAfterSeq(ops: readonly StockOp[], seq: number): number {
	return firstIndex(ops, ({ record }) => record.header.seq > seq);
}

function popWhile<Item>(items: Item[], isSo: (item: Item) => boolean): readonly Item[] {
	let keep = items.length;
	for (let last = items[keep - 1]; last !== undefined && isSo(last); last = items[keep - 1]) keep -= 1;
	return items.splice(keep);
}

function movementOf(op: StockOp): Movement {
	return {
		entry: op.record.entry,
		kind: op.kind,
		quantityMilli: op.kind === 'counted' ? (op.countedMilli ?? 0) : op.kind === 'corrected' ? op.effectMilli : op.deltaMilli,
		afterMilli: op.afterMilli,
		...(op.asOf === undefined ? {} : { asOf: op.asOf }),
		// What a count changes is what the shelf differed by; whatever moved since is in the balance before and after it alike.
		...(op.kind !== 'counted' || op.isVoid ? {} : { expectedMilli: (op.countedMilli ?? 0) - op.effectMilli }),
		...(op.target === undefined ? {} : { corrects: op.target.hash }),
		counts: !op.isVoid,
	};
}

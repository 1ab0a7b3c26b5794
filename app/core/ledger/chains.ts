/**
 * The chains as they are held: who wrote what after what, who had seen what, where something is missing, where a chain forks.
 *
 * Invariants:
 * 1. What is answered depends on the entries held, never on the order in which they came.
 * 2. A has seen B when B lies on A's own side of its chain before A, or A's vector (accumulated along that side) covers B. Never through others.
 * 3. On a chain that forks, a mark covers only what lies on the side that ends in its hash. Where an entry in between is missing, the side is
 *    not known beyond the first fork, and nothing beyond it is covered: better a conflict too many than one hidden.
 * 4. `marks` end where a chain stops to be whole from its beginning; a gap that was declared lost is passed.
 * 5. A chain may begin from a checkpoint: whole up to its base, of which only some entries are here, each with its whole vector. Such a chain never
 *    forks: whoever finds an entry that `fits` not must begin from farther back.
 */
import { chainKey } from '#core/entry/codec.ts';
import { latestHlc, NO_HLC } from '#core/entry/hlc.ts';
import { compareEntries, compareText } from '#core/entry/order.ts';
import { seenKey, seenOfMark, type SeenVector } from '#core/entry/seen.ts';
import type { Lack } from '#core/people/standing.ts';
import type { Entry, Header } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { Hlc, Mark, SeenChange } from '#schemas/mark.ts';
import type { Detail } from './judge.ts';

export type NotAllowedReason = 'no-right' | 'revoked' | 'key-given-up' | 'broken-fact' | 'clock';

/** An entry in its place, and what the ledger thinks of it. */
export interface EntryRecord {
	readonly entry: Entry;
	readonly hash: EntryHash;
	readonly header: Header;
	readonly chain: Chain;
	/** The side of a fork it lies on; a chain that does not fork has one. */
	line: Line;
	/** Folded into stock, money, products: neither quarantined nor another branch's. */
	counts: boolean;
	/** Why it is quarantined, with the reason in words for the log. A person's `accept` makes it count all the same. */
	problem: { readonly reason: NotAllowedReason; readonly words: string; readonly lack?: Lack } | undefined;
	accepted: boolean;
	/** An answer to a conflict that an earlier one, which its author had not seen, had answered already: its compensations do not count. */
	overtaken: boolean;
	/** What it says of itself, and what it moved; absent until it was taken in. */
	detail: Detail | undefined;
}

export interface Chain {
	readonly device: DeviceId;
	readonly scope: Scope;
	readonly key: string;
	/** Usually one record a place; more where the chain forks. */
	readonly places: Map<number, EntryRecord[]>;
	maxSeq: number;
	forks: boolean;
	firstForkSeq: number;
	root: Line;
	lines: Line[];
	/** Where a checkpoint left it. */
	readonly base: ChainBase | undefined;
	/** From here on its entries have seen the whole checkpoint. */
	freeFromSeq: number;
	/** End of what is whole, for a chain that does not fork. */
	wholeSeq: number;
	lost: readonly LostRange[];
	ends: EntryRecord[] | undefined;
}

/** The end of a chain in a checkpoint. */
export interface ChainBase {
	readonly device: DeviceId;
	readonly scope: Scope;
	readonly seq: number;
	readonly hash: EntryHash;
	/** Its wall clock. */
	readonly atMs: number;
	/** The whole vector of the entry at the end. */
	readonly seen: readonly SeenChange[];
	readonly heardSeq: number;
}

export interface Line {
	readonly parent: Line | undefined;
	/** Entries of the parent up to this seq come before this line. */
	readonly fromSeq: number;
	/** First entry on it; for the root line, of the chain. */
	first: EntryRecord | undefined;
	/** Per chain seen: own seqs, ascending, and the mark written there. */
	readonly changes: Map<string, { readonly at: number[]; readonly marks: SeenChange[] }>;
	/** Nobody knows which side it belongs to: the entries before it are missing. */
	readonly unplaced: boolean;
}

export interface LostRange {
	readonly fromSeq: number;
	readonly toSeq: number;
	readonly next: Mark | undefined;
}

/** How far a chain is here. */
export interface ChainView {
	readonly device: DeviceId;
	readonly scope: Scope;
	readonly key: string;
	/** End of what is whole from its beginning. */
	readonly wholeSeq: number;
	readonly heldSeq: number;
	/** The highest seq that anybody's entry says to have seen. */
	readonly heardSeq: number;
	readonly held: number;
	/** Ranges that are missing although later entries are here, and were not declared lost. */
	readonly gaps: readonly Gap[];
	readonly forks: boolean;
}

export interface Gap {
	readonly fromSeq: number;
	readonly toSeq: number;
	/** What is known right after it. */
	readonly next: EntryRecord;
}

export interface Side {
	readonly first: EntryRecord;
	readonly last: EntryRecord;
	/** From its first entry on, in order. */
	readonly records: readonly EntryRecord[];
}

export interface Chains {
	/**
	 * `reordered` when what others or later entries had seen may read differently now. `wholeSeen`: for an entry of the checkpoint's past, whose
	 * predecessors are not here, everything that its author had seen.
	 */
	add(entry: Entry, wholeSeen?: readonly SeenChange[]): { readonly record: EntryRecord; readonly known: boolean; readonly reordered: boolean };
	/** Whether an entry can be judged and folded on top of the checkpoint alone: it comes after it, on its chain and in what its author had seen. */
	fits(entry: Entry): boolean;
	/** The whole vector of an entry that is here, in order of the chains. */
	vectorOf(record: EntryRecord): readonly SeenChange[];
	record(hash: EntryHash): EntryRecord | undefined;
	size(): number;
	chain(device: DeviceId, scope: Scope): Chain | undefined;
	all(): Iterable<Chain>;
	/** By the short key of `seen`. */
	byKey(key: string): Chain | undefined;
	saw(a: EntryRecord, b: EntryRecord): boolean;
	/** Whether `record` is `end`, or lies before it on its side of their chain. */
	isUpTo(record: EntryRecord, end: EntryRecord): boolean;
	/** `a`, or an entry before it on its chain, has seen `b`: also where a later vector takes that back, as no honest device's does. */
	everSaw(a: EntryRecord, b: EntryRecord): boolean;
	/** Everything that its author had seen is here, or was declared lost. */
	hasWholePast(record: EntryRecord): boolean;
	/** A branch's chain is here up to this place, or what is not was declared lost. */
	isHereUpTo(place: { readonly device: DeviceId; readonly seq: number }): boolean;
	/** Up to which seq `by` had seen a chain that does not fork: its own up to itself. */
	seenSeq(by: EntryRecord, chain: Chain): number;
	covers(mark: Mark, record: EntryRecord): boolean;
	/** Records that a change of `seen` names, if held. */
	named(change: SeenChange): EntryRecord | undefined;
	setLost(lost: ReadonlyMap<Chain, readonly LostRange[]>): boolean;
	/** In order of device and scope; one for each side of a fork. */
	marks(): readonly Mark[];
	/** The ends of each side, and places ever farther before them: whoever holds one of these knows from where on the two differ. */
	locator(): readonly Mark[];
	/** The last that is held of each chain with a gap: whoever names it does not ask for the gap again. */
	beyondGaps(): readonly Mark[];
	/** From which place on somebody who named these marks may lack entries, chain by chain; chains of which it lacks nothing are not named. */
	lackedBy(marks: readonly Mark[]): readonly { readonly device: DeviceId; readonly scope: Scope; readonly fromSeq: number }[];
	/** One for each chain: of a fork's sides, the longest (then the smaller hash). */
	seen(): SeenVector;
	hlc(): Hlc;
	/** Nothing is missing up to the last entry that is here. For a chain that forks: on its longest side. */
	isWhole(chain: Chain): boolean;
	view(chain: Chain): ChainView;
	sides(chain: Chain): readonly Side[];
}

export function createChains(bases: readonly ChainBase[] = []): Chains {
	const records = new Map<EntryHash, EntryRecord>();
	const chains = new Map<string, Chain>();
	/** The same by device, for every entry asks: a key that is put together anew costs more than the look-up. */
	const chainsOfDevice = new Map<DeviceId, { [scope in Scope]?: Chain }>();
	const chainsByKey = new Map<string, Chain>();
	const heard = new Map<string, number>();
	const basesById = new Map(bases.map((base) => [`${base.device}:${base.scope}`, base]));
	let latest: Hlc = NO_HLC;
	let marksNow: readonly Mark[] | undefined;
	let seenNow: SeenVector | undefined;

	function chainOf(device: DeviceId, scope: Scope): Chain {
		const known = chainsOfDevice.get(device)?.[scope];
		if (known !== undefined) return known;
		const id = `${device}:${scope}`;
		const root = newLine(undefined, 0, false);
		const key = chainKey(device, scope);
		const base = basesById.get(id);
		const chain: Chain = {
			device,
			scope,
			key,
			places: new Map(),
			maxSeq: base?.seq ?? 0,
			forks: false,
			firstForkSeq: Infinity,
			root,
			lines: [root],
			base,
			freeFromSeq: bases.length === 0 ? 0 : Infinity,
			wholeSeq: base?.seq ?? 0,
			lost: [],
			ends: undefined,
		};
		chains.set(id, chain);
		const ofDevice = chainsOfDevice.get(device);
		if (ofDevice === undefined) chainsOfDevice.set(device, { [scope]: chain });
		else ofDevice[scope] = chain;
		if (!chainsByKey.has(key)) chainsByKey.set(key, chain);
		if (base !== undefined) {
			for (const change of base.seen) putChange(root, base.seq, change);
			heard.set(key, base.heardSeq);
		}
		return chain;
	}

	function fits(entry: Entry): boolean {
		if (bases.length === 0) return true;
		const { header, hash } = entry;
		const chain = chainOf(header.device, header.scope);
		if (chain.base !== undefined) {
			if (header.seq <= chain.base.seq) return false;
			if (header.seq === chain.base.seq + 1 && header.prev !== chain.base.hash) return false;
			if (chain.places.get(header.seq)?.some((other) => other.hash !== hash) === true) return false;
			if (header.seq > chain.base.seq + 1 && chain.places.get(header.seq - 1)?.every((before) => before.hash !== header.prev) === true) return false;
			if (chain.places.get(header.seq + 1)?.some((after) => after.header.prev !== hash) === true) return false;
		}
		if (header.seq >= chain.freeFromSeq) return true;
		const own = new Map(header.seen.map((change) => [seenKey(change), change]));
		const hasSeenAll = bases.every((base) => {
			const key = chainKey(base.device, base.scope);
			return key === chain.key || ((own.get(key) ?? markAt(chain.root, header.seq, key))?.[2] ?? 0) >= base.seq;
		});
		if (hasSeenAll) chain.freeFromSeq = header.seq;
		return hasSeenAll;
	}

	function add(entry: Entry, wholeSeen?: readonly SeenChange[]): { record: EntryRecord; known: boolean; reordered: boolean } {
		const known = records.get(entry.hash);
		if (known !== undefined) return { record: known, known: true, reordered: false };
		const { header } = entry;
		const chain = chainOf(header.device, header.scope);
		const record: EntryRecord = {
			entry,
			hash: entry.hash,
			header,
			chain,
			line: chain.root,
			counts: false,
			problem: undefined,
			accepted: false,
			overtaken: false,
			detail: undefined,
		};
		records.set(entry.hash, record);
		const before = chain.places.get(header.seq - 1);
		const after = chain.places.get(header.seq + 1);
		const place = chain.places.get(header.seq);
		const isLast = header.seq > chain.maxSeq;
		if (place === undefined) chain.places.set(header.seq, [record]);
		else insertByHash(place, record);
		chain.maxSeq = Math.max(chain.maxSeq, header.seq);
		latest = latestHlc(latest, header.hlc);
		for (const change of header.seen) {
			const key = seenKey(change);
			if (change[2] > (heard.get(key) ?? 0)) heard.set(key, change[2]);
		}
		const doesNotFit =
			place !== undefined ||
			(before !== undefined && before.every(({ hash }) => hash !== header.prev)) ||
			(after !== undefined && after.some((next) => next.header.prev !== entry.hash));
		marksNow = undefined;
		seenNow = undefined;
		chain.ends = undefined;
		const parent = before?.find(({ hash }) => hash === header.prev);
		const growsASide =
			chain.forks &&
			parent !== undefined &&
			after === undefined &&
			(place ?? []).every((other) => other === record || other.header.prev !== header.prev);
		if (growsASide) {
			record.line = parent.line;
			addChanges(record.line, record);
			// Whoever named it had seen this side up to here, which could not be told before.
			return { record, known: false, reordered: (heard.get(chain.key) ?? 0) >= header.seq };
		}
		if (wholeSeen !== undefined) {
			for (const change of wholeSeen) putChange(chain.root, header.seq, change);
			return { record, known: false, reordered: false };
		}
		if (doesNotFit || chain.forks) {
			if (chain.base !== undefined)
				throw new Error(`${header.device} ${header.scope} forks at ${header.seq}, above a checkpoint that ends at ${chain.base.seq}`);
			chain.forks = true;
			rebuildLines(chain);
			return { record, known: false, reordered: true };
		}
		addChanges(chain.root, record);
		if (chain.root.first === undefined || header.seq < chain.root.first.header.seq) chain.root.first = record;
		// Behind what was declared lost, it may speak against what passed it.
		if (chain.lost.some(({ toSeq }) => toSeq + 1 === header.seq)) chain.wholeSeq = chain.base?.seq ?? 0;
		advance(chain);
		return { record, known: false, reordered: !isLast && header.seen.length > 0 };
	}

	// ——— lines: the sides of a fork

	/** A fork is rare and short: the whole chain is walked again whenever one of its entries comes. */
	function rebuildLines(chain: Chain): void {
		const seqs = [...chain.places.keys()].sort((a, b) => a - b);
		chain.root = newLine(undefined, 0, false);
		chain.lines = [chain.root];
		chain.firstForkSeq = Infinity;
		const extended = new Set<EntryRecord>();
		for (const seq of seqs) {
			const before = chain.places.get(seq - 1);
			const place = chain.places.get(seq) ?? [];
			for (const record of place) {
				record.line = lineOf(record, place, before);
				record.line.first ??= record;
				addChanges(record.line, record);
			}
		}

		/** Places are walked upwards and sides in order of hash, so every peer that holds the same entries draws the same lines. */
		function lineOf(record: EntryRecord, place: readonly EntryRecord[], before: readonly EntryRecord[] | undefined): Line {
			const { seq, prev } = record.header;
			const parent = before?.find(({ hash }) => hash === prev);
			if (parent !== undefined && !extended.has(parent)) {
				extended.add(parent);
				return parent.line;
			}
			if (parent !== undefined) {
				chain.firstForkSeq = Math.min(chain.firstForkSeq, seq);
				return openLine(chain, parent.line, seq - 1, false);
			}
			if (place[0] === record && (seq === 1 || (before === undefined && chain.firstForkSeq === Infinity))) return chain.root;
			if (seq === 1) {
				chain.firstForkSeq = 1;
				return openLine(chain, undefined, 0, false);
			}
			// Behind a gap above a fork nobody knows the side. Else the fork lies here, or one place before, where the entry held is not the one named.
			const isUnplaced = before === undefined && chain.firstForkSeq !== Infinity;
			if (!isUnplaced) chain.firstForkSeq = Math.min(chain.firstForkSeq, before === undefined ? seq : seq - 1);
			return openLine(chain, chain.root, chain.firstForkSeq - 1, isUnplaced);
		}
	}

	function openLine(chain: Chain, parent: Line | undefined, fromSeq: number, unplaced: boolean): Line {
		const line = newLine(parent, fromSeq, unplaced);
		chain.lines.push(line);
		return line;
	}

	/** Whether x is y, or lies before y on y's side. */
	function isBeforeOrSame(x: EntryRecord, y: EntryRecord): boolean {
		if (!x.chain.forks) return x.header.seq <= y.header.seq;
		let limit = y.header.seq;
		let line: Line | undefined = y.line;
		while (line !== undefined && line !== x.line) {
			limit = Math.min(limit, line.fromSeq);
			line = line.parent;
		}
		return line !== undefined && x.header.seq <= limit;
	}

	// ——— who had seen what

	function markSeen(by: EntryRecord, key: string): SeenChange | undefined {
		return markAt(by.line, by.header.seq, key);
	}

	function markAt(from: Line, seq: number, key: string): SeenChange | undefined {
		let limit = seq;
		for (let line: Line | undefined = from; line !== undefined; line = line.parent) {
			const changes = line.changes.get(key);
			const index = changes === undefined ? -1 : lastAtMost(changes.at, limit);
			if (index >= 0) return changes?.marks[index];
			limit = Math.min(limit, line.fromSeq);
		}
		return undefined;
	}

	function vectorOf(record: EntryRecord): readonly SeenChange[] {
		const keys = new Set<string>();
		for (let line: Line | undefined = record.line; line !== undefined; line = line.parent) for (const key of line.changes.keys()) keys.add(key);
		return [...keys]
			.sort(compareText)
			.map((key) => markSeen(record, key))
			.filter((mark) => mark !== undefined);
	}

	function saw(a: EntryRecord, b: EntryRecord): boolean {
		if (a === b) return false;
		if (a.chain === b.chain) return isBeforeOrSame(b, a);
		const mark = markSeen(a, b.chain.key);
		return mark !== undefined && coversPlace(b, mark[2], mark[3]);
	}

	function everSaw(a: EntryRecord, b: EntryRecord): boolean {
		if (saw(a, b)) return true;
		let limit = a.header.seq;
		for (let line: Line | undefined = a.line; line !== undefined; line = line.parent) {
			const { at, marks } = line.changes.get(b.chain.key) ?? NO_SEEN;
			for (let index = lastAtMost(at, limit); index >= 0; index -= 1) {
				const mark = marks[index];
				if (mark !== undefined && coversPlace(b, mark[2], mark[3])) return true;
			}
			limit = Math.min(limit, line.fromSeq);
		}
		return false;
	}

	function coversPlace(record: EntryRecord, seq: number, hashStart: string): boolean {
		const own = record.header.seq;
		if (own > seq) return false;
		if (own === seq) return record.hash.startsWith(hashStart);
		if (!record.chain.forks) return true;
		const end = record.chain.places.get(seq)?.find(({ hash }) => hash.startsWith(hashStart));
		return end === undefined ? own < record.chain.firstForkSeq : isBeforeOrSame(record, end);
	}

	// ——— how far each chain goes

	function isPassed(chain: Chain, seq: number): boolean {
		endsOf(chain);
		return chain.wholeSeq >= seq;
	}

	/** From a place that is whole to the next that is held, over what was declared lost; undefined when the chain ends or a gap begins. */
	function nextHeld(chain: Chain, seq: number): number | undefined {
		let next = seq + 1;
		for (let steps = 0; steps <= chain.lost.length; steps += 1) {
			if (chain.places.has(next)) return next;
			const at = next;
			// Said by several, each of what they held: any that nothing here speaks against will do.
			const range = chain.lost.find((one) => one.fromSeq <= at && at <= one.toSeq && isNextHere(chain, one));
			if (range === undefined) return undefined;
			// Some of the lost may have come after all.
			let inside: number | undefined;
			if (range.toSeq - next < 10_000) for (let s = next; s <= range.toSeq && inside === undefined; s += 1) if (chain.places.has(s)) inside = s;
			next = inside ?? range.toSeq + 1;
		}
		return undefined;
	}

	/** Behind what was declared lost lies what whoever said so held there; or nothing yet. */
	function isNextHere(chain: Chain, { toSeq, next }: LostRange): boolean {
		return next === undefined || next.seq !== toSeq + 1 || chain.places.get(next.seq)?.every(({ hash }) => hash !== next.hash) !== true;
	}

	function advance(chain: Chain): void {
		for (let next = nextHeld(chain, chain.wholeSeq); next !== undefined; next = nextHeld(chain, chain.wholeSeq)) chain.wholeSeq = next;
	}

	function endsOf(chain: Chain): readonly EntryRecord[] {
		return (chain.ends ??= chain.forks ? forkedEnds(chain) : (chain.places.get(chain.wholeSeq) ?? []));
	}

	function endMarks(chain: Chain): readonly Mark[] {
		const { base } = chain;
		if (base !== undefined && chain.wholeSeq === base.seq) return [{ device: base.device, scope: base.scope, seq: base.seq, hash: base.hash }];
		return endsOf(chain).map(({ header, hash }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash }));
	}

	function locator(): readonly Mark[] {
		const ends = sortedChains().flatMap(endMarks);
		const known = new Set(ends.map(({ hash }) => hash));
		const before: Mark[] = [];
		for (const { device, scope, seq } of ends) {
			const chain = chainOf(device, scope);
			for (let back = 1; seq - back > (chain.base?.seq ?? 0); back *= 2)
				for (const { header, hash } of chain.places.get(seq - back) ?? []) {
					if (known.has(hash)) continue;
					known.add(hash);
					before.push({ device, scope, seq: header.seq, hash });
				}
		}
		// Whoever cuts the list short cuts off what matters least.
		return [...ends, ...before];
	}

	function beyondGaps(): readonly Mark[] {
		return sortedChains().flatMap((chain) => {
			endsOf(chain);
			const last = chain.forks || chain.maxSeq === chain.wholeSeq ? undefined : chain.places.get(chain.maxSeq)?.[0];
			return last === undefined ? [] : [{ device: chain.device, scope: chain.scope, seq: chain.maxSeq, hash: last.hash }];
		});
	}

	function lackedFrom(chain: Chain, asked: readonly Mark[]): number {
		const ends = endMarks(chain);
		const isOnSide = (mark: Mark, end: Mark): boolean => {
			if (mark.seq <= (chain.base?.seq ?? 0)) return true;
			const record = recordIn(chain, mark.hash);
			return record !== undefined && (!chain.forks || coversPlace(record, end.seq, end.hash));
		};
		const froms = ends.map((end) => 1 + asked.reduce((last, mark) => (isOnSide(mark, end) ? Math.max(last, mark.seq) : last), 0));
		const from = ends.length === 0 ? 1 : Math.min(...froms.filter((one, index) => one <= (ends[index]?.seq ?? 0)), chain.wholeSeq + 1);
		if (from <= chain.wholeSeq || chain.forks) return from;
		// Of what lies beyond a gap here it has what it names, or asks for no more of it.
		return asked.reduce((last, { hash }) => Math.max(last, recordIn(chain, hash)?.header.seq ?? 0), from - 1) + 1;
	}

	function recordIn(chain: Chain, hash: EntryHash): EntryRecord | undefined {
		const record = records.get(hash);
		return record?.chain === chain ? record : undefined;
	}

	function forkedEnds(chain: Chain): EntryRecord[] {
		const whole = new Set<EntryRecord>();
		const ended = new Set<EntryRecord>();
		const visited = new Set<number>();
		for (let seq = nextHeld(chain, 0); seq !== undefined && !visited.has(seq); seq = nextHeld(chain, seq)) {
			visited.add(seq);
			const before = chain.places.get(seq - 1);
			for (const record of chain.places.get(seq) ?? []) {
				const parent = before?.find(({ hash }) => hash === record.header.prev);
				const isJump = before === undefined && seq !== 1;
				if (seq !== 1 && !isJump && (parent === undefined || !whole.has(parent))) continue;
				whole.add(record);
				if (parent !== undefined) ended.delete(parent);
				if (isJump) for (const earlier of ended) if (isBeforeOrSame(earlier, record)) ended.delete(earlier);
				ended.add(record);
			}
		}
		chain.wholeSeq = Math.max(0, ...[...ended].map(({ header }) => header.seq));
		return [...ended].sort((a, b) => b.header.seq - a.header.seq || compareText(a.hash, b.hash));
	}

	function sortedChains(): readonly Chain[] {
		return [...chains.values()].sort((a, b) => compareText(a.device, b.device) || compareText(a.scope, b.scope));
	}

	function gapsOf(chain: Chain): readonly Gap[] {
		endsOf(chain);
		const whole = chain.forks ? 0 : chain.wholeSeq;
		const held = [...chain.places.keys()].filter((seq) => seq > whole).sort((a, b) => a - b);
		const gaps: Gap[] = [];
		let before = whole;
		for (const seq of held) {
			const next = chain.places.get(seq)?.[0];
			if (seq > before + 1 && next !== undefined && nextHeld(chain, before) !== seq) gaps.push({ fromSeq: before + 1, toSeq: seq - 1, next });
			before = seq;
		}
		return gaps;
	}

	for (const base of bases) chainOf(base.device, base.scope);

	return {
		add,
		fits,
		vectorOf,
		record: (hash) => records.get(hash),
		size: () => records.size,
		chain: (device, scope) => chainsOfDevice.get(device)?.[scope],
		all: () => chains.values(),
		byKey: (key) => chainsByKey.get(key),
		saw,
		isUpTo: (record, end) => record.chain === end.chain && isBeforeOrSame(record, end),
		everSaw,
		seenSeq(by, chain) {
			if (by.chain === chain) return by.header.seq;
			const mark = markSeen(by, chain.key);
			if (mark === undefined) return 0;
			const held = chain.places.get(mark[2])?.[0];
			return held === undefined || held.hash.startsWith(mark[3]) ? mark[2] : mark[2] - 1;
		},
		covers: (mark, record) => record.header.device === mark.device && record.header.scope === mark.scope && coversPlace(record, mark.seq, mark.hash),
		named: (change) =>
			chainsByKey
				.get(seenKey(change))
				?.places.get(change[2])
				?.find(({ hash }) => hash.startsWith(change[3])),
		hasWholePast(record) {
			const { chain, header } = record;
			if (chain.wholeSeq < header.seq - 1 && !isPassed(chain, header.seq - 1)) return false;
			return vectorOf(record).every((change) => {
				const other = chainsByKey.get(seenKey(change));
				return other !== undefined && isPassed(other, change[2]);
			});
		},
		isHereUpTo({ device, seq }) {
			const chain = chainsOfDevice.get(device)?.branch;
			return chain !== undefined && isPassed(chain, seq);
		},
		setLost(lost) {
			let changed = false;
			for (const chain of chains.values()) {
				const ranges = lost.get(chain) ?? [];
				if (chain.lost.length === 0 && ranges.length === 0) continue;
				changed = true;
				chain.lost = ranges;
				chain.ends = undefined;
				chain.wholeSeq = chain.base?.seq ?? 0;
				if (!chain.forks) advance(chain);
			}
			if (changed) marksNow = seenNow = undefined;
			return changed;
		},
		marks() {
			return (marksNow ??= sortedChains().flatMap(endMarks));
		},
		locator,
		beyondGaps,
		lackedBy(marks) {
			const asked = new Map<string, Mark[]>();
			for (const mark of marks) {
				const id = `${mark.device}:${mark.scope}`;
				const list = asked.get(id);
				if (list === undefined) asked.set(id, [mark]);
				else list.push(mark);
			}
			return sortedChains().flatMap((chain) => {
				const fromSeq = lackedFrom(chain, asked.get(`${chain.device}:${chain.scope}`) ?? []);
				return fromSeq > chain.maxSeq ? [] : [{ device: chain.device, scope: chain.scope, fromSeq }];
			});
		},
		seen() {
			if (seenNow !== undefined) return seenNow;
			const vector = new Map<string, SeenChange>();
			for (const chain of sortedChains()) {
				const [end] = endMarks(chain);
				if (end !== undefined && !vector.has(chain.key)) vector.set(chain.key, seenOfMark(end));
			}
			return (seenNow = vector);
		},
		hlc: () => latest,
		isWhole(chain) {
			endsOf(chain);
			return chain.wholeSeq === chain.maxSeq;
		},
		view(chain) {
			endsOf(chain);
			const { device, scope, key, wholeSeq, base, places, forks } = chain;
			// No spread: this is asked several times for every entry that comes.
			return {
				device,
				scope,
				key,
				wholeSeq,
				heldSeq: chain.maxSeq,
				heardSeq: heard.get(key) ?? 0,
				forks,
				// Counted for whoever asks: most only want to know how far it goes.
				get held() {
					if (forks) return [...places.values()].reduce((sum, place) => sum + place.length, 0);
					return base === undefined ? places.size : base.seq + [...places.keys()].filter((seq) => seq > base.seq).length;
				},
				get gaps() {
					return wholeSeq === chain.maxSeq ? [] : gapsOf(chain);
				},
			};
		},
		sides(chain) {
			const byLine = new Map<Line, EntryRecord[]>(chain.lines.filter((line) => !line.unplaced).map((line) => [line, []]));
			for (const place of chain.places.values()) for (const record of place) byLine.get(record.line)?.push(record);
			return [...byLine]
				.flatMap(([line, held]): Side[] => {
					const fromSeq = line === chain.root ? chain.firstForkSeq : 0;
					const records = held.filter(({ header }) => header.seq >= fromSeq).sort((a, b) => a.header.seq - b.header.seq);
					const [first] = records;
					const last = records.at(-1);
					return first === undefined || last === undefined ? [] : [{ first, last, records }];
				})
				.sort((a, b) => compareEntries(a.first, b.first));
		},
	};
}

const NO_SEEN = { at: [], marks: [] } as const;

function newLine(parent: Line | undefined, fromSeq: number, unplaced: boolean): Line {
	return { parent, fromSeq, first: undefined, changes: new Map(), unplaced };
}

function addChanges(line: Line, record: EntryRecord): void {
	for (const change of record.header.seen) putChange(line, record.header.seq, change);
}

function putChange(line: Line, seq: number, change: SeenChange): void {
	const key = seenKey(change);
	let changes = line.changes.get(key);
	if (changes === undefined) line.changes.set(key, (changes = { at: [], marks: [] }));
	const index = lastAtMost(changes.at, seq) + 1;
	if (index === changes.at.length) {
		changes.at.push(seq);
		changes.marks.push(change);
		return;
	}
	changes.at.splice(index, 0, seq);
	changes.marks.splice(index, 0, change);
}

/** Index of the last number that is at most `limit`, or −1. Entries mostly come in order, so the end is tried first. */
function lastAtMost(ascending: readonly number[], limit: number): number {
	let low = 0;
	let high = ascending.length;
	if (high > 0 && (ascending[high - 1] ?? 0) <= limit) return high - 1;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}

function insertByHash(place: EntryRecord[], record: EntryRecord): void {
	const index = place.findIndex(({ hash }) => compareText(hash, record.hash) > 0);
	place.splice(index < 0 ? place.length : index, 0, record);
}

/**
 * What a device's own journal may be given next. Every vault asks this before it writes, although `commit` has already seen to it: what lies in the
 * journal is signed and shared, and a hole or a second receipt number in it could never be taken back.
 *
 * 1. An entry follows the head of its chain: the next seq, and the head's hash as `prev`.
 * 2. The heads that are written are the ends of just these entries.
 * 3. Receipt numbers are gapless: the one taken is the last plus one.
 * 4. What leaves lies below the head: the next entry names it.
 * 5. What a restored device takes back follows the heads the same way; receipt numbers never go back.
 */
import type { Entry } from '#schemas/entry.ts';
import { SCOPES, type EntryHash, type Scope } from '#schemas/ids.ts';
import type { Hlc } from '#schemas/mark.ts';
import { compareHlc } from './hlc.ts';

type Heads = { readonly [scope in Scope]: { readonly seq: number; readonly hash: EntryHash } | undefined };

export interface OwnState {
	readonly heads: Heads;
	readonly hlc: Hlc;
	readonly lastReceiptNumber: number;
}

export interface OwnChange {
	readonly entries: readonly Pick<Entry, 'hash' | 'header'>[];
	readonly heads: Heads;
	readonly hlc: Hlc;
	readonly sale?: { readonly receipt: { readonly number: number } };
}

/** Our own mistake in words, with its numbers; undefined when the change follows from the state. */
export function ownChainProblem(state: OwnState, { entries, heads, hlc, sale }: OwnChange): string | undefined {
	const [first] = entries;
	if (first === undefined) return 'nothing to record';
	if (new Set(entries.map(({ header }) => header.scope)).size !== entries.length) return 'two entries of one intent on one chain';
	if (entries.some(({ header }) => header.key !== first.header.key)) return 'two intents in one record';
	for (const { header } of entries) {
		const head = state.heads[header.scope];
		if (header.seq !== (head?.seq ?? 0) + 1) return `seq ${header.seq} after ${head?.seq ?? 0} on the ${header.scope} chain`;
		if (header.prev !== head?.hash) return `prev of seq ${header.seq} is not the head of the ${header.scope} chain`;
		if (compareHlc(header.hlc, state.hlc) <= 0) return `hlc ${header.hlc.join('.')} is not after ${state.hlc.join('.')}`;
		if (compareHlc(header.hlc, hlc) > 0) return `hlc ${hlc.join('.')} to go on from is before ${header.hlc.join('.')}`;
	}
	for (const scope of SCOPES) {
		const end = entries.find(({ header }) => header.scope === scope);
		const expected = end === undefined ? state.heads[scope] : { seq: end.header.seq, hash: end.hash };
		if (heads[scope]?.seq !== expected?.seq || heads[scope]?.hash !== expected?.hash)
			return `the ${scope} head to write is not the end of the ${scope} chain`;
	}
	if (sale !== undefined && sale.receipt.number !== state.lastReceiptNumber + 1)
		return `receipt number ${sale.receipt.number} after ${state.lastReceiptNumber}`;
	return undefined;
}

/** The same for what is to leave, up to this place of the branch chain. */
export function prunedProblem({ heads }: Pick<OwnState, 'heads'>, upToSeq: number): string | undefined {
	return upToSeq < (heads.branch?.seq ?? 0)
		? undefined
		: `everything up to ${upToSeq} is to leave, and the branch chain ends at ${heads.branch?.seq ?? 0}`;
}

/** The same for entries that others kept: many intents at once. */
export function takenBackProblem(
	state: OwnState,
	{ entries, heads, hlc, lastReceiptNumber }: OwnState & { readonly entries: OwnChange['entries'] },
): string | undefined {
	if (entries.length === 0) return 'nothing to take back';
	const ends: { [scope in Scope]: { readonly seq: number; readonly hash: EntryHash } | undefined } = { ...state.heads };
	for (const { hash, header } of entries) {
		const head = ends[header.scope];
		if (header.seq !== (head?.seq ?? 0) + 1) return `seq ${header.seq} after ${head?.seq ?? 0} on the ${header.scope} chain`;
		if (header.prev !== head?.hash) return `prev of seq ${header.seq} is not the head of the ${header.scope} chain`;
		if (compareHlc(header.hlc, hlc) > 0) return `hlc ${hlc.join('.')} to go on from is before ${header.hlc.join('.')}`;
		ends[header.scope] = { seq: header.seq, hash };
	}
	for (const scope of SCOPES)
		if (heads[scope]?.seq !== ends[scope]?.seq || heads[scope]?.hash !== ends[scope]?.hash)
			return `the ${scope} head to write is not the end of the ${scope} chain`;
	if (compareHlc(hlc, state.hlc) < 0) return `hlc ${hlc.join('.')} is before ${state.hlc.join('.')}`;
	return lastReceiptNumber < state.lastReceiptNumber ? `receipt number ${lastReceiptNumber} after ${state.lastReceiptNumber}` : undefined;
}

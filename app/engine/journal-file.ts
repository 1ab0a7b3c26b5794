/** The till's journal as a file, and back. Nothing is believed here: what is read goes through the same door as everything from others. */
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { journalFile, type JournalFile } from '#schemas/documents/journal-file.ts';
import type { StoreId } from '#schemas/ids.ts';
import * as v from 'valibot';

export interface Journal extends Omit<JournalFile, 'kind' | 'v' | 'chains' | 'sealed'> {
	readonly chains: readonly Uint8Array[];
	readonly sealed: readonly Uint8Array[];
}

/** What became of a file that was brought in. */
export interface BroughtIn {
	/** Entries that were new here. */
	readonly added: number;
	/** Entries that were here already: closed quietly. */
	readonly known: number;
	/** Pieces that verify as nothing of this shop. */
	readonly refused: number;
	/** For the till that the file is of: it may leave the shop (`bring-in.ts`). Absent: not all that it wrote is safe here, or this is that till. */
	readonly code?: string;
}

export function encodeJournal({ chains, sealed, ...head }: Journal): Uint8Array {
	return encode({ kind: 'holdfast journal', v: 1, ...head, chains: chains.map(hexOf), sealed: sealed.map(hexOf) } satisfies JournalFile);
}

/** `no-journal`: something else, or cut short. */
export type BadJournal = 'no-journal' | 'newer-version' | 'other-shop';

/** The journal in these bytes, or why they are none of this shop. Without a store: of any. */
export function decodeJournal(bytes: Uint8Array, store?: StoreId): Journal | { readonly problem: BadJournal } {
	const value = decode(bytes);
	if (!v.is(v.looseObject({ kind: v.literal('holdfast journal') }), value)) return { problem: 'no-journal' };
	const parsed = v.safeParse(journalFile, value);
	if (!parsed.success) return { problem: 'newer-version' };
	const { kind: _kind, v: _version, chains, sealed, ...head } = parsed.output;
	if (store !== undefined && head.store !== store) return { problem: 'other-shop' };
	return { ...head, chains: chains.map(bytesOfHex), sealed: sealed.map(bytesOfHex) };
}

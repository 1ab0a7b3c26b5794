/** How one kind of conflict is told to a manager: in words and figures of the ledger, nothing decided here. One file a kind. */
import type { Conflict, ConflictDetail, ConflictKind } from '#core/conflict/conflict.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { formatList } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import type { DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import type { ConflictRow } from '../rows.ts';

export interface Story<Kind extends ConflictKind> {
	/** `Oversold`. */
	title(): string;
	/** `coral`: act now. `amber`: look at it. `sea`: good to know. */
	readonly tone: ConflictRow['tone'];
	tell(detail: DetailOf<Kind>, conflict: Conflict, words: StoryWords): Told;
}

export interface Told {
	/** What it is about, in a few words: a product, a receipt, a till. */
	readonly about: string;
	/** One clause beside the title. */
	readonly summary: string;
	/** What happened, as one would tell it: who, where, when, and what they had not heard of. */
	readonly story: string;
	/** What holds until somebody answers. */
	readonly provisional: string;
}

export type DetailOf<Kind extends ConflictKind> = Extract<ConflictDetail, { readonly kind: Kind }>;

/** The shop's own words for its things. */
export interface StoryWords {
	readonly ledger: Ledger;
	money(minor: number): string;
	units(sku: Sku, milli: number): string;
	productName(sku: Sku): string;
	deviceName(device: DeviceId): string;
	/** By the wall clock of whoever did it; with the day where members are of several. */
	clock(atMs: number): string;
	/** `T3-000124`, or what somebody did at 10:41. */
	what(entry: EntryHash): string;
	/** As the kind of a conflict is called. */
	titleOf(kind: string): string;
	/** `till 2 at 10:41`. */
	whoAndWhen(entry: EntryHash): string;
}

/** `a, b and c`; of more than five the first four and how many more. */
export function joinSome(words: readonly string[]): string {
	return words.length <= 5 ? joinWords(words) : m.list_and_more({ items: listed(words.slice(0, 4)), count: words.length - 4 });
}

export function joinWords(words: readonly string[]): string {
	return formatList(words, 'and');
}

/** With commas alone. */
export function listed(words: readonly string[]): string {
	return formatList(words, 'none');
}

/** What an audit finds: the exact entry, and what is the matter with it. Terminal and page make sentences of it, each in its own words. */
import type { ZFault } from '#core/shift/z.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';

export type FindingKind =
	/** Bytes that are no entry, or whose signature does not verify. */
	| 'altered'
	/** Signed by a device that no certificate here proves. */
	| 'not-certified'
	/** Later entries of the chain are here, this one is not. */
	| 'missing'
	/** Somebody saw the chain longer than it is here. */
	| 'cut-off'
	/** Two entries at one place of a chain. */
	| 'forked'
	/** Stored where another one belongs. */
	| 'misplaced'
	/** The same bytes twice. */
	| 'doubled'
	/** Its clock is not after what it had seen. */
	| 'clock'
	/** A receipt number twice, skipped or going back. */
	| 'receipts'
	/** A Z that its entries do not add up to. */
	| 'z'
	/** A checkpoint that its entries do not fold to. */
	| 'checkpoint'
	/** The file as a whole is not what its manifest says. */
	| 'manifest';

export interface Finding {
	readonly kind: FindingKind;
	readonly device?: DeviceId;
	readonly scope?: Scope;
	readonly seq?: number;
	/** The whole hash, or as much of it as its witness knew. */
	readonly hash?: string;
	readonly why: FindingWhy;
	/** The entry that says so, where it is another one. */
	readonly witness?: EntryHash;
}

/** An entry, or one that should be there, as people call it. */
export interface NamedEntry {
	readonly seq: number;
	/** Of its device. */
	readonly name: string;
	readonly scope: Scope;
}

/** `at`: where it lay. */
export type FindingWhy =
	| { readonly is: 'of-unknown-device'; readonly at: string }
	| { readonly is: 'unreadable'; readonly at: string; readonly damage: string }
	| { readonly is: 'altered'; readonly at: string; readonly damage: string; readonly entry: NamedEntry }
	/** `next` is here and comes after it. */
	| { readonly is: 'missing'; readonly entry: NamedEntry; readonly next: number }
	/** This one and every one after it, to the `last`. */
	| { readonly is: 'missing-up-to'; readonly entry: NamedEntry; readonly last: number }
	/** The one before it is not here; another one lies in its place. */
	| { readonly is: 'after-another'; readonly entry: NamedEntry }
	| { readonly is: 'forked'; readonly entry: NamedEntry; readonly times: number }
	| {
			readonly is: 'cut-off';
			readonly chain: Pick<NamedEntry, 'name' | 'scope'>;
			readonly last: number;
			readonly seen: number;
			readonly by: NamedEntry | { readonly witness: string };
	  }
	| { readonly is: 'not-later'; readonly entry: NamedEntry; readonly than: NamedEntry }
	| { readonly is: 'twice'; readonly at: string; readonly entry: NamedEntry }
	/** It lies where `place` belongs. */
	| { readonly is: 'misplaced'; readonly at: string; readonly entry: NamedEntry; readonly place: NamedEntry }
	| { readonly is: 'out-of-order'; readonly at: string; readonly entry: NamedEntry; readonly before: NamedEntry }
	| { readonly is: 'receipt'; readonly entry: NamedEntry; readonly bears: string; readonly expected: string }
	| { readonly is: 'certificate'; readonly number: number }
	/** Of a shift where there is no Z. `waits`: entries before it are missing here. */
	| {
			readonly is: 'z';
			readonly name: string;
			readonly z: number | undefined;
			readonly fault: ZFault;
			readonly currency: Currency;
			readonly waits: boolean;
	  }
	| { readonly is: 'file-missing' | 'file-changed' | 'file-added' | 'file-unreadable'; readonly file: string }
	| { readonly is: 'miscounted'; readonly said: number; readonly held: number };

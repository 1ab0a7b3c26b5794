/** What an audit finds: the exact entry, in words that a person can act on. */
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';

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
	readonly words: string;
	/** The entry that says so, where it is another one. */
	readonly witness?: EntryHash;
}

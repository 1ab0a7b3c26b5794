/** What the page for auditors asks: it works in any browser, enrolled or not, with nobody's server. */
import type { Finding } from '#core/audit/finding.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { BadArchive } from './archive.ts';

export interface CheckedArchive {
	readonly storeName: string;
	/** ISO 8601, as the archive says. */
	readonly madeAt: string;
	readonly entries: number;
	readonly findings: readonly Finding[];
	readonly chains: readonly {
		readonly device: DeviceId;
		readonly name: string;
		readonly scope: Scope;
		readonly entries: number;
		readonly lastSeq: number;
		readonly lastHash: EntryHash;
	}[];
}

export type CheckArchive = (
	bytes: Uint8Array,
	onProgress: (done: number, of: number) => void,
) => Promise<CheckedArchive | { readonly problem: BadArchive | 'starting' }>;

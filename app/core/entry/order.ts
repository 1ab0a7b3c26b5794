/**
 * Ledger order: (hlc, device, seq, hash). One total order on every peer, the cashier's own order within a chain; never arrival, never a list position.
 */
import type { Header } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';

/** What the order looks at; an `Entry` is one. */
export interface Ordered {
	readonly hash: EntryHash;
	readonly header: Pick<Header, 'hlc' | 'device' | 'seq'>;
}

/** Below zero when `a` comes first; zero only for one and the same entry. */
export function compareEntries(a: Ordered, b: Ordered): number {
	const hlcA = a.header.hlc;
	const hlcB = b.header.hlc;
	return (
		hlcA[0] - hlcB[0] ||
		hlcA[1] - hlcB[1] ||
		compareText(a.header.device, b.header.device) ||
		a.header.seq - b.header.seq ||
		compareText(a.hash, b.hash)
	);
}

/** By code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * That a sale is in its segment document is a mark in the vault, for whoever looks after a till. Each mark is a write of both copies, and nobody waits for it.
 *
 * 1. Many sales in a row are marked in one write, some time after the first of them.
 * 2. What is not marked when the till ends stays unmarked until the next sale of its chain is: the journal goes to the replica at every start in any case.
 */
import type { Timers, Vault } from '#ports';
import { SCOPES, type Scope } from '#schemas/ids.ts';

/** Long after a receipt is drawn and the next sale has its first line, soon for a person who looks. */
const MARKED_AFTER_MS = 2_000;

export interface LedgeredMarksDeps {
	readonly vault: Pick<Vault, 'markLedgered'>;
	readonly ownership: () => number;
	readonly timers: Pick<Timers, 'after'>;
	readonly onError: (error: unknown) => void;
}

/** Told how far a chain's documents have come. */
export function createLedgeredMarks({ vault, ownership, timers, onError }: LedgeredMarksDeps): (scope: Scope, seq: number) => void {
	const upTo = new Map<Scope, number>();
	return (scope, seq) => {
		const isWaiting = upTo.size > 0;
		upTo.set(scope, Math.max(seq, upTo.get(scope) ?? 0));
		if (isWaiting) return;
		timers.after(MARKED_AFTER_MS, async () => {
			const marks = SCOPES.flatMap((one) => (upTo.has(one) ? [[one, upTo.get(one) ?? 0] as const] : []));
			upTo.clear();
			for (const [one, last] of marks) await vault.markLedgered(one, last, ownership()).catch(onError);
		});
	};
}

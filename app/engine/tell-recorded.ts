/**
 * When the replica hears what was recorded. A receipt is drawn first: to fold a sale and to send it takes processors from that, and frames of the network take
 * the page.
 *
 * Invariants:
 * 1. Only a sale or an exchange waits, until it is drawn. Anything else is told at once, and with it whatever waits, in the order in which it was recorded.
 * 2. Nothing waits on a page that nobody sees: it draws nothing, and may be frozen, with its worker, in the next moment.
 * 3. After `tell` nothing waits: whoever asks the replica calls it first, and is answered by a ledger that has heard of everything.
 * 4. Nothing is told twice, unless telling failed: then it goes along with what is told next. What never gets there, `recover` tells at the next start.
 */
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';

export interface TellRecordedDeps {
	/** The replica has them when it resolves; calls are heard in their order. */
	readonly hear: (entries: readonly Entry[]) => Promise<unknown>;
	/** What was recorded in this moment stands on the screen. */
	readonly drawn: () => Promise<unknown>;
	readonly isHidden: () => boolean;
	readonly onError: (error: unknown) => void;
}

export interface TellRecorded {
	recorded(entries: readonly Entry[]): void;
	tell(): void;
}

export function createTellRecorded({ hear, drawn, isHidden, onError }: TellRecordedDeps): TellRecorded {
	/** In the order in which they were recorded; gone when the replica has them. */
	const untold = new Map<EntryHash, Entry>();
	const onTheWay = new Set<EntryHash>();

	function tell(): void {
		const entries = [...untold.values()].filter(({ hash }) => !onTheWay.has(hash));
		if (entries.length === 0) return;
		for (const { hash } of entries) onTheWay.add(hash);
		hear(entries)
			.then(() => {
				for (const { hash } of entries) untold.delete(hash);
			})
			.catch(onError)
			.finally(() => {
				for (const { hash } of entries) onTheWay.delete(hash);
			});
	}

	return {
		recorded(entries) {
			for (const entry of entries) if (!untold.has(entry.hash)) untold.set(entry.hash, entry);
			if (isHidden() || !entries.some(drawsReceipt)) tell();
			else void drawn().catch(onError).then(tell);
		},
		tell,
	};
}

function drawsReceipt({ facts }: Entry): boolean {
	return facts.some(({ type }) => type === 'sale.completed' || type === 'exchange.completed');
}

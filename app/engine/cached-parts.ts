/**
 * What a till shows before its ledger is read: rows in parts, and a head that says what they had seen.
 *
 * 1. A head is on the disk when all that it speaks of is: one write follows the other, each its parts first, as they are when it begins.
 * 2. A part that was not written is among those of the next write.
 */
import type { EntryStore, Timers } from '#ports';
import { createOneAtATime } from './one-at-a-time.ts';

export interface CachedPartsDeps {
	readonly timers: Pick<Timers, 'after'>;
	readonly afterMs: number;
	readonly setCache: EntryStore['setCache'];
	/** Touches what is behind; false: there is nothing to write from. */
	readonly catchUp: () => boolean;
	/** The parts as they are now, then the head, each by its name. */
	readonly read: (parts: readonly number[]) => readonly (readonly [name: string, bytes: Uint8Array])[];
	readonly onWritten: (parts: readonly number[]) => void;
}

export interface CachedParts {
	touch(part: number): void;
	/** Writes what is touched by then, a while from now. */
	write(): void;
}

export function createCachedParts({ timers, afterMs, setCache, catchUp, read, onWritten }: CachedPartsDeps): CachedParts {
	const touched = new Set<number>();
	const inTurn = createOneAtATime();
	let isDue = false;

	async function writeTouched(): Promise<void> {
		if (!catchUp()) return;
		const parts = [...touched];
		touched.clear();
		try {
			for (const [name, bytes] of read(parts)) await setCache(name, bytes);
		} catch (error) {
			for (const part of parts) touched.add(part);
			throw error;
		}
		onWritten(parts);
	}

	return {
		touch(part) {
			touched.add(part);
		},
		write() {
			if (isDue) return;
			isDue = true;
			timers.after(afterMs, () => {
				isDue = false;
				return inTurn(writeTouched);
			});
		},
	};
}

/**
 * Watches the room on the till's disk, and asks the browser to keep what is there.
 *
 * 1. Persistence is asked for when the till has something to lose (it joined a shop, or sold), and once a session: some browsers put the question to
 *    the person, and a no is an answer.
 * 2. A write that found the disk full counts until one has worked again.
 */
import type { StorageRoom, Timers } from '#ports';

export interface RoomNow {
	readonly persisted: boolean;
	readonly leftBytes: number | undefined;
	readonly usedBytes: number | undefined;
	readonly full: boolean;
}

export interface RoomWatch {
	/** There is something to lose now. */
	hasSomethingToLose(): void;
	/** What became of a write. */
	wrote(outcome: 'recorded' | 'full'): void;
	/** Resolves after a look. */
	look(): Promise<void>;
}

/** A till sells a few sales a minute: five minutes are some kilobytes. */
const LOOK_EVERY_MS = 5 * 60_000;

export function createRoomWatch(room: StorageRoom, timers: Pick<Timers, 'every'>, tell: (now: RoomNow) => void): RoomWatch {
	let full = false;
	let isAsked = false;

	async function look(): Promise<void> {
		const [persisted, estimate] = await Promise.all([room.isPersisted(), room.estimate()]);
		tell({
			...{ persisted, full, usedBytes: estimate?.usedBytes },
			leftBytes: estimate === undefined ? undefined : Math.max(0, estimate.quotaBytes - estimate.usedBytes),
		});
	}

	async function ask(): Promise<void> {
		if (!(await room.isPersisted())) await room.persist();
		await look();
	}

	timers.every(LOOK_EVERY_MS, look);
	return {
		look,
		hasSomethingToLose() {
			if (isAsked) return;
			isAsked = true;
			void ask();
		},
		wrote(outcome) {
			if (full === (outcome === 'full')) return;
			full = outcome === 'full';
			void look();
		},
	};
}

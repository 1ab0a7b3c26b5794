/**
 * A device's links as it wants them: opened once, started and stopped as often as somebody says so.
 *
 * 1. What fails (a program that does not come, a start that throws) is tried again after growing pauses, and at once when the device wakes or the wish
 *    changes. A till that could not sync for a moment does not go without for the day.
 * 2. One try at a time; the wish of that moment counts.
 */
import { createOneAtATime } from './one-at-a-time.ts';
import type { Lan, Timers } from '#ports';
import { MOST_PAUSE_MS, PAUSE_MS } from './until-it-works.ts';

export interface KeptLinks {
	/** Resolves after the first try, whatever came of it; who wants none where none are open waits for nothing. */
	want(wanted: boolean): Promise<void>;
	wake(): void;
	peers(): ReturnType<Lan['peers']>;
	/** For good. */
	end(): Promise<void>;
}

export interface KeepLinksDeps {
	/** Answers once. */
	readonly open: () => Promise<Pick<Lan, 'start' | 'stop' | 'wake' | 'peers'>>;
	readonly timers: Pick<Timers, 'after'>;
	readonly onFailure: (error: unknown) => void;
}

export function keepLinks({ open, timers, onFailure }: KeepLinksDeps): KeptLinks {
	const inTurn = createOneAtATime();
	let links: Awaited<ReturnType<KeepLinksDeps['open']>> | undefined;
	let isWanted = false;
	let isOver = false;
	let pauseMs = PAUSE_MS;
	let stopWaiting: (() => void) | undefined;

	const now = (): Promise<void> => inTurn(follow);

	function soon(): Promise<void> {
		pauseMs = PAUSE_MS;
		return now();
	}

	async function follow(): Promise<void> {
		stopWaiting?.();
		stopWaiting = undefined;
		if (isOver && links === undefined) return;
		try {
			links ??= await open();
			await (isWanted && !isOver ? links.start() : links.stop());
			pauseMs = PAUSE_MS;
		} catch (error) {
			onFailure(error);
			if (isOver) return;
			stopWaiting = timers.after(pauseMs, now);
			pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS);
		}
	}

	return {
		async want(wanted) {
			isWanted = wanted;
			const done = soon();
			if (wanted || links !== undefined) await done;
		},
		wake() {
			links?.wake();
			if (stopWaiting !== undefined) void soon();
		},
		peers: () => links?.peers() ?? [],
		end() {
			isOver = true;
			return now();
		},
	};
}

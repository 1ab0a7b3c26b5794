/** A clock and timers that go on when the test says so. */
import type { Clock, Timers } from '#ports';

export interface ManualTime {
	readonly clock: Clock;
	readonly timers: Timers;
	/** Runs what falls due, in order, each awaited. */
	pass(ms: number): Promise<void>;
	/** Timers that are still set. */
	pending(): number;
}

export function createManualTime(startMs = 1_800_000_000_000): ManualTime {
	let nowMs = startMs;
	const tasks = new Set<{ atMs: number; readonly everyMs: number | undefined; readonly task: () => void | Promise<void> }>();
	const set = (ms: number, everyMs: number | undefined, task: () => void | Promise<void>): (() => void) => {
		const one = { atMs: nowMs + ms, everyMs, task };
		tasks.add(one);
		return () => {
			tasks.delete(one);
		};
	};
	return {
		clock: { nowMs: () => nowMs },
		timers: { every: (ms, task) => set(ms, ms, task), after: (ms, task) => set(ms, undefined, task) },
		async pass(ms) {
			const untilMs = nowMs + ms;
			for (;;) {
				const [next] = [...tasks].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
				if (next === undefined) break;
				nowMs = Math.max(nowMs, next.atMs);
				if (next.everyMs === undefined) tasks.delete(next);
				else next.atMs += next.everyMs;
				await next.task();
			}
			nowMs = untilMs;
		},
		pending: () => tasks.size,
	};
}

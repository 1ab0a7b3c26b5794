/**
 * The world's time: a queue of what happens when. Nothing here waits for a real clock.
 *
 * 1. What falls due at one moment runs in the order in which it was set.
 * 2. Between two events every promise that can go on has gone on: the engine never sees an event in the middle of its own microtasks.
 * 3. `skip` lets everybody sleep: the wall clock jumps, and what was to happen in so many seconds still happens so many seconds after waking.
 */
import type { Timers } from '#ports';

export interface Schedule {
	/** Milliseconds that the world has been awake. */
	awakeMs(): number;
	/** Wall clock of the world, ms since 1970. */
	wallMs(): number;
	after(ms: number, task: () => void | Promise<void>): () => void;
	/** Resolves in so many milliseconds of the world. */
	wait(ms: number): Promise<void>;
	skip(ms: number): void;
	/** Runs everything up to this moment of the world's waking time. */
	runUntil(awakeMs: number): Promise<void>;
	/** Lets all promises go on that wait for nothing but each other. */
	settle(): Promise<void>;
	/** How many events have run. */
	count(): number;
}

interface Event {
	readonly atMs: number;
	readonly order: number;
	readonly task: () => void | Promise<void>;
	isOff: boolean;
}

export function createSchedule(startWallMs: number, onProblem: (error: unknown) => void): Schedule {
	const heap: Event[] = [];
	let now = 0;
	let slept = startWallMs;
	let order = 0;
	let count = 0;

	function isBefore(a: Event, b: Event): boolean {
		return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
	}

	function push(event: Event): void {
		let at = heap.push(event) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent] as Event;
			if (!isBefore(event, above)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = event;
	}

	function pop(): Event | undefined {
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
			if (!isBefore(heap[child] as Event, last)) break;
			heap[at] = heap[child] as Event;
			at = child;
		}
		heap[at] = last;
		return first;
	}

	const schedule: Schedule = {
		awakeMs: () => now,
		wallMs: () => slept + now,
		after(ms, task) {
			const event: Event = { atMs: now + Math.max(0, Math.round(ms)), order: (order += 1), task, isOff: false };
			push(event);
			return () => {
				event.isOff = true;
			};
		},
		wait: (ms) => new Promise((resolve) => schedule.after(ms, resolve)),
		skip(ms) {
			slept += ms;
		},
		async runUntil(awakeMs) {
			await schedule.settle();
			for (let next = heap[0]; next !== undefined && next.atMs <= awakeMs; next = heap[0]) {
				pop();
				if (next.isOff) continue;
				now = next.atMs;
				count += 1;
				try {
					// Not awaited: what it waits for may be a later event.
					Promise.resolve(next.task()).catch(onProblem);
				} catch (error) {
					onProblem(error);
				}
				await schedule.settle();
			}
			now = Math.max(now, awakeMs);
		},
		// All microtasks run before a macrotask does: how long that takes by a real clock changes nothing.
		settle: () => new Promise((resolve) => setImmediate(resolve)),
		count: () => count,
	};
	return schedule;
}

/** The `Timers` port of one process. `isOn` says whether it still has power. */
export function timersOf(schedule: Schedule, isOn: () => boolean, onProblem: (error: unknown) => void): Timers {
	function run(task: () => void | Promise<void>, done: () => void): void {
		try {
			Promise.resolve(task()).then(done, (error: unknown) => {
				done();
				onProblem(error);
			});
		} catch (error) {
			onProblem(error);
		}
	}
	return {
		after: (ms, task) =>
			schedule.after(ms, () => {
				if (isOn()) run(task, () => undefined);
			}),
		every(ms, task) {
			let isRunning = false;
			let stop: () => void;
			const tick = (): void => {
				if (!isOn()) return;
				stop = schedule.after(ms, tick);
				if (isRunning) return;
				isRunning = true;
				run(task, () => {
					isRunning = false;
				});
			};
			stop = schedule.after(ms, tick);
			return () => {
				stop();
			};
		},
	};
}

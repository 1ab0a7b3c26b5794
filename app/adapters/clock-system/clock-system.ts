/** The wall clock, timers and randomness of the platform. */
import type { Clock, Random, Timers } from '#ports';

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };

/** `onError` hears of tasks that fail; a failing task of `every` runs again at its next turn. */
export function createSystemTimers(onError: (error: unknown) => void): Timers {
	return {
		every(ms, task) {
			let running = false;
			const timer = setInterval(() => {
				if (running) return;
				running = true;
				void run(task).finally(() => (running = false));
			}, ms);
			return () => {
				clearInterval(timer);
			};
		},
		after(ms, task) {
			const timer = setTimeout(() => void run(task), ms);
			return () => {
				clearTimeout(timer);
			};
		},
	};

	async function run(task: () => void | Promise<void>): Promise<void> {
		try {
			await task();
		} catch (error) {
			onError(error);
		}
	}
}

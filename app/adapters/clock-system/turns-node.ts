/**
 * Turns on Node's event loop: one slice after another, and between two of them whatever came by a socket, a timer or another thread. Who asks again after each slice
 * stands behind those that wait: a branch with a thousand slices gets every second one while another has any.
 */
import type { Turns } from '#ports';

export function createTurns(): Turns {
	const waiting: (() => unknown)[] = [];
	let isGoing = false;

	async function go(): Promise<void> {
		isGoing = true;
		while (waiting.length > 0) {
			await new Promise((resolve) => setImmediate(resolve));
			await waiting.shift()?.();
		}
		isGoing = false;
	}

	return {
		take: (slice) =>
			new Promise((resolve, reject) => {
				waiting.push(() => Promise.resolve().then(slice).then(resolve, reject));
				if (!isGoing) void go();
			}),
	};
}

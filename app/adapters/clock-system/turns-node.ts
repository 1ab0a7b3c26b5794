/**
 * Turns on Node's event loop: one slice a turn of the loop, so that whatever came by a socket, a timer or another thread goes between two of them. Who asks again after
 * each slice stands behind those that wait: a branch with a thousand slices gets every second one while another has any.
 */
import type { Turns } from '#ports';

export function createTurns(): Turns {
	const waiting: (() => void)[] = [];
	let isGoing = false;

	function go(): void {
		const next = waiting.shift();
		isGoing = next !== undefined;
		if (next === undefined) return;
		next();
		setImmediate(go);
	}

	return {
		next: () =>
			new Promise((resolve) => {
				waiting.push(resolve);
				if (isGoing) return;
				isGoing = true;
				setImmediate(go);
			}),
	};
}

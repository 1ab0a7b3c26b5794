/**
 * Moments that spans are measured by. A wall clock is set back by hours (a machine whose own clock runs on local time, until the network corrects it), and what is due in two
 * seconds by it would be due after those hours.
 *
 * 1. It never goes back: while the wall clock catches up with what it said, it goes on from there.
 */
export function neverBack(nowMs: () => number): () => number {
	let lastMs = -Infinity;
	let aheadMs = 0;
	return () => {
		const wallMs = nowMs();
		aheadMs = Math.max(aheadMs, lastMs - wallMs);
		lastMs = wallMs + aheadMs;
		return lastMs;
	};
}

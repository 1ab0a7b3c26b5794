/**
 * How often each of many may do something within a second.
 *
 * 1. The second is everybody's: what was counted before it is over keeps nobody in it waiting, whatever the wall clock does.
 */
import { neverBack } from './spans.ts';

/** Counts one more of `who`, and answers for how long its next one waits, ms. */
export function createPace<Who>(wallMs: () => number, mostInSecond: number): (who: Who) => number {
	const nowMs = neverBack(wallMs);
	let second = { startMs: nowMs(), counts: new Map<Who, number>() };
	return (who) => {
		const now = nowMs();
		if (now - second.startMs >= 1_000) second = { startMs: now, counts: new Map() };
		const count = (second.counts.get(who) ?? 0) + 1;
		second.counts.set(who, count);
		return count < mostInSecond ? 0 : second.startMs + 1_000 - now;
	};
}

import { neverBack } from '#core/spans.ts';
import type { Clock } from '#ports';

/** Whether this time is one too many within a minute: each call counts. */
export function createLimit(clock: Pick<Clock, 'nowMs'>, mostAMinute: number): () => boolean {
	const now = neverBack(() => clock.nowMs());
	let minute = { sinceMs: 0, count: 0 };
	return () => {
		const nowMs = now();
		if (nowMs - minute.sinceMs > 60_000) minute = { sinceMs: nowMs, count: 0 };
		minute.count += 1;
		return minute.count > mostAMinute;
	};
}

/**
 * The hybrid logical clock (Kulkarni et al., 2014): near to wall time where clocks are right, and always after everything seen.
 *
 * 1. `tickHlc(last, now)` is greater than `last`, whatever the wall clock says.
 * 2. It never passes the year 2100, where entries stop to verify: a wild wall clock only pushes the counter.
 */
import type { Hlc } from '#schemas/mark.ts';

/** The next reading after `last` (the latest of everything seen and written), at wall clock `nowMs`. */
export function tickHlc(last: Hlc, nowMs: number): Hlc {
	const wallMs = Math.min(Math.max(0, Math.floor(nowMs)), MAX_MS);
	if (wallMs > last[0]) return [wallMs, 0];
	if (last[1] < MAX_COUNTER) return [last[0], last[1] + 1];
	return [last[0] + 1, 0]; // 4,294,967,296 entries in one millisecond: only a hostile counter gets here.
}

/** Below zero when `a` is earlier. */
export function compareHlc(a: Hlc, b: Hlc): number {
	return a[0] - b[0] || a[1] - b[1];
}

export function latestHlc(a: Hlc, b: Hlc): Hlc {
	return compareHlc(a, b) >= 0 ? a : b;
}

export const NO_HLC: Hlc = [0, 0];

const MAX_MS = 4_102_444_800_000;
const MAX_COUNTER = 0xffff_ffff;

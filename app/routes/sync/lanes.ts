/**
 * A conflict's time-line laid out as rows of lanes, one lane a device, so that the absence is seen as a stretch and not only read.
 *
 * 1. What happened at one moment stands in one row, also when two devices saw it differently.
 * 2. A lane is apart from the first moment of which its device did not hear until its own next deed: that deed was done without knowing.
 */
import type { Timeline } from '#projections/rows.ts';
import type { DeviceId } from '#schemas/ids.ts';

export interface LaneRow {
	readonly atMs: number;
	/** In the order of the time-line's devices. */
	readonly lanes: readonly { readonly device: DeviceId; readonly apart: boolean; readonly events: Timeline['events'] }[];
}

export function laneRows({ devices, events }: Timeline): readonly LaneRow[] {
	const moments = [...new Set(events.map(({ atMs }) => atMs))].sort((a, b) => a - b);
	return moments.map((atMs) => ({
		atMs,
		lanes: devices.map(({ device }) => {
			const own = events.filter((event) => event.device === device);
			return { device, apart: isApart(own, atMs), events: own.filter((event) => event.atMs === atMs) };
		}),
	}));
}

/** The last moment missed at or before `atMs` has no deed of the device between it and `atMs`. */
function isApart(own: Timeline['events'], atMs: number): boolean {
	return own.some(
		(missed) =>
			missed.tone === 'apart' &&
			missed.atMs <= atMs &&
			!own.some(({ tone, atMs: doneMs }) => tone !== 'apart' && doneMs >= missed.atMs && doneMs < atMs),
	);
}

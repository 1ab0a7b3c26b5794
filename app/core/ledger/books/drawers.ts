/**
 * Which shift is open on a till, and how its shifts are numbered: asked at every sale, so it reads nothing but their openings and counts.
 *
 * 1. Shifts are numbered from 1, without a gap. One whose number does not follow says so (`problems`): something is missing, or the till was copied.
 */
import type { ZFault } from '#core/shift/z.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book } from './book.ts';

export interface DrawerState {
	readonly device: DeviceId;
	readonly lastShift: number;
	readonly openShift: number | undefined;
	readonly problems: readonly { readonly entry: EntryHash; readonly fault: ZFault }[];
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sum = v.strictObject({ lastShift: number, openShift: v.optional(number) });

export const drawers: Book<DeviceId, DrawerState, v.InferOutput<typeof sum>> = {
	reads: ['shift.opened', 'shift.closed'],
	subjectsOf: (fact, { header }) => [fact.type === 'shift.closed' ? (fact.device ?? header.device) : header.device],
	fold(device, changes, _context, before) {
		let [lastShift, openShift]: [number, number | undefined] = [before?.lastShift ?? 0, before?.openShift];
		const problems: { entry: EntryHash; fault: ZFault }[] = [];
		for (const { record, fact } of changes) {
			if (fact.type === 'shift.closed' && openShift === fact.shift) openShift = undefined;
			if (fact.type !== 'shift.opened') continue;
			if (fact.shift !== lastShift + 1) problems.push({ entry: record.hash, fault: { figure: 'shift', said: fact.shift, folded: lastShift + 1 } });
			lastShift = Math.max(lastShift, fact.shift);
			openShift = fact.shift;
		}
		return { device, lastShift, openShift, problems };
	},
	sum: { schema: sum, of: ({ lastShift, openShift }) => ({ lastShift, ...(openShift === undefined ? {} : { openShift }) }) },
};

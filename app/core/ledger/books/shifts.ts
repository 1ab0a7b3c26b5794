/**
 * A shift is a drawer, from the float that was put in to the cash that was counted.
 *
 * 1. Expected cash is the float, and cash in, less drops and cash out, and cash that sales brought, less cash that went back. A receipt that a correction
 *    took back brought nothing.
 * 2. Whoever counts again counts for the same shift: the last count in ledger order is the one that stands.
 */
import { findDrawerDifference } from '#core/conflict/drawer-difference.ts';
import { createTally, expectedCashMinor, figuresSchema, isReceipt, type Figures } from '#core/shift/figures.ts';
import type { ShiftClosed } from '#schemas/facts/shift-closed.ts';
import type { DeviceId, EntryHash, PersonId } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book, Change } from './book.ts';

export type ShiftId = string & { readonly shift?: never };

export function shiftId(device: DeviceId, shift: number): ShiftId {
	return `${device}:${shift}`;
}

const opening = v.strictObject({ entry: v.string(), floatMinor: v.number(), atMs: v.number(), by: v.string() });

const sum = v.strictObject({
	opened: v.optional(opening),
	moved: v.strictObject({ inMinor: v.number(), dropMinor: v.number(), outMinor: v.number() }),
	figures: figuresSchema,
});

export interface ShiftState {
	readonly device: DeviceId;
	readonly shift: number;
	/** Absent where the entry that opened it is not here. */
	readonly opened: { readonly entry: EntryHash; readonly floatMinor: number; readonly atMs: number; readonly by: PersonId } | undefined;
	/** Cash that was moved without a sale. */
	readonly moved: { readonly inMinor: number; readonly dropMinor: number; readonly outMinor: number };
	/** Receipts of the shift, without those that were taken back. */
	readonly figures: Figures;
	/** Cash that should be in the drawer now, or should have been when it was counted. */
	readonly expectedMinor: number;
	/** The count that stands. Absent: the shift is open. */
	readonly closed:
		| {
				readonly entry: EntryHash;
				readonly atMs: number;
				readonly by: PersonId;
				readonly countedMinor: number;
				/** Above zero: too much in the drawer. */
				readonly differenceMinor: number;
				readonly denominations: ShiftClosed['denominations'];
				readonly note: string | undefined;
		  }
		| undefined;
}

export const shifts: Book<ShiftId, ShiftState, v.InferOutput<typeof sum>> = {
	reads: ['shift.opened', 'cash.moved', 'drawer.opened', 'sale.completed', 'refund.completed', 'exchange.completed', 'shift.closed'],
	subjectsOf(fact, { header }) {
		if (fact.type === 'shift.closed') return [shiftId(fact.device ?? header.device, fact.shift)];
		return 'shift' in fact && typeof fact.shift === 'number' ? [shiftId(header.device, fact.shift)] : NOBODY;
	},
	fold(id, changes, { correctedBy }, before) {
		const [device = '', number = ''] = id.split(':');
		const tally = createTally(before?.figures);
		const moved = { ...(before?.moved ?? { inMinor: 0, dropMinor: 0, outMinor: 0 }) };
		let opened = before?.opened as ShiftState['opened'];
		let last: Change | undefined;
		for (const change of changes) {
			const { fact, record } = change;
			if (fact.type === 'shift.opened') opened ??= { entry: record.hash, floatMinor: fact.floatMinor, atMs: record.header.at, by: record.header.by };
			else if (fact.type === 'cash.moved') moved[`${fact.kind}Minor`] += fact.amountMinor;
			else if (fact.type === 'shift.closed') last = change;
			else if (!isReceipt(fact) || correctedBy(record) === undefined) tally.add(fact);
		}
		const figures = tally.figures();
		const expectedMinor = expectedCashMinor(opened?.floatMinor ?? 0, moved, figures);
		return { device: device as DeviceId, shift: Number(number), opened, moved, figures, expectedMinor, closed: closing(last, expectedMinor) };
	},
	alarms: ['shift.closed'],
	conflicts: findDrawerDifference,
	asksGaps: true,
	asksSettings: ['drawerToleranceMinor'],
	// One that is closed is over; one that is open may have run for months.
	sum: {
		schema: sum,
		of: ({ closed, opened, moved, figures }) => (closed === undefined ? { ...(opened === undefined ? {} : { opened }), moved, figures } : undefined),
	},
};

const NOBODY: readonly ShiftId[] = [];

function closing(change: Change | undefined, expectedMinor: number): ShiftState['closed'] {
	if (change?.fact.type !== 'shift.closed') return undefined;
	const { record, fact } = change;
	return {
		...{ entry: record.hash, atMs: record.header.at, by: record.header.by, countedMinor: fact.countedMinor },
		...{ differenceMinor: fact.countedMinor - expectedMinor, denominations: fact.denominations, note: fact.note },
	};
}

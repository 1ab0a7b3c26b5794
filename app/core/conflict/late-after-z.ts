/**
 * Late after Z: a receipt of a trading day, or a correction of one, that the day's last report (printed or exported) had not seen. It counts now and is
 * listed as an addition to that day; no Z and no report is ever rewritten. A later report that had seen it ends the matter.
 *
 * One item a day and till; members are the late entries of that till.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { DayState } from '#core/ledger/books/days.ts';
import { compareText } from '#core/entry/order.ts';
import { createTally, isReceipt, takingsMinor } from '#core/shift/figures.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';
import { knownFacts } from './worth.ts';

export function findLateAfterZ(_day: string, state: DayState, changes: readonly Change[], context: BookConflictContext): readonly Conflict[] {
	const counting = changes.filter(({ record }) => record.counts && !record.overtaken);
	const reports = lastOf(
		counting.flatMap(({ record, fact }) => (fact.type === 'day.reported' ? [record] : [])),
		context.saw,
	);
	const isLate = (record: EntryRecord): boolean => reports.length === 0 || reports.some((report) => !context.saw(report, record));
	const late = new Map<DeviceId, Set<EntryRecord>>();
	const addLate = (record: EntryRecord | undefined): void => {
		if (record === undefined || !isLate(record)) return;
		const list = late.get(record.header.device);
		if (list === undefined) late.set(record.header.device, new Set([record]));
		else list.add(record);
	};
	if (state.reports.length === 0) return [];
	for (const { record, fact } of counting) {
		if (!isReceipt(fact)) continue;
		const correction = context.correctedBy(record);
		// Taken back before anybody reported it: the report lacks nothing, whether or not it knew.
		if (correction === undefined) addLate(record);
		else if (!isLate(record)) addLate(context.record(correction));
	}
	return [...late]
		.sort(([a], [b]) => compareText(a, b))
		.flatMap(([device, records]) => {
			const conflict = openConflict(
				{
					subject: `${state.day}:${device}`,
					ofStore: false,
					urgency: 'low',
					members: [...records],
					detail: { kind: 'late-after-z', day: state.day, device, reports: state.reports.map(({ entry }) => entry) },
					stake: (open) => ({ unitsMilli: 0, minor: worthOf([...records].filter(({ hash }) => open.has(hash))) }),
					choices: () => [{ id: 'acknowledge', label: 'Acknowledge', effect: { does: 'nothing' } }],
				},
				context,
			);
			return conflict === undefined ? [] : [conflict];
		});
}

/** What they add to the day, whichever way. */
function worthOf(records: readonly EntryRecord[]): number {
	const tally = createTally();
	for (const { entry } of records) for (const fact of knownFacts(entry)) tally.add(fact);
	return Math.abs(takingsMinor(tally.figures()));
}

/** Those that no other of them had seen. */
export function lastOf(records: readonly EntryRecord[], saw: (a: EntryRecord, b: EntryRecord) => boolean): readonly EntryRecord[] {
	return records.filter((one) => !records.some((other) => other !== one && saw(other, one)));
}

/**
 * A trading day of the branch: what all its tills took. A fold, unnumbered; a sale costs it a place in a list.
 *
 * 1. A day is the sum of its receipts, whoever rang them up and whenever they arrived, less those that corrections took back.
 * 2. What the last report of the day had not seen is an addition. Of reports that did not know each other each is a last one.
 */
import { findLateAfterZ, lastOf } from '#core/conflict/late-after-z.ts';
import { compareText } from '#core/entry/order.ts';
import { createTally, figuresSchema, isReceipt, takingsMinor, type Figures, type Tally } from '#core/shift/figures.ts';
import type { DeviceId, EntryHash, PersonId, TradingDay } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book } from './book.ts';

export interface DayState {
	readonly day: TradingDay;
	readonly figures: Figures;
	readonly takingsMinor: number;
	/** In order of the devices. */
	readonly tills: readonly { readonly device: DeviceId; readonly figures: Figures; readonly takingsMinor: number }[];
	/** Receipts that a correction took back: not in the figures. */
	readonly takenBack: readonly EntryHash[];
	/** In ledger order. */
	readonly reports: readonly DayReport[];
	/** Receipts that the last report lacks. In ledger order. */
	readonly additions: readonly EntryHash[];
}

export interface DayReport {
	readonly entry: EntryHash;
	readonly device: DeviceId;
	readonly by: PersonId;
	readonly atMs: number;
	/** As it was printed. */
	readonly takingsMinor: number;
	readonly receipts: number;
}

const hash = v.pipe(
	v.string(),
	v.transform((text) => text as EntryHash),
);
const sum = v.strictObject({
	tills: v.array(
		v.strictObject({
			device: v.pipe(
				v.string(),
				v.transform((text) => text as DeviceId),
			),
			figures: figuresSchema,
		}),
	),
	takenBack: v.array(hash),
	reports: v.array(
		v.strictObject({
			entry: hash,
			device: v.pipe(
				v.string(),
				v.transform((text) => text as DeviceId),
			),
			by: v.pipe(
				v.string(),
				v.transform((text) => text as PersonId),
			),
			...{ atMs: v.number(), takingsMinor: v.number(), receipts: v.number() },
		}),
	),
	additions: v.array(hash),
});

export const days: Book<TradingDay, DayState, v.InferOutput<typeof sum>> = {
	reads: ['sale.completed', 'refund.completed', 'exchange.completed', 'drawer.opened', 'day.reported'],
	subjectsOf: (fact, { header }) => [fact.type === 'day.reported' ? fact.day : header.tradingDay],
	fold(day, changes, { saw, correctedBy }, before) {
		const tills = new Map<DeviceId, Tally>(before?.tills.map(({ device, figures }) => [device, createTally(figures)]));
		const reports: DayReport[] = [...(before?.reports ?? [])];
		const takenBack: EntryHash[] = [...(before?.takenBack ?? [])];
		const lastReports = lastOf(
			changes.flatMap(({ record, fact }) => (fact.type === 'day.reported' ? [record] : [])),
			saw,
		);
		const isReported = lastReports.length > 0 || reports.length > 0;
		// Whatever comes after a checkpoint had seen all that lies below: a new report knows the additions of before.
		const additions: EntryHash[] = lastReports.length > 0 ? [] : [...(before?.additions ?? [])];
		for (const { record, fact } of changes) {
			const { header } = record;
			if (fact.type === 'day.reported') {
				const { takingsMinor: shownMinor, receipts } = fact;
				reports.push({ entry: record.hash, device: header.device, by: header.by, atMs: header.at, takingsMinor: shownMinor, receipts });
				continue;
			}
			if (isReceipt(fact) && correctedBy(record) !== undefined) {
				takenBack.push(record.hash);
				continue;
			}
			if (isReceipt(fact) && isReported && (lastReports.length === 0 || lastReports.some((report) => !saw(report, record))))
				additions.push(record.hash);
			let tally = tills.get(header.device);
			if (tally === undefined) tills.set(header.device, (tally = createTally()));
			tally.add(fact);
		}
		const whole = createTally();
		const byTill = [...tills]
			.sort(([a], [b]) => compareText(a, b))
			.map(([device, tally]) => {
				const figures = tally.figures();
				whole.addFigures(figures);
				// Of several tills the first and last number say nothing.
				return { device, figures, takingsMinor: takingsMinor(figures) };
			});
		const { receipts: _receipts, ...figures } = whole.figures();
		return { day, figures, takingsMinor: takingsMinor(figures), tills: byTill, takenBack, reports, additions };
	},
	alarms: ['day.reported'],
	conflicts: findLateAfterZ,
	asksWhoSaw: true,
	sum: {
		schema: sum,
		of: ({ tills, takenBack, reports, additions }) => ({
			tills: tills.map(({ device, figures }) => ({ device, figures })),
			...{ takenBack: [...takenBack], reports: reports.map((report) => ({ ...report })), additions: [...additions] },
		}),
	},
};

/**
 * Trading days of the branch over all tills: the list, and one in full.
 *
 * 1. A day's figures are the fold's. Who took what, and in which hour, is summed from the receipts that are here, and shown only where they come to the day.
 * 2. What came after the last report is listed by itself; no report is ever rewritten.
 */
import { compareText } from '#core/entry/order.ts';
import type { DayState } from '#core/ledger/books/days.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { createTally, isReceipt, takingsMinor } from '#core/shift/figures.ts';
import { clockTimeOf } from '#core/time.ts';
import type { Entry } from '#schemas/entry.ts';
import type { PersonId, TradingDay } from '#schemas/ids.ts';
import { figuresRow, named, personName } from './drawers.ts';
import type { DayReportRow, DayRow } from './rows.ts';
import { deviceName } from './shop.ts';

export function dayRows(ledger: Ledger, limit: number): readonly DayRow[] {
	return ledger.state.books.days
		.values()
		.map(dayRow)
		.sort((a, b) => compareText(b.day, a.day))
		.slice(0, limit);
}

export function dayReportRow(ledger: Ledger, day: TradingDay): DayReportRow | undefined {
	const state = ledger.state.books.days.get(day);
	if (state === undefined) return undefined;
	const { figures, tills, reports, additions, takenBack } = state;
	return {
		...dayRow(state),
		figures: figuresRow(ledger, figures),
		tills: tills
			.map(({ device, figures: ofTill }) => ({ device, name: deviceName(ledger, device), figures: figuresRow(ledger, ofTill, device) }))
			.sort((a, b) => compareText(a.name, b.name)),
		...whoAndWhen(ledger, state),
		reports: reports.map(({ atMs, device, by, takingsMinor: shownMinor }) => ({
			...{ atMs, deviceName: deviceName(ledger, device), ...named('by', personName(ledger, by)), takingsMinor: shownMinor },
		})),
		late: additions.flatMap((hash) => {
			const entry = ledger.entry(hash);
			return entry === undefined ? [] : lateRow(ledger, entry);
		}),
		takenBack: takenBack.length,
	};
}

function dayRow({ day, figures, takingsMinor: dayMinor, reports, additions }: DayState): DayRow {
	const last = reports.at(-1);
	return {
		...{ day, takingsMinor: dayMinor, receipts: figures.sales.count + figures.refunds.count, additions: additions.length },
		...(last === undefined ? {} : { reportedAtMs: last.atMs }),
	};
}

function lateRow(ledger: Ledger, { hash, header, facts }: Entry): DayReportRow['late'] {
	return facts.flatMap((fact) => {
		if ('unknown' in fact || 'invalid' in fact || !isReceipt(fact)) return [];
		const tally = createTally();
		tally.add(fact);
		return {
			...{ entry: hash, number: printReceipt(fact.receipt), deviceName: deviceName(ledger, header.device), atMs: header.at },
			takingsMinor: takingsMinor(tally.figures()),
		};
	});
}

interface Sum {
	receipts: number;
	takingsMinor: number;
}

function whoAndWhen(
	ledger: Ledger,
	{ day, takenBack, figures, takingsMinor: dayMinor }: DayState,
): Pick<DayReportRow, 'people' | 'hours' | 'isWhole'> {
	const timeZone = ledger.state.settings.value('timeZone') ?? 'UTC';
	const gone = new Set(takenBack);
	const people = new Map<PersonId, Sum>();
	const hours = new Map<number, Sum>();
	const seen = createTally();
	for (const { hash, header, facts } of ledger.entries()) {
		if (
			header.tradingDay !== day ||
			header.scope !== 'branch' ||
			gone.has(hash) ||
			(!ledger.state.sales.has(hash) && !ledger.state.refunds.has(hash))
		)
			continue;
		for (const fact of facts) {
			if ('unknown' in fact || 'invalid' in fact || !isReceipt(fact)) continue;
			const tally = createTally();
			tally.add(fact);
			const minor = takingsMinor(tally.figures());
			seen.add(fact);
			add(people, header.by, minor);
			add(hours, Number(clockTimeOf(header.at, timeZone).slice(0, 2)), minor);
		}
	}
	const { sales, refunds } = seen.figures();
	// An even exchange that is not here takes nothing away, and is missing all the same.
	if (sales.count !== figures.sales.count || refunds.count !== figures.refunds.count || takingsMinor({ sales, refunds }) !== dayMinor)
		return { people: [], hours: [], isWhole: false };
	return {
		people: [...people]
			.map(([person, sum]) => ({ ...named('name', personName(ledger, person)), ...sum }))
			.sort((a, b) => b.takingsMinor - a.takingsMinor || compareText(a.name ?? '', b.name ?? '')),
		hours: inARow(hours, ledger.state.settings.value('dayStartMinutes') ?? 0),
		isWhole: true,
	};
}

function add<Key>(sums: Map<Key, Sum>, key: Key, minor: number): void {
	const sum = sums.get(key) ?? { receipts: 0, takingsMinor: 0 };
	sums.set(key, { receipts: sum.receipts + 1, takingsMinor: sum.takingsMinor + minor });
}

/** In the order in which the trading day runs: a bar's 01:00 comes after its 23:00. */
function inARow(hours: ReadonlyMap<number, Sum>, dayStartMinutes: number): DayReportRow['hours'] {
	const first = Math.floor(dayStartMinutes / 60);
	const all = Array.from({ length: 24 }, (_, place) => (first + place) % 24);
	const there = all.flatMap((hour, place) => (hours.has(hour) ? [place] : []));
	const [from = 0, to = -1] = [there[0], there.at(-1)];
	return all.slice(from, to + 1).map((hour) => ({ hour, ...(hours.get(hour) ?? { receipts: 0, takingsMinor: 0 }) }));
}

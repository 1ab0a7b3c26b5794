/**
 * What branches took in a day, a week or a month, beside the time before and the year before, from sums that the relay made.
 *
 * 1. What is not over is compared with as much of the time before: the hours of today that are over, the days of a week or month before today. Each branch by
 *    its own clock.
 * 2. A day of the year before is the same day of the week, 52 weeks ago; a month is the same month.
 * 3. Rows of another currency are left out.
 */
import { changeMille } from '../reports.ts';
import { daysOf, spanOf, steppedDay, type Span, type SpanKind } from '#core/trading-span.ts';
import type { TradingDay } from '#schemas/ids.ts';
import type { RecordRow } from '#schemas/wire/owner-pages.ts';
import { minorOf, numberOf, textOf, type OwnerBranch, type Scope } from './branches.ts';

export interface Spans {
	readonly now: Span;
	/** The same day of the week before; the week, the month before. */
	readonly before: Span;
	readonly year: Span;
}
export type Beside = Exclude<keyof Spans, 'now'>;

export function spansOf(kind: SpanKind, day: TradingDay): Spans {
	const now = spanOf(kind, day);
	const isMonth = kind === 'month';
	return {
		now,
		before: spanOf(kind, isMonth ? steppedDay('month', now.from, -1) : steppedDay('day', now.from, -7)),
		year: spanOf(kind, isMonth ? steppedDay('month', now.from, -12) : steppedDay('day', now.from, -364)),
	};
}

export interface TakingsSums {
	readonly takingsMinor: number;
	readonly sales: number;
	readonly refunds: number;
	readonly taxMinor: number;
	readonly discountsMinor: number;
}

export interface Takings {
	readonly kind: SpanKind;
	readonly sums: TakingsSums;
	/** Of as much of the time as is compared, on both sides. */
	readonly compared: Readonly<Record<Beside, Compared>>;
	/** Somewhere it is not over. */
	readonly isOngoing: boolean;
	/** By hour of a day, else by day. */
	readonly times: readonly TakingsTime[];
	/** The most taken first. */
	readonly branches: readonly BranchTakings[];
}

export interface Compared {
	readonly thenMinor: number;
	/** Tenths of a percent; absent where nothing was taken then. */
	readonly changeMille?: number;
}

export interface TakingsTime {
	readonly hour?: number;
	readonly day?: TradingDay;
	/** Absent: still to come. */
	readonly takingsMinor?: number;
	readonly beforeMinor: number;
	readonly yearMinor: number;
}

export interface BranchTakings {
	readonly branch: string;
	readonly name: string;
	readonly sums: TakingsSums;
	readonly compared: Readonly<Record<Beside, Compared>>;
}

/** `rows`: of the view `takings_by_hour`, added up by branch, currency and hour (of a day) or trading day. */
export function takings(kind: SpanKind, spans: Spans, scope: Scope, rows: Readonly<Record<keyof Spans, readonly RecordRow[]>>): Takings {
	const cells = {
		now: cellsOf(kind, spans.now, scope, rows.now),
		before: cellsOf(kind, spans.before, scope, rows.before),
		year: cellsOf(kind, spans.year, scope, rows.year),
	};
	const isOver = new Map(scope.branches.map((branch) => [branch.branch as string, placesOver(kind, spans.now, branch)]));
	const until = (cell: Cell): boolean => cell.place < (isOver.get(cell.branch) ?? Infinity);
	const comparedOf = (of: (cell: Cell) => boolean): Record<Beside, Compared> => {
		const nowMinor = sumOf(cells.now, (cell) => of(cell) && until(cell));
		const beside = (name: Beside): Compared => {
			const thenMinor = sumOf(cells[name], (cell) => of(cell) && until(cell));
			const change = changeMille(nowMinor, thenMinor);
			return { thenMinor, ...(change === undefined ? {} : { changeMille: change }) };
		};
		return { before: beside('before'), year: beside('year') };
	};
	const ongoing = scope.branches.filter(({ today }) => spans.now.from <= today && today <= spans.now.to);
	return {
		kind,
		sums: sumsOf(cells.now),
		compared: comparedOf(() => true),
		isOngoing: ongoing.length > 0,
		times: timesOf(kind, spans, scope, cells, ongoing),
		branches: scope.branches
			.map(({ branch, name }) => ({
				...{ branch, name, sums: sumsOf(cells.now.filter((cell) => cell.branch === branch)), compared: comparedOf((cell) => cell.branch === branch) },
			}))
			.sort((a, b) => b.sums.takingsMinor - a.sums.takingsMinor),
	};
}

/** What a branch took in one hour or on one day. `place`: the how manyth of its span. */
interface Cell extends TakingsSums {
	readonly branch: string;
	readonly place: number;
}

function cellsOf(kind: SpanKind, span: Span, { branches, currency }: Scope, rows: readonly RecordRow[]): readonly Cell[] {
	const known = new Map(branches.map((one) => [one.branch as string, one]));
	const days = daysOf(span);
	return rows.flatMap((row) => {
		const branch = known.get(textOf(row, 'branch'));
		if (branch === undefined || row['currency'] !== currency.code) return [];
		return [
			{
				branch: branch.branch,
				place: kind === 'day' ? placeOfHour(numberOf(row, 'hour'), branch) : days.indexOf(textOf(row, 'trading_day') as TradingDay),
				...{ takingsMinor: minorOf(row, 'takings', currency), sales: numberOf(row, 'sales'), refunds: numberOf(row, 'refunds') },
				...{ taxMinor: minorOf(row, 'tax', currency), discountsMinor: minorOf(row, 'discounts', currency) },
			},
		];
	});
}

/** A day runs from its first hour, which need not be midnight. */
function placeOfHour(hour: number, { firstHour }: Pick<OwnerBranch, 'firstHour'>): number {
	return (hour - firstHour + 24) % 24;
}

/** How many hours, or days, of the span are over there. */
function placesOver(kind: SpanKind, span: Span, { today, hoursOver }: OwnerBranch): number {
	if (today > span.to) return Infinity;
	if (today < span.from) return 0;
	return kind === 'day' ? hoursOver : daysOf(span).indexOf(today);
}

function timesOf(
	kind: SpanKind,
	{ now }: Spans,
	{ branches }: Scope,
	cells: Readonly<Record<keyof Spans, readonly Cell[]>>,
	ongoing: readonly OwnerBranch[],
): readonly TakingsTime[] {
	const days = daysOf(now);
	const all = [...cells.now, ...cells.before, ...cells.year].map(({ place }) => place);
	const [from, to] = kind === 'day' ? (all.length === 0 ? [0, -1] : [Math.min(...all), Math.max(...all)]) : [0, days.length - 1];
	// What is still to come is so everywhere.
	const reached = branches.length > ongoing.length ? Infinity : Math.max(...ongoing.map((branch) => placesOver(kind, now, branch)));
	const firstHour = branches[0]?.firstHour ?? 0;
	const times: TakingsTime[] = [];
	for (let place = from; place <= to; place += 1) {
		const at = (name: keyof Spans): number => sumOf(cells[name], (cell) => cell.place === place);
		const day = days[place];
		times.push({
			...(kind === 'day' ? { hour: (place + firstHour) % 24 } : day === undefined ? {} : { day }),
			...(place > reached ? {} : { takingsMinor: at('now') }),
			...{ beforeMinor: at('before'), yearMinor: at('year') },
		});
	}
	return times;
}

function sumOf(cells: readonly Cell[], counts: (cell: Cell) => boolean): number {
	return cells.reduce((sum, cell) => sum + (counts(cell) ? cell.takingsMinor : 0), 0);
}

function sumsOf(cells: readonly Cell[]): TakingsSums {
	const add = (of: (cell: Cell) => number): number => cells.reduce((sum, cell) => sum + of(cell), 0);
	return {
		...{ takingsMinor: add((one) => one.takingsMinor), sales: add((one) => one.sales), refunds: add((one) => one.refunds) },
		...{ taxMinor: add((one) => one.taxMinor), discountsMinor: add((one) => one.discountsMinor) },
	};
}

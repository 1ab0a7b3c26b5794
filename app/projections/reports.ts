/**
 * What was taken in a day, a week or a month of the branch, beside the time before; of everything, of one product, or of one person.
 *
 * 1. Sums of everything are the fold's (`books/days`), also of days whose receipts are no longer here. By hour, product, category and person is summed from
 *    the receipts that are here; days whose receipts do not come to the fold's sums are left out of that and counted (`daysWithoutDetail`).
 * 2. What is not over yet is compared with as much of the time before: a Monday at noon with the Monday before up to noon.
 * 3. Takings by product are of the lines: cash rounding belongs to no product. A margin is what was taken without tax, less what the goods had cost when they
 *    were sold; of a product whose cost nobody said it is absent, and goods that came back and did not go on the shelf again are lost.
 */
import { costAtE4 } from '#core/cost.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { roundHalfEven } from '#core/money.ts';
import { createTally, isReceipt, takingsMinor, type Figures, type ReceiptFact } from '#core/shift/figures.ts';
import { clockTimeOf, dayBeginsMs, tradingDayOf } from '#core/time.ts';
import { daysOf, spanBefore, spanOf, type Against, type Span, type SpanKind } from '#core/trading-span.ts';
import type { Entry } from '#schemas/entry.ts';
import type { PersonId, Sku, TradingDay } from '#schemas/ids.ts';
import { figuresRow, named, personName } from './drawers.ts';
import type { GoodsContext } from './goods.ts';
import type { FiguresRow } from './rows.ts';

export interface ReportAsk {
	readonly kind: SpanKind;
	/** Any day of it; absent: of now. */
	readonly day?: TradingDay;
	readonly against: Against;
	/** Of this product, or what this person rang up. */
	readonly sku?: Sku;
	readonly person?: PersonId;
}

export interface ReportRow extends Span {
	readonly kind: SpanKind;
	readonly today: TradingDay;
	/** The first day on which anything was taken; absent: nothing ever was. */
	readonly firstDay?: TradingDay;
	/** It is not over: the time before is compared up to this moment. */
	readonly isOngoing: boolean;
	/** What it is of, in words; absent for everything. `name` is absent for a person whom nobody named. */
	readonly of?: { readonly what: 'product' | 'person'; readonly name?: string };
	readonly sums: ReportSums;
	/** Absent where nothing is known of the time before. */
	readonly before?: Span & { readonly sums: ReportSums };
	/** By hour of a day, else by day. */
	readonly times: readonly ReportTime[];
	/** Tenders, taxes, rounding: of a product there are none. */
	readonly figures?: FiguresRow;
	/** The most taken first. */
	readonly products: readonly ReportProduct[];
	readonly categories: readonly { readonly name: string; readonly takingsMinor: number; readonly quantityMilli: number }[];
	readonly people: readonly ReportPerson[];
	/** On the shelf for the whole time, the least sold first; none for one product or person. */
	readonly slow: readonly SlowProduct[];
	/** Days of it whose receipts are not here any more. */
	readonly daysWithoutDetail: number;
}

export interface ReportSums {
	readonly takingsMinor: number;
	/** Sales, an exchange among them; of a product the receipts that have it. */
	readonly sales: number;
	/** What a sale came to on average; absent without any, and of a product. */
	readonly basketMinor?: number;
	readonly taxMinor: number;
	readonly discountsMinor: number;
	readonly refunds: { readonly count: number; readonly minor: number };
	/** Of one product: how much of it, less what came back. */
	readonly quantityMilli?: number;
	/** Of the goods whose cost is known; absent where none is. `netMinor`: what those goods brought without tax. */
	readonly margin?: { readonly minor: number; readonly netMinor: number };
}

export interface ReportTime {
	readonly hour?: number;
	readonly day?: TradingDay;
	/** Absent: it is still to come. */
	readonly takingsMinor?: number;
	readonly sales?: number;
	readonly beforeMinor?: number;
}

export interface ReportProduct {
	/** Absent for open items, each by its name. */
	readonly sku?: Sku;
	readonly name: string;
	readonly category: string;
	readonly unit: 'each' | 'kg';
	readonly quantityMilli: number;
	readonly takingsMinor: number;
	readonly marginMinor?: number;
	/** Of what was taken without tax, in tenths of a percent. */
	readonly marginMille?: number;
}

export interface ReportPerson {
	readonly person: PersonId;
	readonly name?: string;
	readonly sales: number;
	readonly takingsMinor: number;
	readonly basketMinor?: number;
	readonly discountsMinor: number;
	readonly refunds: { readonly count: number; readonly minor: number };
}

export interface SlowProduct {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly quantityMilli: number;
	readonly onHandMilli: number;
	/** As far as receipts are here. */
	readonly lastSoldAtMs?: number;
}

const SLOW_SHOWN = 10;

export function report({ ledger, nowMs, onHandMilli }: GoodsContext, ask: ReportAsk): ReportRow {
	const { books, settings } = ledger.state;
	const [timeZone, dayStartMinutes] = [settings.value('timeZone') ?? 'UTC', settings.value('dayStartMinutes') ?? 0];
	const today = tradingDayOf(nowMs, timeZone, dayStartMinutes);
	const span = spanOf(ask.kind, ask.day ?? today);
	const earlier = spanBefore(ask.kind, span, ask.against);
	const isOngoing = span.from <= today && today <= span.to;
	const cut = isOngoing ? cutOf(span, earlier, today, nowMs, timeZone, dayStartMinutes) : undefined;

	const firstDay = books.days
		.values()
		.reduce<TradingDay | undefined>((first, { day }) => (first === undefined || day < first ? day : first), undefined);
	const isOfAll = ask.sku === undefined && ask.person === undefined;
	const [now, before] = [createSheet(ledger, ask, timeZone), createSheet(ledger, ask, timeZone)];
	const lastSold = readReceipts(ledger, [
		{ span, sheet: now },
		{ span: earlier, sheet: before, cut },
	]);
	const { whole, missing } = detailOf(ledger, span, now);
	const { missing: missingBefore } = detailOf(ledger, earlier, before);
	now.keep(whole);

	const sums = isOfAll ? { ...sumsOf(figuresOfDays(ledger, span)), ...now.marginOf() } : now.sums();
	const isBeforeKnown = firstDay !== undefined && earlier.to >= firstDay;
	// What was cut, or asked of a part, is summed from receipts: all of them have to be here.
	const beforeSums = !isBeforeKnown
		? undefined
		: isOfAll && cut === undefined
			? { ...sumsOf(figuresOfDays(ledger, earlier)), ...(missingBefore === 0 ? before.marginOf() : {}) }
			: missingBefore === 0
				? before.sums()
				: undefined;
	const person = ask.person === undefined ? undefined : personName(ledger, ask.person);
	return {
		...span,
		...{ kind: ask.kind, today, isOngoing, sums, daysWithoutDetail: missing },
		...(firstDay === undefined ? {} : { firstDay }),
		...(ask.sku !== undefined ? { of: { what: 'product' as const, name: ledger.state.products.get(ask.sku)?.name.value ?? ask.sku } } : {}),
		...(ask.person !== undefined ? { of: { what: 'person' as const, ...named('name', person) } } : {}),
		...(beforeSums === undefined ? {} : { before: { ...earlier, sums: beforeSums } }),
		times:
			ask.kind === 'day'
				? hoursOf(now, before, beforeSums, dayStartMinutes)
				: dayTimes(ledger, isOfAll, { span, now }, { earlier, before, beforeSums, cut }, today),
		...(ask.sku === undefined ? { figures: figuresRow(ledger, isOfAll ? figuresOfDays(ledger, span) : now.figures()) } : {}),
		...{ products: now.products(), categories: now.categories(), people: now.people() },
		slow: isOfAll && missing === 0 && span.from <= today ? slowOf(ledger, span, now, lastSold, onHandMilli, timeZone, dayStartMinutes) : [],
	};
}

/** Tenths of a percent more (or, below zero, less) than before; of nothing there is no part. */
export function changeMille(now: number, before: number): number | undefined {
	return partMille(now - before, before);
}

/** Tenths of a percent of the whole. */
export function partMille(part: number, whole: number): number | undefined {
	return whole <= 0 ? undefined : roundHalfEven(BigInt(part) * 1000n, BigInt(whole));
}

/** A day of the time before, and the moment on it up to which it counts; days after it do not count at all. */
interface Cut {
	readonly day: TradingDay;
	readonly untilMs: number;
}

function cutOf(span: Span, earlier: Span, today: TradingDay, nowMs: number, timeZone: string, dayStartMinutes: number): Cut {
	const place = daysOf(span).indexOf(today);
	const days = daysOf(earlier);
	// The 31st has no counterpart in a month of thirty days, which is compared whole.
	const day = days[place];
	if (day === undefined) return { day: earlier.to, untilMs: Infinity };
	const elapsedMs = nowMs - dayBeginsMs(today, timeZone, dayStartMinutes);
	const untilMs = dayBeginsMs(day, timeZone, dayStartMinutes) + elapsedMs;
	// Clocks may have been put forward or back on either day: noon is compared with noon.
	return { day, untilMs: untilMs - aheadMinutes(minutesOf(untilMs, timeZone), minutesOf(nowMs, timeZone)) * 60_000 };
}

const DAY_MINUTES = 24 * 60;

/** How far the one time on the wall is ahead of the other, the short way round midnight. */
function aheadMinutes(one: number, other: number): number {
	const half = DAY_MINUTES / 2;
	return ((one - other + DAY_MINUTES + half) % DAY_MINUTES) - half;
}

/** Since midnight, on the clock on the wall. */
function minutesOf(atMs: number, timeZone: string): number {
	const [hours = 0, minutes = 0] = clockTimeOf(atMs, timeZone).split(':').map(Number);
	return hours * 60 + minutes;
}

type Sheet = ReturnType<typeof createSheet>;

/** One walk over what is here. Answers when each product was last sold. */
function readReceipts(
	ledger: Ledger,
	parts: readonly { readonly span: Span; readonly sheet: Sheet; readonly cut?: Cut | undefined }[],
): ReadonlyMap<Sku, number> {
	const lastSold = new Map<Sku, number>();
	const takenBack = new Set(ledger.state.books.days.values().flatMap((day) => day.takenBack));
	const { sales, refunds } = ledger.state;
	for (const entry of ledger.entries()) {
		const { hash, header, facts } = entry;
		if (header.scope !== 'branch' || takenBack.has(hash) || (!sales.has(hash) && !refunds.has(hash))) continue;
		for (const fact of facts) {
			if ('unknown' in fact || 'invalid' in fact || !isReceipt(fact)) continue;
			if (fact.type !== 'refund.completed')
				for (const { sku } of fact.lines) if (sku !== undefined) lastSold.set(sku, Math.max(header.at, lastSold.get(sku) ?? 0));
			for (const { span, sheet, cut } of parts) {
				if (header.tradingDay < span.from || header.tradingDay > span.to) continue;
				const isCut = cut !== undefined && (header.tradingDay > cut.day || (header.tradingDay === cut.day && header.at > cut.untilMs));
				sheet.add(entry, fact, isCut);
			}
		}
	}
	return lastSold;
}

/** The days of a span whose receipts are all here, and how many are not. */
function detailOf(ledger: Ledger, span: Span, sheet: Sheet): { readonly whole: ReadonlySet<TradingDay>; readonly missing: number } {
	const days = daysOf(span);
	const whole = new Set(
		days.filter((day) => {
			const state = ledger.state.books.days.get(day);
			const seen = sheet.seen(day);
			if (state === undefined) return true;
			const { sales, refunds } = state.figures;
			return sales.count === seen.sales.count && refunds.count === seen.refunds.count && takingsMinor(seen) === state.takingsMinor;
		}),
	);
	return { whole, missing: days.length - whole.size };
}

function figuresOfDays(ledger: Ledger, span: Span): Figures {
	const tally = createTally();
	for (const day of daysOf(span)) {
		const state = ledger.state.books.days.get(day);
		if (state !== undefined) tally.addFigures({ ...createTally().figures(), ...state.figures });
	}
	return tally.figures();
}

function sumsOf(figures: Figures): ReportSums {
	const { sales, refunds, taxes, discountsMinor } = figures;
	return {
		...{ takingsMinor: takingsMinor(figures), sales: sales.count, refunds, discountsMinor },
		...basketOf(sales),
		taxMinor: taxes.reduce((sum, { taxMinor }) => sum + taxMinor, 0),
	};
}

function basketOf({ count, minor }: Figures['sales']): { readonly basketMinor?: number } {
	return count === 0 ? {} : { basketMinor: roundHalfEven(BigInt(minor), BigInt(count)) };
}

/** A line of a receipt, signed: what came back is below zero. */
interface Line {
	readonly sku: Sku | undefined;
	readonly name: string;
	readonly quantityMilli: number;
	readonly grossMinor: number;
	readonly taxMinor: number;
	readonly discountsMinor: number;
	/** Of what left or came back to the shelf, in minor units; undefined where nobody knows. */
	readonly costMinor: number | undefined;
}

function linesOf(ledger: Ledger, { header }: Entry, fact: ReceiptFact): readonly Line[] {
	const { products, settings, books } = ledger.state;
	const digits = settings.value('currency')?.digits ?? 2;
	const taxExcluded = fact.taxExcluded === true;
	const costOf = (sku: Sku, quantityMilli: number): number | undefined => {
		const costE4 = costAtE4(books.costs.get(sku), header.at);
		return costE4 === undefined ? undefined : roundHalfEven(BigInt(costE4) * BigInt(quantityMilli), 1000n * 10n ** BigInt(4 - digits));
	};
	const signed = (line: ReceiptFact['lines'][number], sign: 1 | -1): Line => {
		const { sku, name, quantityMilli, totalMinor, taxMinor, draws } = line;
		const discounts = sign > 0 && 'discounts' in line ? (line.discounts ?? []) : [];
		const isLost = 'restock' in line && !line.restock;
		// A pack costs what is in it, unless packs were bought as such.
		const costMinor =
			sku === undefined ? undefined : (costOf(sku, quantityMilli) ?? (draws === undefined ? undefined : costOf(draws.sku, draws.quantityMilli)));
		return {
			...{ sku: sku === undefined ? undefined : keptSku(products, sku), name, quantityMilli: sign * quantityMilli },
			...{ grossMinor: sign * (totalMinor + (taxExcluded ? taxMinor : 0)), taxMinor: sign * taxMinor },
			discountsMinor: discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
			costMinor: costMinor === undefined ? undefined : isLost ? 0 : sign * costMinor,
		};
	};
	if (fact.type === 'exchange.completed') return [...fact.lines.map((line) => signed(line, 1)), ...fact.returned.map((line) => signed(line, -1))];
	const sign = fact.type === 'refund.completed' ? -1 : 1;
	return fact.lines.map((line) => signed(line, sign));
}

/** Into what it was merged, if it was. */
function keptSku(products: Ledger['state']['products'], sku: Sku): Sku {
	const seen = new Set<Sku>();
	let kept = sku;
	for (let next = products.get(kept)?.mergedInto; next !== undefined && !seen.has(next); next = products.get(kept)?.mergedInto) {
		seen.add(kept);
		kept = next;
	}
	return kept;
}

interface Goods {
	readonly sku: Sku | undefined;
	readonly name: string;
	quantityMilli: number;
	takingsMinor: number;
	netMinor: number;
	/** Undefined: of one of its lines nobody knows. */
	costMinor: number | undefined;
}

/** What was taken in one span. Receipts lie by day until it is known which days are whole (`keep`). */
function createSheet(ledger: Ledger, { sku, person }: Pick<ReportAsk, 'sku' | 'person'>, timeZone: string) {
	const seen = new Map<TradingDay, ReturnType<typeof createTally>>();
	let kept: { readonly entry: Entry; readonly fact: ReceiptFact }[] = [];
	let made: ReturnType<typeof make> | undefined;

	function make() {
		const tally = createTally();
		const byDay = new Map<TradingDay, { takingsMinor: number; sales: number }>();
		const byHour = new Map<number, { takingsMinor: number; sales: number }>();
		const byPerson = new Map<PersonId, { tally: ReturnType<typeof createTally>; takingsMinor: number; sales: number }>();
		const goods = new Map<string, Goods>();
		const part = { sales: 0, taxMinor: 0, discountsMinor: 0, refunds: { count: 0, minor: 0 } };
		for (const { entry, fact } of kept) {
			const { header } = entry;
			const lines = linesOf(ledger, entry, fact).filter((line) => sku === undefined || line.sku === sku);
			if (lines.length === 0 || (person !== undefined && header.by !== person)) continue;
			const own = createTally();
			own.add(fact);
			const figures = own.figures();
			tally.addFigures(figures);
			const takings = sku === undefined ? takingsMinor(figures) : lines.reduce((sum, { grossMinor }) => sum + grossMinor, 0);
			const sales = sku === undefined ? figures.sales.count : lines.some(({ quantityMilli }) => quantityMilli > 0) ? 1 : 0;
			addTo(byDay, header.tradingDay, takings, sales);
			addTo(byHour, Number(clockTimeOf(header.at, timeZone).slice(0, 2)), takings, sales);
			const who = byPerson.get(header.by) ?? { tally: createTally(), takingsMinor: 0, sales: 0 };
			byPerson.set(header.by, who);
			who.tally.addFigures(figures);
			who.takingsMinor += takings;
			who.sales += sales;
			part.sales += sales;
			const backMinor = lines.reduce((sum, { grossMinor, quantityMilli }) => (quantityMilli < 0 ? sum - grossMinor : sum), 0);
			if (lines.some(({ quantityMilli }) => quantityMilli < 0)) part.refunds.count += 1;
			part.refunds.minor += backMinor;
			for (const line of lines) {
				part.taxMinor += line.taxMinor;
				part.discountsMinor += line.discountsMinor;
				addGoods(goods, line);
			}
		}
		return { tally, byDay, byHour, byPerson, goods: [...goods.values()], part };
	}

	const all = (): ReturnType<typeof make> => (made ??= make());
	const categoryOf = (of: Sku | undefined): string => (of === undefined ? '' : (ledger.state.products.get(of)?.category.value ?? ''));

	function marginOf(): Pick<ReportSums, 'margin'> {
		const known = all().goods.filter(({ costMinor }) => costMinor !== undefined);
		if (known.length === 0) return {};
		const netMinor = known.reduce((sum, one) => sum + one.netMinor, 0);
		return { margin: { minor: known.reduce((sum, one) => sum - (one.costMinor ?? 0), netMinor), netMinor } };
	}

	return {
		/** `isCut`: it says that its day is whole, and counts for nothing else. */
		add(entry: Entry, fact: ReceiptFact, isCut: boolean): void {
			const { tradingDay } = entry.header;
			let tally = seen.get(tradingDay);
			if (tally === undefined) seen.set(tradingDay, (tally = createTally()));
			tally.add(fact);
			if (!isCut) kept.push({ entry, fact });
		},
		seen: (day: TradingDay): Figures => (seen.get(day) ?? createTally()).figures(),
		keep(days: ReadonlySet<TradingDay>): void {
			kept = kept.filter(({ entry }) => days.has(entry.header.tradingDay));
			made = undefined;
		},
		figures: (): Figures => all().tally.figures(),
		marginOf,
		sums(): ReportSums {
			if (sku === undefined) return { ...sumsOf(all().tally.figures()), ...marginOf() };
			const { goods, part } = all();
			return {
				...{ takingsMinor: goods.reduce((sum, one) => sum + one.takingsMinor, 0), ...part, ...marginOf() },
				quantityMilli: goods.reduce((sum, one) => sum + one.quantityMilli, 0),
			};
		},
		byDay: () => all().byDay,
		byHour: () => all().byHour,
		products: (): readonly ReportProduct[] =>
			all()
				.goods.map(({ sku: of, name, quantityMilli, takingsMinor: minor, netMinor, costMinor }): ReportProduct => {
					const product = of === undefined ? undefined : ledger.state.products.get(of);
					const marginMinor = costMinor === undefined ? undefined : netMinor - costMinor;
					const marginMille = marginMinor === undefined ? undefined : partMille(marginMinor, netMinor);
					return {
						...(of === undefined ? {} : { sku: of }),
						...{
							name: product?.name.value ?? name,
							category: categoryOf(of),
							unit: product?.unit.value ?? 'each',
							quantityMilli,
							takingsMinor: minor,
						},
						...(marginMinor === undefined ? {} : { marginMinor }),
						...(marginMille === undefined ? {} : { marginMille }),
					};
				})
				.sort((a, b) => b.takingsMinor - a.takingsMinor || compareText(a.name, b.name)),
		categories(): ReportRow['categories'] {
			const sums = new Map<string, { name: string; takingsMinor: number; quantityMilli: number }>();
			for (const { sku: of, takingsMinor: minor, quantityMilli } of all().goods) {
				const name = categoryOf(of);
				const sum = sums.get(name) ?? { name, takingsMinor: 0, quantityMilli: 0 };
				sums.set(name, { name, takingsMinor: sum.takingsMinor + minor, quantityMilli: sum.quantityMilli + quantityMilli });
			}
			return [...sums.values()].sort((a, b) => b.takingsMinor - a.takingsMinor || compareText(a.name, b.name));
		},
		people: (): readonly ReportPerson[] =>
			[...all().byPerson]
				.map(([by, { tally, takingsMinor: minor, sales }]): ReportPerson => {
					const figures = tally.figures();
					return {
						...{ person: by, ...named('name', personName(ledger, by)), sales, takingsMinor: minor },
						...(sku === undefined ? basketOf(figures.sales) : {}),
						...{ discountsMinor: figures.discountsMinor, refunds: figures.refunds },
					};
				})
				.sort((a, b) => b.takingsMinor - a.takingsMinor || compareText(a.name ?? '', b.name ?? '')),
		quantities: (): ReadonlyMap<Sku, number> =>
			new Map(all().goods.flatMap((one) => (one.sku === undefined ? [] : [[one.sku, one.quantityMilli] as const]))),
	};
}

function addGoods(goods: Map<string, Goods>, { sku, name, quantityMilli, grossMinor, taxMinor, costMinor }: Line): void {
	const key = sku ?? `\n${name}`;
	const sum = goods.get(key);
	if (sum === undefined) {
		goods.set(key, { sku, name, quantityMilli, takingsMinor: grossMinor, netMinor: grossMinor - taxMinor, costMinor });
		return;
	}
	sum.quantityMilli += quantityMilli;
	sum.takingsMinor += grossMinor;
	sum.netMinor += grossMinor - taxMinor;
	sum.costMinor = sum.costMinor === undefined || costMinor === undefined ? undefined : sum.costMinor + costMinor;
}

function addTo<Key>(sums: Map<Key, { takingsMinor: number; sales: number }>, key: Key, minor: number, sales: number): void {
	const sum = sums.get(key);
	if (sum === undefined) sums.set(key, { takingsMinor: minor, sales });
	else {
		sum.takingsMinor += minor;
		sum.sales += sales;
	}
}

/** From the first hour of either day to the last, in the order in which a trading day runs: a bar's 01:00 comes after its 23:00. */
function hoursOf(now: Sheet, before: Sheet, beforeSums: ReportSums | undefined, dayStartMinutes: number): readonly ReportTime[] {
	const first = Math.floor(dayStartMinutes / 60);
	const [own, other] = [now.byHour(), beforeSums === undefined ? new Map<number, { takingsMinor: number }>() : before.byHour()];
	const hours = Array.from({ length: 24 }, (_, place) => (first + place) % 24);
	const there = hours.flatMap((hour, place) => (own.has(hour) || other.has(hour) ? [place] : []));
	const [from = 0, to = -1] = [there[0], there.at(-1)];
	return hours.slice(from, to + 1).map((hour) => ({
		...{ hour, takingsMinor: own.get(hour)?.takingsMinor ?? 0, sales: own.get(hour)?.sales ?? 0 },
		...(beforeSums === undefined ? {} : { beforeMinor: other.get(hour)?.takingsMinor ?? 0 }),
	}));
}

function dayTimes(
	ledger: Ledger,
	isOfAll: boolean,
	{ span, now }: { readonly span: Span; readonly now: Sheet },
	{
		earlier,
		before,
		beforeSums,
		cut,
	}: { readonly earlier: Span; readonly before: Sheet; readonly beforeSums: ReportSums | undefined; readonly cut: Cut | undefined },
	today: TradingDay,
): readonly ReportTime[] {
	const { days } = ledger.state.books;
	const daysBefore = daysOf(earlier);
	// A day that is over is the fold's, whether its receipts are here or not; one that was cut is summed from receipts.
	const beforeOn = (day: TradingDay | undefined): number | undefined => {
		if (day === undefined || beforeSums === undefined || (cut !== undefined && day > cut.day)) return undefined;
		return (isOfAll && day !== cut?.day ? days.get(day)?.takingsMinor : before.byDay().get(day)?.takingsMinor) ?? 0;
	};
	return daysOf(span).map((day, place) => {
		const beforeMinor = beforeOn(daysBefore[place]);
		const state = days.get(day);
		const own = now.byDay().get(day);
		const taken = isOfAll
			? { takingsMinor: state?.takingsMinor ?? 0, sales: state?.figures.sales.count ?? 0 }
			: (own ?? { takingsMinor: 0, sales: 0 });
		return { day, ...(day > today ? {} : taken), ...(beforeMinor === undefined ? {} : { beforeMinor }) };
	});
}

function slowOf(
	ledger: Ledger,
	{ from }: Span,
	now: Sheet,
	lastSold: ReadonlyMap<Sku, number>,
	onHandMilli: GoodsContext['onHandMilli'],
	timeZone: string,
	dayStartMinutes: number,
): readonly SlowProduct[] {
	const sold = now.quantities();
	const beginsMs = dayBeginsMs(from, timeZone, dayStartMinutes);
	const rows: SlowProduct[] = [];
	for (const { sku, name, unit, tracked, retired, mergedInto, createdAtMs } of ledger.state.products.values()) {
		const leftMilli = onHandMilli(sku);
		// What came into the range meanwhile had no time to sell.
		if (!tracked.value || retired || mergedInto !== undefined || leftMilli <= 0 || createdAtMs >= beginsMs) continue;
		const lastSoldAtMs = lastSold.get(sku);
		rows.push({
			...{ sku, name: name.value, unit: unit.value, quantityMilli: sold.get(sku) ?? 0, onHandMilli: leftMilli },
			...(lastSoldAtMs === undefined ? {} : { lastSoldAtMs }),
		});
	}
	return rows
		.sort(
			(a, b) =>
				a.quantityMilli - b.quantityMilli ||
				(a.lastSoldAtMs ?? 0) - (b.lastSoldAtMs ?? 0) ||
				b.onHandMilli - a.onHandMilli ||
				compareText(a.name, b.name),
		)
		.slice(0, SLOW_SHOWN);
}

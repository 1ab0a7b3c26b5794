/**
 * Rows of the report tables, from the fold of a branch. Pure: the same ledger, the same rows.
 *
 * 1. Nothing is interpreted a second time: what counts, what was taken back and what is on the shelf is the fold's word.
 * 2. Whatever a device wrote, every database holds its row: text without NUL and half characters, by which two ids stay two; days that a calendar has; whole numbers
 *    that a program reads exactly. What is out of bounds is put aside by the fold, and shown as far as it goes.
 */
import { knownFacts } from '#core/conflict/worth.ts';
import type { Ledger, LedgerChange } from '#core/ledger/ledger.ts';
import type { BookName } from '#core/ledger/books/registry.ts';
import type { Movement, RefundState, SaleState } from '#core/ledger/state.ts';
import { ownPriceAt, storePriceAt } from '#core/price.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { paidMinor } from '#core/sale/paid.ts';
import { isTimeZone, tradingDayOf } from '#core/time.ts';
import type { ReportCell, ReportRow } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, Sku, TradingDay } from '#schemas/ids.ts';
import { zFaultWords } from '../ledger/finding-words.ts';
import { REPORTS } from './plan.ts';

/** What has to be read again. */
export interface Dirty {
	readonly entries: Map<EntryHash, Entry>;
	readonly skus: Set<Sku>;
	readonly products: Set<Sku>;
	readonly sales: Set<EntryHash>;
	readonly books: Set<BookName>;
	devices: boolean;
	conflicts: boolean;
}

export function nothingDirty(): Dirty {
	return { entries: new Map(), skus: new Set(), products: new Set(), sales: new Set(), books: new Set(), devices: false, conflicts: false };
}

export function everythingDirty(ledger: Ledger): Dirty {
	const { state } = ledger;
	return {
		entries: new Map(ledger.entries().map((entry) => [entry.hash, entry])),
		skus: new Set(state.stock.keys()),
		products: new Set(state.products.keys()),
		sales: new Set([...state.sales.keys(), ...state.refunds.keys()]),
		books: new Set<BookName>(['shifts', 'zs', 'people', 'transfers']),
		...{ devices: true, conflicts: true },
	};
}

export function noteChange(dirty: Dirty, change: LedgerChange): void {
	for (const entry of change.added) dirty.entries.set(entry.hash, entry);
	for (const sku of change.skus) dirty.skus.add(sku);
	for (const sku of change.products) dirty.products.add(sku);
	for (const hash of change.sales) dirty.sales.add(hash);
	for (const book of change.books) dirty.books.add(book);
	if (change.devices) dirty.devices = true;
	if (change.conflicts || change.devices) dirty.conflicts = true;
}

/** How much of a SKU's movements has been written: a sale more is a row more, not all of them again. */
export type WrittenMovements = Map<Sku, { readonly count: number; readonly last: Movement | undefined }>;

export interface RowsDeps {
	readonly ledger: Ledger;
	readonly dirty: Dirty;
	readonly written: WrittenMovements;
	/** Entries that were put aside when rows were written last, and are not any more. */
	readonly released: readonly Entry[];
	readonly nowMs: number;
}

/** By table. */
export type Rows = ReadonlyMap<string, readonly ReportRow[]>;

/**
 * In parts of some `most` rows, each worked out when it is asked for: in between the ledger may go on. What changes then is dirty again, and written again. The last part
 * has what is written whole: the conflicts, which are all that are open, wherever they are named, and the branch itself, as it stood at the first.
 */
export function* partsOf({ ledger, dirty, written, released, nowMs, most }: RowsDeps & { readonly most: number }): Generator<Rows, void> {
	const { state } = ledger;
	let rows = new Map<string, ReportRow[]>();
	let count = 0;
	const add = (table: string, row: ReportRow): void => {
		const list = rows.get(table);
		const clean = cleaned(row);
		if (list === undefined) rows.set(table, [clean]);
		else list.push(clean);
		count += 1;
	};
	function* whenFull(): Generator<Rows, void> {
		if (count < most) return;
		yield rows;
		rows = new Map();
		count = 0;
	}

	const hours = hoursOf(ledger);
	const itself = branchRow(ledger, nowMs);
	const acts = new Map(dirty.entries);
	for (const entry of released) acts.set(entry.hash, entry);
	if (dirty.conflicts) for (const { entry } of ledger.quarantined()) acts.set(entry.hash, entry);
	for (const entry of acts.values()) {
		add('acts', actRow(ledger, entry));
		yield* whenFull();
	}
	if (dirty.devices)
		for (const { device, name, role, till, suffix, standing, enrolledAtMs } of state.devices.values())
			add('devices', { device, name, role, till: till ?? null, suffix: suffix ?? null, standing, enrolled_ms: enrolledAtMs });
	for (const sku of dirty.products) {
		yield* whenFull();
		const product = state.products.get(sku);
		if (product !== undefined)
			add('products', {
				...{ sku, name: product.name.value, category: product.category.value, unit: product.unit.value, gtins: product.gtins.value.join(' ') },
				...{ tax_rate: product.taxRate.value, store_price_e4: storePriceAt(product, nowMs)?.unitPriceE4 ?? null },
				...{ own_price_e4: ownPriceAt(product, ledger.branch, nowMs)?.unitPriceE4 ?? null, tracked: product.tracked.value, retired: product.retired },
				...{ merged_into: product.mergedInto ?? null, created_ms: product.createdAtMs },
			});
	}
	for (const hash of dirty.sales) {
		yield* whenFull();
		const one = state.sales.get(hash) ?? state.refunds.get(hash);
		if (one !== undefined) addReceipt(one);
	}
	for (const sku of dirty.skus) yield* addStock(sku);
	yield* whenFull();
	if (dirty.books.has('people'))
		for (const { person, name, role, disabled } of state.books.people.values()) add('people', { person, name, role, disabled });
	if (dirty.books.has('transfers')) addTransfers();
	if (dirty.books.has('shifts')) addShifts();
	if (dirty.books.has('zs')) addZs();
	if (dirty.conflicts)
		for (const { key, kind, urgency, members, unsettled, stake, newestMs } of ledger.conflicts())
			add('conflicts', {
				...{ conflict: key, kind, urgency, members: members.length, unsettled: unsettled.length },
				...{ stake_minor: stake.minor, stake_milli: stake.unitsMilli, newest_ms: newestMs },
			});
	add('branches', itself);
	yield rows;

	function addReceipt(one: SaleState | RefundState): void {
		const { entry, fact, counts, correctedBy } = one;
		const { hash, header } = entry;
		const sign = fact.type === 'refund.completed' ? -1 : 1;
		const sold = fact.type === 'refund.completed' ? [] : fact.lines;
		const back = fact.type === 'refund.completed' ? fact.lines : fact.type === 'exchange.completed' ? fact.returned : [];
		const discountOf = ({ discounts = [] }: (typeof sold)[number]): number => sumOf(discounts.map(({ amountMinor }) => amountMinor));
		const refundedMinor =
			'refundedMinor' in one
				? one.refundedMinor.map((totalMinor, place) => paidMinor({ totalMinor, taxMinor: one.refundedTaxMinor[place] ?? 0 }, fact))
				: [];
		add('receipts', {
			entry: hash,
			kind: KINDS[fact.type],
			receipt: printReceipt(fact.receipt),
			device: header.device,
			person: header.by,
			at_ms: header.at,
			trading_day: dayOf(header, ledger),
			hour: hourOf(header.at),
			total_minor: sign * fact.totalMinor,
			tax_minor: sumOf(sold.map(({ taxMinor }) => taxMinor)) - sumOf(back.map(({ taxMinor }) => taxMinor)),
			rounding_minor: sign * fact.roundingMinor,
			discount_minor: sumOf(sold.map(discountOf)),
			lines: sold.length + back.length,
			pieces_milli: sumOf(sold.map(({ quantityMilli }) => quantityMilli)) - sumOf(back.map(({ quantityMilli }) => quantityMilli)),
			counts,
			corrected_by: correctedBy ?? null,
			refund_of: fact.type === 'sale.completed' ? null : (fact.sale ?? null),
			refunded_minor: sumOf(refundedMinor),
			reason: 'reason' in fact ? (fact.reason ?? null) : null,
			customer: fact.customer ?? null,
			shift: fact.shift ?? null,
		});
		for (const [place, line] of sold.entries())
			add('lines', {
				entry: hash,
				line: place + 1,
				sku: line.sku ?? null,
				name: line.name,
				quantity_milli: line.quantityMilli,
				unit_price_e4: line.unitPriceE4,
				total_minor: paidMinor(line, fact),
				tax_rate: line.taxRate,
				tax_percent_milli: line.taxPercentMilli,
				tax_minor: line.taxMinor,
				discount_minor: discountOf(line),
				restocked: null,
				refunded_milli: 'refundedMilli' in one ? (one.refundedMilli[place] ?? 0) : 0,
				refunded_minor: refundedMinor[place] ?? 0,
			});
		for (const [place, line] of back.entries())
			add('lines', {
				...{ entry: hash, line: sold.length + place + 1, sku: line.sku ?? null, name: line.name, quantity_milli: -line.quantityMilli },
				...{ unit_price_e4: null, total_minor: -paidMinor(line, fact), tax_rate: line.taxRate, tax_percent_milli: line.taxPercentMilli },
				...{ tax_minor: -line.taxMinor, discount_minor: 0, refunded_milli: 0, refunded_minor: 0, restocked: line.restock },
			});
		for (const [place, tender] of fact.tenders.entries())
			add('tenders', {
				entry: hash,
				tender: place + 1,
				type: tender.type,
				amount_minor: sign * tender.amountMinor,
				reference: tender.type === 'card' ? (tender.reference ?? null) : null,
			});
	}

	function* addStock(sku: Sku): Generator<Rows, void> {
		yield* whenFull();
		const stock = state.stock.get(sku);
		if (stock === undefined) return;
		const { movements } = stock;
		add('stock', { sku, on_hand_milli: stock.onHandMilli, moved_ms: movements.at(-1)?.entry.header.at ?? null });
		const before = written.get(sku);
		const from = before !== undefined && before.count > 0 && movements[before.count - 1] === before.last ? before.count : 0;
		written.set(sku, { count: movements.length, last: movements.at(-1) });
		let part = 0;
		for (let place = from; place < movements.length; place += 1) {
			const { entry, kind, quantityMilli, afterMilli, counts } = movements[place] as Movement;
			// An entry is folded whole, so that what was written ends with one.
			part = place > from && movements[place - 1]?.entry === entry ? part + 1 : 0;
			const { device, by, at } = entry.header;
			add('movements', {
				sku,
				entry: entry.hash,
				part,
				kind,
				quantity_milli: quantityMilli,
				after_milli: afterMilli,
				device,
				person: by,
				at_ms: at,
				trading_day: dayOf(entry.header, ledger),
				counts,
			});
			yield* whenFull();
		}
	}

	function addTransfers(): void {
		for (const { transfer, sent, receipts, lines } of state.books.transfers.values())
			for (const { sku, sentMilli, receivedMilli, inTransitMilli } of lines)
				add('transfers', {
					...{ transfer, sku, from_branch: sent?.from ?? null, to_branch: sent?.to ?? receipts[0]?.at ?? null, sent_ms: sent?.atMs ?? null },
					...{ received_ms: receipts[0]?.atMs ?? null, sent_milli: sentMilli, received_milli: receivedMilli, in_transit_milli: inTransitMilli },
				});
	}

	function addShifts(): void {
		for (const { device, shift, opened, closed, moved, figures, expectedMinor } of state.books.shifts.values())
			add('shifts', {
				...{ device, shift, opened_ms: opened?.atMs ?? null, opened_by: opened?.by ?? null, closed_ms: closed?.atMs ?? null },
				...{ closed_by: closed?.by ?? null, float_minor: opened?.floatMinor ?? 0, cash_in_minor: moved.inMinor, cash_drop_minor: moved.dropMinor },
				...{ cash_out_minor: moved.outMinor, expected_minor: expectedMinor, counted_minor: closed?.countedMinor ?? null },
				...{ difference_minor: closed?.differenceMinor ?? null, sales: figures.sales.count, sales_minor: figures.sales.minor },
				...{ refunds: figures.refunds.count, refunds_minor: figures.refunds.minor },
			});
	}

	function addZs(): void {
		for (const { device, zs } of state.books.zs.values())
			for (const { z, entry, atMs, day, by, fact, problems } of zs)
				add('z_reports', {
					...{
						device,
						z,
						entry,
						closed_ms: atMs,
						trading_day: dayOf({ at: atMs, tradingDay: day }, ledger),
						person: by,
						receipt_from: fact.receipts?.from ?? null,
					},
					...{ receipt_to: fact.receipts?.to ?? null, sales: fact.sales.count, sales_minor: fact.sales.minor, refunds: fact.refunds.count },
					...{ refunds_minor: fact.refunds.minor, rounding_minor: fact.roundingMinor, discounts_minor: fact.discountsMinor, no_sales: fact.noSales },
					...{
						perpetual_sales_minor: fact.perpetual.salesMinor,
						perpetual_refunds_minor: fact.perpetual.refundsMinor,
						problems: problems.map((fault) => zFaultWords(fault, fact.currency)).join('; '),
					},
				});
	}

	/** By the branch's own clock, as the trading day is. */
	function hourOf(atMs: number): number {
		return Number(hours.format(atMs)) % 24;
	}
}

const KINDS = { 'sale.completed': 'sale', 'refund.completed': 'refund', 'exchange.completed': 'exchange' } as const;

function branchRow(ledger: Ledger, nowMs: number): ReportRow {
	const { settings } = ledger.state;
	const { code, digits } = settings.value('currency') ?? { code: 'GBP', digits: 2 };
	const marks = ledger.marks();
	return {
		...{
			store_name: settings.value('storeName') ?? '',
			name: settings.value('branchName') ?? '',
			currency: code,
			digits,
			minor_per_major: 10 ** digits,
		},
		...{ time_zone: timeZoneOf(ledger), entries: marks.reduce((sum, { seq }) => sum + seq, 0), newest_ms: ledger.hlc()[0] },
		...{ marks: JSON.stringify(marks), newer_version: ledger.updateNeeded(), written_ms: nowMs },
		day_start_minutes: settings.value('dayStartMinutes') ?? 0,
	};
}

function actRow(ledger: Ledger, entry: Entry): ReportRow {
	const { hash, header } = entry;
	const { device, by, scope, seq, at } = header;
	const what = entry.facts.map(({ type }) => type).join(' ');
	const isKnown = knownFacts(entry).length === entry.facts.length;
	return {
		entry: hash,
		device,
		person: by,
		scope,
		seq,
		at_ms: at,
		trading_day: dayOf(header, ledger),
		what,
		standing: isKnown ? ledger.statusOf(hash) : 'newer version',
	};
}

/** As the trading day is worked out: a zone that nobody knows is read as UTC. Making one takes longer than the rows of a sale. */
function hoursOf({ state }: Ledger): Intl.DateTimeFormat {
	const name = state.settings.value('timeZone') ?? 'UTC';
	const timeZone = isTimeZone(name) ? name : 'UTC';
	const known = HOURS.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone });
	if (HOURS.size < MOST_ZONES) HOURS.set(timeZone, known);
	return known;
}
const HOURS = new Map<string, Intl.DateTimeFormat>();
/** There are some four hundred. */
const MOST_ZONES = 600;

/** A sum that no integer holds is of an entry that the fold has put aside for it. */
function sumOf(amounts: readonly number[]): number {
	return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** By its first name, which PostgreSQL knows; an old one it may not. */
function timeZoneOf(ledger: Ledger): string {
	return hoursOf(ledger).resolvedOptions().timeZone;
}

/** A day that no calendar has is the one of its clock. */
function dayOf({ at, tradingDay }: Pick<Entry['header'], 'at' | 'tradingDay'>, ledger: Ledger): TradingDay {
	if (isDay(tradingDay)) return tradingDay;
	return tradingDayOf(at, timeZoneOf(ledger), ledger.state.settings.value('dayStartMinutes') ?? 0);
}

/** No database has a year 0. */
function isDay(day: TradingDay): boolean {
	if (day === knownDay) return true;
	const midnightMs = Date.parse(`${day}T00:00:00Z`);
	if (Number.isNaN(midnightMs) || day < '0001' || !new Date(midnightMs).toISOString().startsWith(day)) return false;
	knownDay = day;
	return true;
}
/** Rows mostly are of one day. */
let knownDay: TradingDay | undefined;

export function cleaned(row: ReportRow): ReportRow {
	if (isClean(row)) return row;
	const clean: Record<string, ReportCell> = {};
	for (const [name, cell] of Object.entries(row))
		if (typeof cell === 'string')
			clean[name] = IDS.has(name) ? cell.replaceAll(UNFIT_OF_AN_ID, told) : cell.replaceAll('\u0000', '\uFFFD').toWellFormed();
		// Plus zero: a refund's rounding of none is no −0.
		else clean[name] = typeof cell === 'number' ? Math.max(-MOST, Math.min(MOST, cell)) + 0 : cell;
	return clean;
}

const MOST = Number.MAX_SAFE_INTEGER;
/** What rows are told apart by, and found by in other tables. */
const IDS: ReadonlySet<string> = new Set(REPORTS.tables.flatMap(({ key }) => key));
const UNFIT_OF_AN_ID = /[\0\uFFFD\p{Surrogate}]/gu;
/** Each with its number, and the sign for it, too: no two ids become one. */
function told(unit: string): string {
	return `\uFFFD${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Of almost every row. What may be half of a character may be a whole one: it is looked at closely. */
function isClean(row: ReportRow): boolean {
	for (const name in row) {
		const cell = row[name];
		if (typeof cell === 'string' ? MAYBE_UNFIT.test(cell) : typeof cell === 'number' && (Object.is(cell, -0) || !Number.isSafeInteger(cell)))
			return false;
	}
	return true;
}
const MAYBE_UNFIT = /[\0\uFFFD\ud800-\udfff]/;

/**
 * The drawer's day as people read it: a till's open shift and X, counted shifts and Zs of the branch.
 *
 * 1. What should be in the drawer is told only of a shift that was counted: whoever counts does so blind.
 * 2. A Z is shown as it was printed. Where its entries come to something else it says so, and never before all of them are here.
 */
import { perpetualNow } from '#core/decide/shift.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { shiftId, type ShiftState } from '#core/ledger/books/shifts.ts';
import type { ZState } from '#core/ledger/books/zs.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { createTally, isNothing, takingsMinor, type Figures } from '#core/shift/figures.ts';
import { floatAmounts } from '#core/shift/denominations.ts';
import { zProblems } from '#core/shift/z.ts';
import { tradingDayOf } from '#core/time.ts';
import type { DeviceId, PersonId } from '#schemas/ids.ts';
import type { ZClosed } from '#schemas/facts/z-closed.ts';
import { reasonText } from './reasons.ts';
import type { CashMoveRow, DrawerRow, FiguresRow, ShiftRow, TillReportRow } from './rows.ts';
import { deviceName } from './shop.ts';
import { zFaultText } from './z-words.ts';

export function drawerRow(ledger: Ledger, device: DeviceId, nowMs: number): DrawerRow {
	const { books, settings } = ledger.state;
	const shift = books.drawers.get(device)?.openShift;
	const state = shift === undefined ? undefined : books.shifts.get(shiftId(device, shift));
	const till = books.zs.get(device);
	const figures = till?.open ?? createTally().figures();
	const ofDevice = books.shifts.values().filter((one) => one.device === device && one.opened !== undefined);
	const late = ofDevice.sort((a, b) => b.shift - a.shift).map(({ opened }) => opened?.floatMinor ?? 0);
	return {
		...(shift === undefined ? {} : { open: openShiftRow(ledger, device, shift, state) }),
		x: {
			...{ kind: 'x', z: (till?.lastZ ?? 0) + 1, deviceName: deviceName(ledger, device), atMs: nowMs, problems: [] },
			tradingDay: tradingDayOf(nowMs, settings.value('timeZone') ?? 'UTC', settings.value('dayStartMinutes') ?? 0),
			figures: figuresRow(ledger, figures, device),
			perpetual: perpetualNow(ledger, device) ?? till?.perpetual ?? { salesMinor: 0, refundsMinor: 0 },
		},
		hasToClose: !isNothing(figures),
		floatsMinor: [...new Set([...late.slice(0, 2), ...floatAmounts(settings.value('currency') ?? { code: 'GBP', digits: 2 })])].slice(0, 4),
	};
}

/** Newest first. Of every till of the branch, as far back as entries are at hand. */
export function shiftRows(ledger: Ledger, limit: number): readonly ShiftRow[] {
	const { books, settings } = ledger.state;
	const toleranceMinor = settings.value('drawerToleranceMinor') ?? 0;
	const asked = new Map(
		ledger
			.conflicts()
			.flatMap(({ id, detail }) => (detail.kind === 'drawer-difference' ? [[shiftId(detail.device, detail.shift), id] as const] : [])),
	);
	return books.shifts
		.values()
		.flatMap(({ device, shift, opened, moved, figures, expectedMinor, closed }): ShiftRow[] => {
			if (closed === undefined) return [];
			const conflict = asked.get(shiftId(device, shift));
			return [
				{
					...{ entry: closed.entry, device, deviceName: deviceName(ledger, device), shift, closedAtMs: closed.atMs },
					...(opened === undefined ? {} : { openedAtMs: opened.atMs, ...named('openedBy', personName(ledger, opened.by)) }),
					...named('closedBy', personName(ledger, closed.by)),
					...{ floatMinor: opened?.floatMinor ?? 0, movedMinor: { in: moved.inMinor, drop: moved.dropMinor, out: moved.outMinor } },
					...{ cashMinor: figures.cashInMinor - figures.cashOutMinor, takingsMinor: takingsMinor(figures), expectedMinor },
					...{ countedMinor: closed.countedMinor, differenceMinor: closed.differenceMinor, toleranceMinor, note: closed.note ?? '' },
					...(conflict === undefined ? {} : { conflict }),
				},
			];
		})
		.sort((a, b) => b.closedAtMs - a.closedAtMs || compareText(a.entry, b.entry))
		.slice(0, limit);
}

export function zRows(ledger: Ledger, limit: number): readonly TillReportRow[] {
	const problems = zProblems(ledger);
	return ledger.state.books.zs
		.values()
		.flatMap(({ device, zs }) => zs.map((z) => zRow(ledger, device, z, problems)))
		.sort((a, b) => b.atMs - a.atMs || b.z - a.z)
		.slice(0, limit);
}

function zRow(ledger: Ledger, device: DeviceId, { entry, z, atMs, day, by, fact }: ZState, problems: ReturnType<typeof zProblems>): TillReportRow {
	const rates = ledger.state.settings.value('taxRates') ?? [];
	return {
		...{ kind: 'z', z, entry, deviceName: deviceName(ledger, device), atMs, tradingDay: day, ...named('by', personName(ledger, by)) },
		...{ figures: figuresRow(ledger, fact, device), perpetual: fact.perpetual },
		problems: problems.flatMap((one) => (one.entry === entry && !one.waits ? [zFaultText(one.fault, fact.currency, rates)] : [])),
	};
}

/** `device`: whose receipt numbers they are; of several tills the first and last say nothing. */
export function figuresRow(ledger: Ledger, figures: Figures | ZClosed, device?: DeviceId): FiguresRow {
	const rates = ledger.state.settings.value('taxRates') ?? [];
	const till = device === undefined ? undefined : ledger.state.devices.get(device);
	const { sales, refunds, taxes, tenders, roundingMinor, discountsMinor, noSales, receipts } = figures;
	const print = (number: number): string =>
		printReceipt({ till: till?.till ?? 0, number, ...(till?.suffix === undefined ? {} : { suffix: till.suffix }) });
	return {
		...{ sales, refunds, takingsMinor: takingsMinor(figures), tenders, roundingMinor, discountsMinor, noSales },
		taxes: taxes.map(({ taxRate, percentMilli, grossMinor, taxMinor }) => ({
			...{ name: rates.find(({ id }) => id === taxRate)?.name ?? taxRate, percentMilli, grossMinor, taxMinor },
		})),
		...(receipts === undefined || till?.till === undefined ? {} : { receipts: { from: print(receipts.from), to: print(receipts.to) } }),
	};
}

/** Undefined for a person whom nobody gave a name: the owner of a shop that has no people yet. */
export function personName({ state }: Ledger, person: PersonId): string | undefined {
	return state.books.people.get(person)?.name;
}

export function named<Name extends string>(name: Name, value: string | undefined): { readonly [name in Name]?: string } {
	return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: string });
}

function openShiftRow(ledger: Ledger, device: DeviceId, shift: number, state: ShiftState | undefined): NonNullable<DrawerRow['open']> {
	const opened = state?.opened;
	return {
		...{ shift, floatMinor: opened?.floatMinor ?? 0, moves: movesOf(ledger, device, shift, opened?.entry) },
		...(opened === undefined ? {} : { openedAtMs: opened.atMs, ...named('by', personName(ledger, opened.by)) }),
	};
}

/** Backwards through what is in order already, no further than the shift. */
function movesOf(ledger: Ledger, device: DeviceId, shift: number, opened: string | undefined): readonly CashMoveRow[] {
	const entries = ledger.entries();
	const rows: CashMoveRow[] = [];
	for (let place = entries.length - 1; place >= 0; place -= 1) {
		const entry = entries[place];
		if (entry === undefined || entry.hash === opened) break;
		if (entry.header.device !== device) continue;
		for (const fact of entry.facts) {
			if ('unknown' in fact || 'invalid' in fact) continue;
			if ((fact.type !== 'cash.moved' && fact.type !== 'drawer.opened') || fact.shift !== shift) continue;
			rows.push({
				...{ entry: entry.hash, reason: reasonText(fact.reason ?? ''), atMs: entry.header.at, ...named('by', personName(ledger, entry.header.by)) },
				...(fact.type === 'cash.moved' ? { kind: fact.kind, amountMinor: fact.amountMinor } : { kind: 'none' as const, amountMinor: 0 }),
			});
		}
	}
	return rows;
}

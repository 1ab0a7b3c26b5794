/**
 * The drawer's day: shifts, cash, Zs, the report of a day.
 *
 * 1. Shifts and Zs take the next number of their device. It is decided on a state that has folded this device's own last entry, so none is left out or taken twice.
 * 2. Nothing is closed while somebody is paying: the count would not match the drawer.
 * 3. A Z waits for the shift to be counted, and closes what was registered since the Z before.
 * 4. Where the till's older entries are not here (they left it, and an update makes its figures anew while nobody is linked), a number and a total go on from
 *    the last Z or shift that is here. Where that is gone too, nothing is numbered until they are back.
 */
import type { DecideContext, Intent, Refusal } from '#core/intent.ts';
import { shiftId } from '#core/ledger/books/shifts.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { isNothing } from '#core/shift/figures.ts';
import { addPerpetual, zOf, type Perpetual } from '#core/shift/z.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

/** 10¹² minor units: more than any drawer holds. */
const MOST_MINOR = 1e12;

export function openShift(ledger: Ledger, { floatMinor }: Of<'open-shift'>, { device }: DecideContext): Facts | Refusal {
	const drawer = ledger.state.books.drawers.get(device);
	if (drawer?.openShift !== undefined) return { refused: 'shift-open', shift: drawer.openShift };
	if (drawer?.lastShift === undefined && lacksOlder(ledger, device)) return { refused: 'history-away' };
	return amountProblem(floatMinor, 0) ?? { branch: [{ type: 'shift.opened', v: 1, shift: (drawer?.lastShift ?? 0) + 1, floatMinor }] };
}

export function moveCash(ledger: Ledger, { kind, amountMinor, reason }: Of<'move-cash'>, { device }: DecideContext): Facts | Refusal {
	const shift = openShiftOf(ledger, device);
	if (shift === undefined) return { refused: 'no-shift-open' };
	return amountProblem(amountMinor, 1) ?? { branch: [{ type: 'cash.moved', v: 1, shift, kind, amountMinor, ...said('reason', reason) }] };
}

export function openDrawer(ledger: Ledger, { reason }: Of<'open-drawer'>, { device }: DecideContext): Facts {
	const shift = openShiftOf(ledger, device);
	return { branch: [{ type: 'drawer.opened', v: 1, ...(shift === undefined ? {} : { shift }), ...said('reason', reason) }] };
}

export function closeShift(
	ledger: Ledger,
	{ countedMinor, denominations, note, tenderPending }: Of<'close-shift'>,
	{ device }: DecideContext,
): Facts | Refusal {
	const shift = openShiftOf(ledger, device);
	if (shift === undefined) return { refused: 'no-shift-open' };
	if (tenderPending === true) return { refused: 'tender-pending' };
	const problem = amountProblem(countedMinor, 0);
	if (problem !== undefined) return problem;
	if (denominations !== undefined && denominations.reduce((sum, { valueMinor, count }) => sum + valueMinor * count, 0) !== countedMinor)
		return { refused: 'value-invalid', field: 'denominations', reason: 'coins and notes do not add up to the count' };
	const expectedMinor = ledger.state.books.shifts.get(shiftId(device, shift))?.expectedMinor ?? 0;
	return {
		branch: [
			{
				...{ type: 'shift.closed', v: 1, shift, countedMinor, expectedMinor },
				...(denominations === undefined ? {} : { denominations: [...denominations] }),
				...said('note', note),
			},
		],
	};
}

export function closeZ(ledger: Ledger, { tenderPending }: Of<'close-z'>, { device }: DecideContext): Facts | Refusal {
	const till = ledger.state.books.zs.get(device);
	const currency = ledger.state.settings.value('currency');
	if (currency === undefined) return { refused: 'setting-invalid', setting: 'currency' };
	if (tenderPending === true) return { refused: 'tender-pending' };
	const shift = openShiftOf(ledger, device);
	if (shift !== undefined) return { refused: 'shift-open', shift };
	if (till === undefined || isNothing(till.open)) return { refused: 'nothing-to-close' };
	const perpetual = perpetualNow(ledger, device);
	return perpetual === undefined ? { refused: 'history-away' } : { branch: [zOf(till.lastZ + 1, currency, till.open, perpetual)] };
}

/** What a till has taken since its first sale, as an X shows it and the next Z closes it; undefined where that is away. */
export function perpetualNow(ledger: Ledger, device: DecideContext['device']): Perpetual | undefined {
	const till = ledger.state.books.zs.get(device);
	if (!lacksOlder(ledger, device)) return till?.perpetual ?? { salesMinor: 0, refundsMinor: 0 };
	const last = till?.zs.at(-1)?.fact.perpetual;
	return till === undefined || last === undefined ? undefined : addPerpetual(last, till.open);
}

/** What this device once recorded is missing here below what it has. */
function lacksOlder(ledger: Ledger, device: DecideContext['device']): boolean {
	const chain = ledger.chain(device, 'branch');
	return chain !== undefined && !chain.forks && chain.wholeSeq < chain.heldSeq;
}

export function reportDay(ledger: Ledger, { day }: Of<'report-day'>): Facts | Refusal {
	const state = ledger.state.books.days.get(day);
	if (state === undefined) return { refused: 'nothing-to-report' };
	const { figures, takingsMinor } = state;
	return { branch: [{ type: 'day.reported', v: 1, day, takingsMinor, receipts: figures.sales.count + figures.refunds.count }] };
}

/** The shift that a sale of this device belongs to; undefined when none is open. */
export function openShiftOf(ledger: Ledger, device: DecideContext['device']): number | undefined {
	return ledger.state.books.drawers.get(device)?.openShift;
}

function amountProblem(minor: number, leastMinor: number): Refusal | undefined {
	return Number.isSafeInteger(minor) && minor >= leastMinor && minor <= MOST_MINOR
		? undefined
		: { refused: 'amount-out-of-range', mostMinor: MOST_MINOR };
}

function said<Name extends string>(name: Name, words: string | undefined): { readonly [name in Name]?: string } {
	const text = words?.trim() ?? '';
	return text === '' ? {} : ({ [name]: text } as { readonly [name in Name]: string });
}

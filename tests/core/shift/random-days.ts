/** Lawful days of tills that hear each other now and then: shifts with cash moved, sales and refunds by cash and card, Zs, drawers opened. */
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import fc from 'fast-check';
import { refunded, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { decideAs, ledgerOf } from '../../support/till-day.ts';

export const daySteps = fc.array(fc.tuple(fc.nat(99), fc.nat(1), fc.nat(5000), fc.nat(1000)), { minLength: 10, maxLength: 70 });
export type DaySteps = readonly (readonly [what: number, who: number, a: number, b: number])[];

export interface Days {
	readonly floor: Floor;
	readonly tills: readonly TestDevice[];
	/** What each till had folded at the end. */
	readonly ledgers: ReadonlyMap<TestDevice, Ledger>;
}

export function playDays(steps: DaySteps): Days {
	const floor = openFloor({ A: 100_000 });
	const tills = [floor.till1, floor.till2];
	const ledgers = new Map(tills.map((till) => [till, ledgerOf(floor.shop)]));
	for (const [what, who, a, b] of steps) {
		const till = tills[who] ?? floor.till1;
		const ledger = ledgers.get(till);
		if (ledger === undefined) throw new Error('a till without a ledger');
		const tell = (entry: Entry): void => void ledger.add([entry]);
		const ask = (intent: Parameters<typeof decideAs>[2]): void => {
			const decision = decideAs(ledger, till, intent);
			if (!isRefusal(decision)) tell(till.does(decision.branch));
		};
		const shift = ledger.state.books.drawers.get(till.id)?.openShift;
		const inShift = shift === undefined ? {} : { shift };
		if (what < 10) ask({ intent: 'open-shift', floatMinor: a });
		else if (what < 50) tell(till.does([{ ...paid(sold([['A', 1, 1 + a]], till.receipt()), b), ...inShift }]));
		else if (what < 60) {
			const sale = [...ledger.state.sales.values()].find(({ refunds }) => refunds.length === 0);
			if (sale !== undefined)
				tell(till.does([{ ...paid(refunded(sale.entry.hash, [[0, 'A', 1, sale.fact.totalMinor]], till.receipt()), b), ...inShift }]));
		} else if (what < 70) ask({ intent: 'move-cash', kind: (['in', 'drop', 'out'] as const)[b % 3] ?? 'in', amountMinor: 1 + a });
		else if (what < 75) ask({ intent: 'open-drawer' });
		else if (what < 83) ask({ intent: 'close-shift', countedMinor: a });
		else if (what < 92) ask({ intent: 'close-z' });
		else if (what < 96) floor.shop.nowMs += 12 * 60 * 60 * 1000;
		else {
			floor.meet();
			for (const one of ledgers.values()) one.add(floor.shop.entries);
		}
	}
	return { floor, tills, ledgers };
}

/** By cash, by card, or by both. */
function paid<Receipt extends SaleCompleted | RefundCompleted>(fact: Receipt, b: number): Receipt {
	const cardMinor = b % 3 === 0 ? 0 : b % 3 === 1 ? fact.totalMinor : Math.floor(fact.totalMinor / 2);
	const cashMinor = fact.totalMinor - cardMinor;
	return {
		...fact,
		tenders: [
			...(cashMinor > 0 || cardMinor === 0 ? [{ type: 'cash' as const, amountMinor: cashMinor, givenMinor: cashMinor, changeMinor: 0 }] : []),
			...(cardMinor > 0 ? [{ type: 'card' as const, amountMinor: cardMinor }] : []),
		],
	};
}

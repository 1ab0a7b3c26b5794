/** Money over whole days: what books fold is what a plain sum over the facts says. Invariants of `books/shifts.ts`, `books/zs.ts`, `books/days.ts`. */
import { isReceipt, takingsMinor } from '#core/shift/figures.ts';
import { zProblems } from '#core/shift/z.ts';
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { factsOf, ledgerOf } from '../../support/till-day.ts';
import { daySteps, playDays } from './random-days.ts';
import { shuffled } from '../../support/shuffled.ts';

const seen = { shifts: 0, zs: 0, cuts: 0 };
const RUNS = { numRuns: 150 };

function cash(fact: Fact): number {
	if (!isReceipt(fact)) return 0;
	const minor = fact.tenders.reduce((sum, tender) => sum + (tender.type === 'cash' ? tender.amountMinor : 0), 0);
	return fact.type === 'refund.completed' ? -minor : minor;
}

function money(entries: readonly Entry[]): number {
	const sum = (facts: readonly { totalMinor: number }[]): number => facts.reduce((total, { totalMinor }) => total + totalMinor, 0);
	return sum(factsOf(entries, 'sale.completed')) - sum(factsOf(entries, 'refund.completed'));
}

test('1 of shifts: expected cash is the float and cash in, less drops and cash out, and cash of sales less cash of refunds', () => {
	fc.assert(
		fc.property(daySteps, fc.nat(1000), (steps, seed) => {
			const { floor, tills } = playDays(steps);
			const ledger = ledgerOf(floor.shop, shuffled(floor.shop.entries, seed));
			for (const till of tills) {
				const own = floor.shop.entries.filter(({ header }) => header.device === till.id);
				for (const { shift, floatMinor } of factsOf(own, 'shift.opened')) {
					const moved = factsOf(own, 'cash.moved').filter((fact) => fact.shift === shift);
					const movedMinor = moved.reduce((sum, { kind, amountMinor }) => sum + (kind === 'in' ? amountMinor : -amountMinor), 0);
					const receipts = own.flatMap(({ facts }) => facts as readonly Fact[]).filter((fact) => 'shift' in fact && fact.shift === shift);
					const cashMinor = receipts.reduce((sum, fact) => sum + cash(fact), 0);
					const state = ledger.state.books.shifts.get(`${till.id}:${shift}`);
					expect(state?.expectedMinor).toBe(floatMinor + movedMinor + cashMinor);
					const [closed] = factsOf(own, 'shift.closed').filter((fact) => fact.shift === shift);
					expect(state?.closed?.countedMinor).toBe(closed?.countedMinor);
					// The till said what it expected before it knew anything that others did.
					if (closed !== undefined) expect(closed.expectedMinor).toBe(state?.expectedMinor);
					seen.shifts += 1;
				}
				const numbers = factsOf(own, 'shift.opened').map(({ shift }) => shift);
				expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
			}
		}),
		RUNS,
	);
});

test('2, 3 of Zs: numbered without a gap, each what its entries come to; all of them and what is open are the perpetual total', () => {
	fc.assert(
		fc.property(daySteps, fc.nat(1000), (steps, seed) => {
			const { floor, tills } = playDays(steps);
			const ledger = ledgerOf(floor.shop, shuffled(floor.shop.entries, seed));
			expect(zProblems(ledger)).toEqual([]);
			for (const till of tills) {
				const own = floor.shop.entries.filter(({ header }) => header.device === till.id);
				const facts = factsOf(own, 'z.closed');
				expect(facts.map(({ z }) => z)).toEqual(facts.map((_z, index) => index + 1));
				seen.zs += facts.length;
				const state = ledger.state.books.zs.get(till.id);
				if (state === undefined) continue;
				const sum = (name: 'sales' | 'refunds'): number => facts.reduce((total, fact) => total + fact[name].minor, 0) + state.open[name].minor;
				expect(state.perpetual).toEqual({ salesMinor: sum('sales'), refundsMinor: sum('refunds') });
				expect(state.perpetual.salesMinor - state.perpetual.refundsMinor).toBe(money(own));
				const last = facts.at(-1);
				if (last !== undefined) expect(last.perpetual.salesMinor).toBe(sum('sales') - state.open.sales.minor);
				for (const fact of [...facts, state.open])
					expect(fact.tenders.reduce((total, { minor }) => total + minor, 0)).toBe(fact.sales.minor - fact.refunds.minor);
			}
		}),
		RUNS,
	);
});

test('1 of days: a day is the sum of its receipts over all tills, in any order of arrival, and its taxes are the gross of its lines', () => {
	fc.assert(
		fc.property(daySteps, fc.nat(1000), (steps, seed) => {
			const { floor } = playDays(steps);
			const entries = floor.shop.entries;
			const ledger = ledgerOf(floor.shop, []);
			for (const entry of shuffled(entries, seed)) {
				ledger.add([entry]);
				if (seed % 2 === 0) ledger.state.books.days.values(); // A screen looks after every entry: what it was shown must not stick.
			}
			const folded = ledger.state.books.days.values();
			for (const { day, figures, takingsMinor: dayMinor, tills } of folded) {
				const ofDay = entries.filter(({ header }) => header.tradingDay === day);
				expect(dayMinor).toBe(money(ofDay));
				expect(tills.reduce((sum, till) => sum + till.takingsMinor, 0)).toBe(dayMinor);
				expect(figures.taxes.reduce((sum, { grossMinor }) => sum + grossMinor, 0) + figures.roundingMinor).toBe(takingsMinor(figures));
			}
			expect(folded.reduce((sum, day) => sum + day.takingsMinor, 0)).toBe(money(entries));
			expect(JSON.stringify(folded)).toBe(JSON.stringify(ledgerOf(floor.shop).state.books.days.values()));
		}),
		RUNS,
	);
});

test('from a checkpoint, tills, open shifts and days read as from zero', () => {
	fc.assert(
		fc.property(daySteps, daySteps, (before, after) => {
			const until = playDays(before).floor.shop.entries.length;
			const { floor, tills } = playDays([...before, [99, 0, 0, 0], ...after]);
			const deps = { store: floor.shop.store, branch: floor.shop.branch };
			const checkpoint = checkpointOf(ledgerOf(floor.shop), deps, floor.shop.entries[until - 1]?.header.hlc[0] ?? 0);
			if (checkpoint === undefined) return;
			const ends = new Map(checkpoint.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
			const ledger = createLedger({ ...deps, checkpoint });
			ledger.add(floor.shop.entries.filter(({ header }) => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0)));
			if (ledger.needsHistory()) return;
			seen.cuts += 1;
			const whole = ledgerOf(floor.shop);
			expect(ledger.state.books.days.values()).toEqual(whole.state.books.days.values());
			for (const { id } of tills) {
				const { zs: _zs, ...state } = ledger.state.books.zs.get(id) ?? { zs: [] };
				const { zs: _all, ...expected } = whole.state.books.zs.get(id) ?? { zs: [] };
				expect(ledger.state.books.drawers.get(id)).toEqual(whole.state.books.drawers.get(id));
				expect(state).toEqual(expected);
			}
			const isOpen = ({ closed }: { closed: unknown }): boolean => closed === undefined;
			expect(ledger.state.books.shifts.values().filter(isOpen)).toEqual(whole.state.books.shifts.values().filter(isOpen));
			expect(zProblems(ledger)).toEqual([]);
			const ofDrawers = (one: typeof ledger): readonly unknown[] =>
				one
					.conflicts()
					.filter(({ kind }) => kind === 'drawer-difference')
					.map(({ key }) => key);
			expect(ofDrawers(ledger)).toEqual(ofDrawers(whole));
		}),
		RUNS,
	);
});

afterAll(() => {
	expect(Math.min(seen.shifts / 50, seen.zs / 50, seen.cuts / 30), JSON.stringify(seen)).toBeGreaterThan(1);
});

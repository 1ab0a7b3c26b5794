import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjusted, corrected, counted, received } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

/** What is told of one SKU: each movement with the balance after it, and what is in dispute. */
function told(ledger: Ledger, sku: string): unknown {
	const stock = ledger.state.stock.get(sku as Sku);
	return {
		onHandMilli: stock?.onHandMilli,
		movements: stock?.movements.map(({ entry, kind, quantityMilli, afterMilli, counts }) => [entry.hash, kind, quantityMilli, afterMilli, counts]),
		conflicts: ledger.conflicts().map(({ key }) => key),
	};
}

const lastTold = new WeakMap<Ledger, { readonly movements: readonly object[]; readonly text: readonly string[] }>();

/** 6 of `stock.ts`: where a movement is the same object as before, it and all before it read as they did. */
function expectSamePrefix(ledger: Ledger): void {
	const movements = ledger.state.stock.get('A' as Sku)?.movements ?? [];
	const text = movements.map(({ entry, asOf: _, ...movement }) => JSON.stringify([entry.hash, movement]));
	const before = lastTold.get(ledger);
	const same = movements.findLastIndex((one, place) => one === before?.movements[place]) + 1;
	expect(text.slice(0, same)).toEqual(before?.text.slice(0, same) ?? []);
	lastTold.set(ledger, { movements, text });
}

/** A day on which nobody hears anybody: whatever comes later comes between what is there. */
function dayApart(steps: readonly number[], units: number): { readonly floor: Floor; readonly day: readonly Entry[] } {
	const floor = openFloor({ A: units });
	const day = steps.map((step) => {
		const till = [floor.till1, floor.till2, floor.hub][step % 3]!;
		const what = Math.floor(step / 3) % 20;
		if (what === 0) return till.does([received('A', 2)]);
		if (what === 1) return till.does([counted('A', units - 3, till.asOf())]);
		if (what === 2) return till.does([adjusted('A', -1)]);
		if (what === 3) return till.does([corrected(floor.shop.entries.at(-1)!.hash)]);
		return floor.sell(till, 'A', 1 + (step % 2));
	});
	return { floor, day };
}

test('movements that come one by one, each among those that are folded, leave the balances that they leave all at once', () => {
	const orders = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 3, maxLength: 40 });
	fc.assert(
		fc.property(orders, fc.constantFrom(4, 40, 1000), fc.boolean(), (list, units, looks) => {
			const { floor, day } = dayApart(
				list.map(([step]) => step),
				units,
			);
			const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
			ledger.add(floor.shop.entries.filter((entry) => !day.includes(entry)));
			const arrivals = day.map((entry, index) => ({ entry, at: list[index]?.[1] ?? 0 })).sort((a, b) => a.at - b.at);
			for (const { entry } of arrivals) {
				ledger.add([entry]);
				// Whoever looks in between changes nothing for those who look later.
				if (looks) expectSamePrefix(ledger);
			}
			expect(told(ledger, 'A')).toEqual(told(floor.ledger(), 'A'));
		}),
		{ numRuns: 300 },
	);
});

test('a sale that comes a month late stands in its place, with the balances after it put right', () => {
	const floor = openFloor({ A: 100 });
	const lateSale = floor.sell(floor.till2, 'A', 5);
	for (let i = 0; i < 10; i += 1) floor.sell(floor.till1, 'A');
	const ledger = floor.ledger(lateSale);
	expect(ledger.state.stock.get('A' as Sku)?.movements.at(-1)?.afterMilli).toBe(90_000);
	ledger.add([lateSale]);
	const movements = ledger.state.stock.get('A' as Sku)?.movements.map(({ afterMilli }) => afterMilli / 1000);
	expect(movements).toEqual([100, 95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 85]);
	expect(floor.onHand(ledger, 'A')).toBe(85);
});

test('6: of a thousand movements that were told, the next sale makes none anew', () => {
	const floor = openFloor({ A: 2_000 });
	const ledger = floor.ledger();
	const sell = (): void => void ledger.add([floor.sell(floor.till1, 'A')]);
	for (let n = 0; n < 1_000; n += 1) sell();
	const before = ledger.state.stock.get('A' as Sku)?.movements ?? [];
	sell();
	const after = ledger.state.stock.get('A' as Sku)?.movements ?? [];
	expect(after).toHaveLength(before.length + 1);
	expect(after.slice(0, before.length).every((movement, place) => movement === before[place])).toBe(true);
});

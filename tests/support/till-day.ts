/** A till's day as facts: shifts, cash, Zs, reports. Amounts are pence. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Conflict } from '#core/conflict/conflict.ts';
import type { CashMoved } from '#schemas/facts/cash-moved.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { ShiftClosed } from '#schemas/facts/shift-closed.ts';
import type { ShiftOpened } from '#schemas/facts/shift-opened.ts';
import type { TestDevice, TestShop } from './ledger-builder.ts';

export function shiftOpened(shift: number, floatMinor: number): ShiftOpened {
	return { type: 'shift.opened', v: 1, shift, floatMinor };
}

export function cashMoved(shift: number, kind: CashMoved['kind'], amountMinor: number): CashMoved {
	return { type: 'cash.moved', v: 1, shift, kind, amountMinor };
}

export function shiftClosed(shift: number, countedMinor: number, expectedMinor = countedMinor): ShiftClosed {
	return { type: 'shift.closed', v: 1, shift, countedMinor, expectedMinor };
}

export function ledgerOf(shop: TestShop, entries: readonly Entry[] = shop.entries): Ledger {
	const ledger = createLedger({ store: shop.store, branch: shop.branch });
	ledger.add(entries);
	return ledger;
}

/** Decides on what the device knows of itself, and seals it. Throws on a refusal. */
export function perform(ledger: Ledger, device: TestDevice, intent: Intent): readonly Entry[] {
	const decision = decideAs(ledger, device, intent);
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	const { branch, store } = decision;
	const key = `done-${device.name}-${ledger.size()}`;
	const parts = branch.length > 0 && store.length > 0;
	const first = branch.length === 0 ? undefined : device.does(branch, { key, ...(parts ? { part: { n: 1, of: 2 } } : {}) });
	const second =
		store.length === 0
			? undefined
			: device.does(store, { key, scope: 'store', ...(first === undefined ? {} : { part: { n: 2, of: 2, first: first.hash } as const }) });
	const made = [first, second].filter((entry) => entry !== undefined);
	ledger.add(made);
	return made;
}

export function decideAs(ledger: Ledger, device: TestDevice, intent: Intent): ReturnType<typeof decide> {
	return decide(ledger, intent, { device: device.id, nextReceipt: { till: device.till, number: 1 }, nowMs: 0 });
}

export function answer(ledger: Ledger, device: TestDevice, conflict: Conflict | undefined, choice: string, value?: string): readonly Entry[] {
	if (conflict === undefined) throw new Error('no conflict');
	return perform(ledger, device, { intent: 'resolve', conflict: conflict.id, choice, ...(value === undefined ? {} : { value }) });
}

/** Conflicts of a shop are the same whoever heard them in which order: all at once, one by one, backwards. */
export function conflictsInAnyOrder(shop: TestShop): readonly Conflict[] {
	const whole = ledgerOf(shop).conflicts();
	for (const order of [[...shop.entries], [...shop.entries].reverse()]) {
		const ledger = ledgerOf(shop, []);
		for (const entry of order) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		const [a, b] = [ledger.conflicts(), whole].map((list) =>
			JSON.stringify(list.map(({ key, unsettled, detail, stake }) => [key, unsettled, detail, stake])),
		);
		if (a !== b) throw new Error(`another order of arrival, other conflicts:\n${a}\n${b}`);
	}
	return whole;
}

export function factsOf<Type extends Fact['type']>(entries: readonly Entry[], type: Type): readonly Extract<Fact, { type: Type }>[] {
	return entries.flatMap(({ facts }) => facts.filter((fact): fact is Extract<Fact, { type: Type }> => !('raw' in fact) && fact.type === type));
}

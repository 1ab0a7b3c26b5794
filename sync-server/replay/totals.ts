/** What a ledger adds up to, from its fold alone: to be held against the file's own sums. */
import { decimalText, sumMinor } from '#core/money.ts';
import type { Ledger } from '#core/ledger/ledger.ts';

export interface ReplayTotals {
	/** Sold, less given back, plus adjusted, as the file's `Quantity` adds up; by SKU, in order of SKU. */
	readonly netUnitsBySku: Readonly<Record<string, number>>;
	/** Sales less refunds by trading day, decimal text. */
	readonly takingsByDay: Readonly<Record<string, string>>;
	readonly takings: string;
	readonly conflictsByKind: Readonly<Record<string, number>>;
}

export function totalsOfLedger(ledger: Ledger): ReplayTotals {
	const { stock, sales, refunds, settings } = ledger.state;
	const currency = settings.value('currency') ?? { code: 'GBP', digits: 2 };
	const units = [...stock.values()].flatMap(({ sku, movements }) => {
		const milli = movements.map(({ kind, quantityMilli }) =>
			kind === 'sold' || kind === 'returned' ? -quantityMilli : kind === 'adjusted' ? quantityMilli : 0,
		);
		const moved = movements.some(({ kind }) => kind !== 'received');
		return moved ? [[sku, milli.reduce((sum, one) => sum + one, 0) / 1000] as const] : [];
	});
	const byDay = new Map<string, number>();
	for (const { entry, fact, counts } of [...sales.values(), ...refunds.values()]) {
		if (!counts) continue;
		const { tradingDay } = entry.header;
		byDay.set(tradingDay, (byDay.get(tradingDay) ?? 0) + (fact.type === 'refund.completed' ? -fact.totalMinor : fact.totalMinor));
	}
	const conflictsByKind: Record<string, number> = {};
	for (const { kind } of ledger.conflicts()) conflictsByKind[kind] = (conflictsByKind[kind] ?? 0) + 1;
	return {
		netUnitsBySku: Object.fromEntries(units.sort(([a], [b]) => (a < b ? -1 : 1))),
		takingsByDay: Object.fromEntries([...byDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, minor]) => [day, decimalText(minor, currency)])),
		takings: decimalText(sumMinor([...byDay.values()]), currency),
		conflictsByKind,
	};
}

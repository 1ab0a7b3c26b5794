/** Facts as a shop writes them, short enough for a test to read like a day at the counter. Amounts are pence, quantities whole units unless named. */
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import type { BranchPriceChanged } from '#schemas/facts/branch-price-changed.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { CorrectionMade } from '#schemas/facts/correction-made.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { PriceChanged } from '#schemas/facts/price-changed.ts';
import type { ProductCreated, ProductFields } from '#schemas/facts/product-created.ts';
import type { ProductEdited } from '#schemas/facts/product-edited.ts';
import type { ProductRetired } from '#schemas/facts/product-retired.ts';
import type { RefundClaimed } from '#schemas/facts/refund-claimed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { Receipt, SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { Setting, SettingChanged } from '#schemas/facts/setting-changed.ts';
import type { StockAdjusted } from '#schemas/facts/stock-adjusted.ts';
import type { StockCounted } from '#schemas/facts/stock-counted.ts';
import type { StockReceived } from '#schemas/facts/stock-received.ts';

export const GBP = { code: 'GBP', digits: 2 } as const;

export function created(sku: string, fields: Partial<ProductFields> = {}): ProductCreated {
	return {
		type: 'product.created',
		v: 1,
		sku: sku as Sku,
		name: `Product ${sku}`,
		category: 'Things',
		unit: 'each',
		gtins: [] as Gtin[],
		taxRate: 'standard',
		tracked: true,
		...fields,
	};
}

export function edited(sku: string, fields: ProductEdited['fields']): ProductEdited {
	return { type: 'product.edited', v: 1, sku: sku as Sku, fields };
}

export function renamed(sku: string, value: string, replaces: readonly EntryHash[]): ProductEdited {
	return edited(sku, { name: { value, replaces: [...replaces] } });
}

export function retired(sku: string): ProductRetired {
	return { type: 'product.retired', v: 1, sku: sku as Sku };
}

export function priced(sku: string, unitPriceE4: number, replaces: readonly EntryHash[] = []): PriceChanged {
	return { type: 'price.changed', v: 1, sku: sku as Sku, unitPriceE4, replaces: [...replaces] };
}

/** In one branch alone; null: what it costs everywhere, again. */
export function ownPriced(sku: string, branch: BranchId, unitPriceE4: number | null, replaces: readonly EntryHash[] = []): BranchPriceChanged {
	return { type: 'branchPrice.changed', v: 1, sku: sku as Sku, branch, unitPriceE4, replaces: [...replaces] };
}

export function received(sku: string, units: number): StockReceived {
	return { type: 'stock.received', v: 1, lines: [{ sku: sku as Sku, quantityMilli: units * 1000 }] };
}

export function adjusted(sku: string, units: number, reason: StockAdjusted['reason'] = 'damage'): StockAdjusted {
	return { type: 'stock.adjusted', v: 1, lines: [{ sku: sku as Sku, quantityMilli: units * 1000 }], reason };
}

export function counted(sku: string, units: number, asOf: AsOf): StockCounted {
	return { type: 'stock.counted', v: 1, lines: [{ sku: sku as Sku, quantityMilli: units * 1000, asOf }] };
}

/** `sold([['A', 2, 240]], receipt)`: two of A for 2.40, paid in cash. */
export function sold(lines: readonly (readonly [sku: string, units: number, totalMinor: number])[], receipt: Receipt): SaleCompleted {
	const totalMinor = lines.reduce((sum, [, , minor]) => sum + minor, 0);
	return {
		type: 'sale.completed',
		v: 1,
		receipt,
		currency: GBP,
		lines: lines.map(([sku, units, minor]) => ({
			sku: sku as Sku,
			name: `Product ${sku}`,
			quantityMilli: Math.round(units * 1000),
			unitPriceE4: Math.round((minor * 100) / units),
			totalMinor: minor,
			taxRate: 'standard',
			taxPercentMilli: 20_000,
			taxMinor: Math.round(minor / 6),
		})),
		roundingMinor: 0,
		totalMinor,
		tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }],
	};
}

/** `refunded(sale, [[0, 'A', 1, 120]], receipt)`: one of the sale's first line, back on the shelf. */
export function refunded(
	sale: EntryHash,
	lines: readonly (readonly [saleLine: number, sku: string, units: number, totalMinor: number, restock?: boolean])[],
	receipt: Receipt,
): RefundCompleted {
	const totalMinor = lines.reduce((sum, [, , , minor]) => sum + minor, 0);
	return {
		type: 'refund.completed',
		v: 1,
		receipt,
		currency: GBP,
		sale,
		lines: lines.map(([saleLine, sku, units, minor, restock = true]) => ({
			saleLine,
			sku: sku as Sku,
			name: `Product ${sku}`,
			quantityMilli: Math.round(units * 1000),
			totalMinor: minor,
			taxRate: 'standard',
			taxPercentMilli: 20_000,
			taxMinor: Math.round(minor / 6),
			restock,
		})),
		roundingMinor: 0,
		totalMinor,
		tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }],
	};
}

/** Back comes `refunded`, out goes `sold`, on one receipt; cash moves the difference. */
export function exchanged(back: RefundCompleted, out: SaleCompleted): ExchangeCompleted {
	const totalMinor = out.totalMinor - back.totalMinor;
	const tender = { type: 'cash', amountMinor: totalMinor, givenMinor: Math.max(0, totalMinor), changeMinor: Math.max(0, -totalMinor) } as const;
	return {
		...{ type: 'exchange.completed', v: 1, receipt: out.receipt, currency: out.currency, ...(back.sale === undefined ? {} : { sale: back.sale }) },
		...{ returned: back.lines, lines: out.lines, roundingMinor: 0, totalMinor, tenders: totalMinor === 0 ? [] : [tender] },
	};
}

/** The other branch's half of a refund of this sale. */
export function claimed(sale: Entry, home: BranchId, [saleLine, units, totalMinor]: readonly [number, number, number]): RefundClaimed {
	return {
		...{ type: 'refund.claimed', v: 1, sale: sale.hash, home, at: { device: sale.header.device, seq: sale.header.seq } },
		lines: [{ saleLine, quantityMilli: units * 1000, totalMinor, taxMinor: Math.round(totalMinor / 6) }],
	};
}

export function corrected(entry: EntryHash, reason = 'a mistake'): CorrectionMade {
	return { type: 'correction.made', v: 1, corrects: entry, reason };
}

export function changedSetting(setting: Setting, replaces: readonly EntryHash[] = []): SettingChanged {
	return { type: 'setting.changed', v: 1, setting, replaces: [...replaces] };
}

export function resolved(conflict: ConflictResolved['conflict'], members: readonly EntryHash[], choice: string, value?: string): ConflictResolved {
	return { type: 'conflict.resolved', v: 1, conflict, members: [...members], choice, ...(value === undefined ? {} : { value }) };
}

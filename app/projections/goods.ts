/**
 * Goods as a manager reads them: suppliers and what they have, orders and what came of them, transfers, what to order again, prices that are planned.
 *
 * 1. Money is without tax where it is a cost. What differs is worth what it cost, and where nobody knows that, what it is sold for.
 */
import { branchName } from '#core/branch-name.ts';
import { averageCostE4 } from '#core/cost.ts';
import { compareText } from '#core/entry/order.ts';
import type { OrderState } from '#core/ledger/books/orders.ts';
import type { SupplierState } from '#core/ledger/books/suppliers.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { roundHalfEven } from '#core/money.ts';
import { reorderOf, SALES_DAYS, type Offer } from '#core/reorder.ts';
import { priceAt, storePriceAt } from '#core/price.ts';
import type { StockLevels } from '#schemas/facts/levels-set.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { SupplierField, SupplierFields, SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { SupplyTerms } from '#schemas/facts/supply-changed.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import { compareNames } from './catalogue.ts';
import { createDemand, soldSinceMs, type Demand } from './demand.ts';
import { reasonText } from './reasons.ts';
import { branchText, deviceName } from './shop.ts';

/** What is asked with: the fold, the clock of whoever asks, and the stock that screens show. */
export interface GoodsContext {
	readonly ledger: Ledger;
	readonly nowMs: number;
	/** Thousandths. */
	readonly onHandMilli: (sku: Sku) => number;
	/** Where one is kept; else it is read for the question alone. */
	readonly demand?: Demand;
}

export interface SupplierRow {
	readonly supplier: SupplierId;
	/** Fields that nobody wrote are empty; `leadDays` is then undefined. */
	readonly fields: Partial<SupplierFields> & { readonly name: string };
	readonly replaces: { readonly [Field in SupplierField]?: readonly EntryHash[] };
	/** What somebody else wrote into a field apart, beside what stands. */
	readonly apart: readonly { readonly field: SupplierField; readonly value: string }[];
	readonly products: number;
}

export interface SupplyRow {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly terms: SupplyTerms;
}

export interface OrderRow {
	readonly order: OrderId;
	/** Short, for people and papers. */
	readonly number: string;
	readonly supplier: SupplierId | undefined;
	readonly supplierName: string;
	readonly supplierEmail: string;
	readonly account: string;
	readonly placedAtMs: number | undefined;
	readonly deviceName: string;
	readonly state: 'open' | 'partly' | 'closed';
	readonly closedReason: string;
	/** The last one is what holds. */
	readonly changes: readonly { readonly entry: EntryHash; readonly atMs: number; readonly deviceName: string }[];
	readonly note: string;
	readonly lines: readonly OrderLineRow[];
	/** As ordered, of lines whose cost is known. */
	readonly costMinor: number;
	readonly receipts: readonly { readonly entry: EntryHash; readonly atMs: number; readonly reference: string; readonly pieces: number }[];
}

export interface OrderLineRow {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly code: string;
	readonly orderedMilli: number;
	readonly receivedMilli: number;
	/** Still expected; never below zero. */
	readonly leftMilli: number;
	readonly caseMilli: number;
	readonly costE4: number | undefined;
}

export interface TransferRow {
	readonly transfer: TransferId;
	readonly way: 'out' | 'in' | 'elsewhere';
	readonly fromName: string;
	readonly toName: string;
	readonly sentAtMs: number | undefined;
	readonly receivedAtMs: number | undefined;
	readonly note: string;
	readonly lines: readonly {
		readonly sku: Sku;
		readonly name: string;
		readonly unit: 'each' | 'kg';
		readonly sentMilli: number;
		readonly receivedMilli: number;
	}[];
}

export interface ReorderRow {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly onHandMilli: number;
	readonly comingMilli: number;
	readonly soldMilli: number;
	readonly salesDays: number;
	readonly levels: StockLevels | undefined;
	readonly by: 'levels' | 'sales';
	readonly minimumMilli: number;
	readonly targetMilli: number;
	readonly leadDays: number;
	readonly coverDays: number;
	readonly quantityMilli: number;
	readonly cases: number;
	readonly caseMilli: number;
	readonly isLow: boolean;
	/** Undefined: nobody is known to have it. */
	readonly supplier: SupplierId | undefined;
	readonly supplierName: string;
	readonly code: string;
	readonly costE4: number | undefined;
}

export interface PlannedPriceRow {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly entry: EntryHash;
	readonly fromMs: number;
	/** Null: what it costs everywhere, in a branch that had a price of its own. */
	readonly unitPriceE4: number | null;
	/** What holds now, in the store or in this branch. */
	readonly nowE4: number | undefined;
	/** In this branch alone. */
	readonly isOwn: boolean;
}

export interface BranchRow {
	readonly branch: BranchId;
	/** Empty where nobody named it. */
	readonly name: string;
}

export function supplierRows({ ledger }: GoodsContext): readonly SupplierRow[] {
	return ledger.state.books.suppliers
		.values()
		.map(supplierRow)
		.sort((a, b) => compareNames(a.fields.name, b.fields.name) || compareText(a.supplier, b.supplier));
}

function supplierRow({ supplier, fields, supplies }: SupplierState): SupplierRow {
	const names = Object.keys(fields) as SupplierField[];
	return {
		supplier,
		fields: Object.fromEntries(names.map((field) => [field, fields[field]?.value])) as SupplierRow['fields'],
		replaces: Object.fromEntries(names.map((field) => [field, fields[field]?.replaces ?? []])),
		apart: names.flatMap((field) => (fields[field]?.frontier ?? []).slice(0, -1).map(({ value }) => ({ field, value: String(value) }))),
		products: supplies.filter(({ value }) => value !== null).length,
	};
}

export function supplyRows({ ledger }: GoodsContext, supplier: SupplierId): readonly SupplyRow[] {
	return (ledger.state.books.suppliers.get(supplier)?.supplies ?? [])
		.flatMap(({ sku, value }) => (value === null ? [] : [{ sku, ...productOf(ledger, sku), terms: value }]))
		.sort((a, b) => compareNames(a.name, b.name));
}

/** Open ones first, the newest first among them. */
export function orderRows({ ledger }: GoodsContext): readonly OrderRow[] {
	return ledger.state.books.orders
		.values()
		.map((state) => orderRow(ledger, state))
		.sort((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed') || (b.placedAtMs ?? 0) - (a.placedAtMs ?? 0));
}

function orderRow(ledger: Ledger, { order, placed, changes, note, lines, receipts, closed }: OrderState): OrderRow {
	const supplier = placed === undefined ? undefined : ledger.state.books.suppliers.get(placed.supplier);
	const terms = new Map(supplier?.supplies.map(({ sku, value }) => [sku, value]));
	return {
		...{ order, number: order.replaceAll('-', '').slice(0, 6).toUpperCase(), supplier: placed?.supplier },
		...{ supplierName: supplier?.fields.name?.value ?? '', supplierEmail: supplier?.fields.email?.value ?? '' },
		...{ account: supplier?.fields.account?.value ?? '', placedAtMs: placed?.atMs, note, closedReason: reasonText(closed?.reason ?? '') },
		deviceName: placed === undefined ? '' : deviceName(ledger, placed.device),
		changes: changes.map(({ entry, atMs, device }) => ({ entry, atMs, deviceName: deviceName(ledger, device) })),
		state: closed !== undefined ? 'closed' : receipts.length > 0 ? 'partly' : 'open',
		lines: lines.map((line) => ({
			...line,
			...productOf(ledger, line.sku),
			leftMilli: Math.max(0, line.orderedMilli - line.receivedMilli),
			caseMilli: terms.get(line.sku)?.caseMilli ?? 1000,
		})),
		costMinor: minorOf(
			ledger,
			lines.reduce((sum, { orderedMilli, costE4 }) => sum + BigInt(orderedMilli) * BigInt(costE4 ?? 0), 0n),
		),
		receipts: receipts.map(({ entry, atMs, reference, lines: came }) => ({
			...{ entry, atMs, reference, pieces: came.reduce((sum, { quantityMilli }) => sum + quantityMilli / 1000, 0) },
		})),
	};
}

/** What is on its way first, the newest first among them. */
export function transferRows({ ledger }: GoodsContext): readonly TransferRow[] {
	const { branch, state } = ledger;
	return state.books.transfers
		.values()
		.map(({ transfer, sent, receipts, lines }): TransferRow => {
			const receivedAtMs = receipts[0]?.atMs;
			return {
				transfer,
				way: sent?.from === branch ? 'out' : sent?.to === branch || receipts.some(({ at }) => at === branch) ? 'in' : 'elsewhere',
				...{ fromName: placeText(ledger, sent?.from), toName: placeText(ledger, sent?.to ?? receipts[0]?.at) },
				...{ sentAtMs: sent?.atMs, receivedAtMs, note: sent?.note ?? '' },
				lines: lines.map(({ sku, sentMilli, receivedMilli }) => ({ sku, ...productOf(ledger, sku), sentMilli, receivedMilli })),
			};
		})
		.sort(
			(a, b) =>
				Number(a.receivedAtMs !== undefined) - Number(b.receivedAtMs !== undefined) ||
				(b.sentAtMs ?? b.receivedAtMs ?? 0) - (a.sentAtMs ?? a.receivedAtMs ?? 0),
		);
}

/** The other branches of the store, as its devices name them. */
export function branchRows({ ledger }: GoodsContext): readonly BranchRow[] {
	const branches = new Set([...ledger.state.devices.values()].map(({ branch }) => branch));
	branches.delete(ledger.branch);
	return [...branches]
		.map((branch) => ({ branch, name: branchName(ledger.state, branch) ?? '' }))
		.sort((a, b) => compareNames(a.name, b.name) || compareText(a.branch, b.branch));
}

function placeText(ledger: Ledger, branch: BranchId | undefined): string {
	return branch === undefined ? '' : branchText(ledger, branch);
}

/** What is low or should be ordered, in order of name. */
export function reorderRows({ ledger, nowMs, onHandMilli: onHand, demand = createDemand(ledger, onHand) }: GoodsContext): readonly ReorderRow[] {
	const { state } = ledger;
	const offers = new Map<Sku, Offer[]>();
	const names = new Map<SupplierId, string>();
	for (const { supplier, fields, supplies } of state.books.suppliers.values()) {
		names.set(supplier, fields.name?.value ?? '');
		if (fields.retired?.value === true) continue;
		for (const { sku, value } of supplies)
			if (value !== null) offers.set(sku, [...(offers.get(sku) ?? []), { supplier, terms: value, leadDays: fields.leadDays?.value }]);
	}
	const coming = comingOf(ledger);
	const rows: ReorderRow[] = [];
	for (const { product, onHandMilli, soldMilli, levels } of demand.since(soldSinceMs(nowMs))) {
		const { sku, name, unit } = product;
		const input = { onHandMilli, comingMilli: coming.get(sku) ?? 0, soldMilli, levels, offers: offers.get(sku) ?? [] };
		const reorder = reorderOf(input);
		if (reorder === undefined) continue;
		const { offer, ...figures } = reorder;
		rows.push({
			...{ sku, name: name.value, unit: unit.value, ...figures, levels, salesDays: SALES_DAYS },
			...{ onHandMilli, comingMilli: input.comingMilli, soldMilli },
			...{ supplier: offer?.supplier, supplierName: offer === undefined ? '' : (names.get(offer.supplier) ?? '') },
			...{ code: offer?.terms.code ?? '', costE4: offer?.terms.costE4 },
		});
	}
	return rows.sort((a, b) => compareNames(a.name, b.name) || compareText(a.sku, b.sku));
}

/** Thousandths that are ordered and not received, and on their way from other branches. */
function comingOf({ branch, state }: Ledger): ReadonlyMap<Sku, number> {
	const coming = new Map<Sku, number>();
	const add = (sku: Sku, milli: number): void => void coming.set(sku, (coming.get(sku) ?? 0) + milli);
	for (const { closed, lines } of state.books.orders.values())
		if (closed === undefined) for (const { sku, orderedMilli, receivedMilli } of lines) add(sku, Math.max(0, orderedMilli - receivedMilli));
	for (const { sent, lines } of state.books.transfers.values())
		if (sent?.to === branch) for (const { sku, inTransitMilli } of lines) add(sku, inTransitMilli);
	return coming;
}

/** Of the store and of this branch, the next to begin first. */
export function plannedPriceRows({ ledger, nowMs }: GoodsContext): readonly PlannedPriceRow[] {
	const { branch, state } = ledger;
	const rows: PlannedPriceRow[] = [];
	for (const product of state.products.values()) {
		const own = product.branchPrices?.find((one) => one.branch === branch)?.planned ?? [];
		if (product.retired || (product.planned.length === 0 && own.length === 0)) continue;
		const told = { sku: product.sku, name: product.name.value, unit: product.unit.value };
		const coming = [
			...product.planned.map((one) => ({ ...one, isOwn: false, nowE4: storePriceAt(product, nowMs)?.unitPriceE4 })),
			...own.map((one) => ({ ...one, isOwn: true, nowE4: priceAt(product, branch, nowMs)?.unitPriceE4 })),
		];
		for (const { entry, fromMs, unitPriceE4, isOwn, nowE4 } of coming)
			if (fromMs > nowMs) rows.push({ ...told, ...{ entry, fromMs, unitPriceE4, isOwn, nowE4 } });
	}
	return rows.sort((a, b) => a.fromMs - b.fromMs || compareNames(a.name, b.name));
}

/** Products whose price in this branch began at or after a moment: their labels are to be printed. */
export function changedPriceSkus({ ledger, nowMs }: GoodsContext, sinceMs: number): readonly Sku[] {
	return [...ledger.state.products.values()]
		.filter((product) => {
			const price = product.retired ? undefined : priceAt(product, ledger.branch, nowMs);
			return price !== undefined && price.sinceMs >= sinceMs && product.createdAtMs <= nowMs;
		})
		.map(({ sku }) => sku);
}

/** Average cost of what is on the shelf, by product, for those whose cost is known: ten-thousandths of the major unit. */
export function costsOf({ ledger, onHandMilli }: GoodsContext): readonly (readonly [sku: Sku, costE4: number])[] {
	return ledger.state.books.costs.entries().flatMap(([sku, state]) => {
		const cost = averageCostE4(state, onHandMilli(sku));
		return cost === undefined ? [] : [[sku, cost] as const];
	});
}

function productOf({ state }: Ledger, sku: Sku): { readonly name: string; readonly unit: 'each' | 'kg' } {
	const product = state.products.get(sku);
	return { name: product?.name.value ?? sku, unit: product?.unit.value ?? 'each' };
}

/** Thousandths of a product times ten-thousandths of the major unit, as minor units: rounded once, alike above and below zero. */
export function minorOf({ state }: Ledger, milliE4: bigint): number {
	return roundHalfEven(milliE4, 1000n * 10n ** BigInt(4 - (state.settings.value('currency')?.digits ?? 2)));
}

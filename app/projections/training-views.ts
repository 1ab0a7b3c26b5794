/**
 * What screens see while a till is practised on: the shop's goods as they are, and everything that was rung up, counted and reported from the practice
 * ledger alone, by the same projections. No conflict, receipt, shift or day of the shop is shown, and no figure of training anywhere else.
 *
 * Customers are read as they are; what a customer has to spend is brought to the practice ledger when it is first asked for, and is spent there alone.
 */
import type { Practice } from '#core/training/practice.ts';
import type { ParkedCart } from '#schemas/cart.ts';
import type { CustomerId, IntentKey, Sku } from '#schemas/ids.ts';
import { conflictRows } from './conflicts.ts';
import { creditLeft } from './credit.ts';
import type { Coverage } from './coverage.ts';
import { dayReportRow, dayRows } from './days.ts';
import { drawerRow, shiftRows, zRows } from './drawers.ts';
import { parkedRows } from './parked.ts';
import { answerTo, type Question } from './questions.ts';
import { receiptDetail, receiptRows } from './receipts.ts';
import type { ConflictRow, ParkedRow, ShopRow } from './rows.ts';
import { createView, type MutableView } from './view.ts';
import type { Views } from './views.ts';

export interface TrainingViews {
	readonly views: Views;
	readonly shop: MutableView<ShopRow>;
	/** Something was recorded on the practice ledger, or put aside. */
	changed(): void;
	setFavourite(sku: Sku, favourite: boolean): void;
	readonly parked: Map<string, { readonly cart: ParkedCart; readonly atMs: number }>;
}

/** Stock takes of the shop are out of reach: what is counted waits on the device, and would be sent when training is over. */
const ANSWERED_BY: Readonly<Record<Question, 'shop' | 'practice'>> = {
	...{ stockTakes: 'practice', stockTake: 'practice', returnFigures: 'practice', returnedGoods: 'practice', report: 'practice' },
	...{ suppliers: 'shop', supplies: 'shop', orders: 'shop', transfers: 'shop', branches: 'shop', settled: 'shop' },
	...{ reorder: 'shop', plannedPrices: 'shop', changedPrices: 'shop', costs: 'shop' },
};

const NOWHERE: Coverage = { atHost: () => false, inCloud: () => false, update: () => undefined };

export function createTrainingViews(
	real: Views,
	shopNow: ShopRow,
	favouritesNow: readonly Sku[],
	{ ledger, device, record }: Practice,
	nowMs: () => number,
): TrainingViews {
	const own = { device, name: shopNow.device.name, till: shopNow.device.till };
	const brought = new Map<CustomerId, Promise<void>>();
	const parkedCarts = new Map<string, { readonly cart: ParkedCart; readonly atMs: number }>();
	const shop = createView<ShopRow>(ofTraining());
	const favourites = createView<readonly Sku[]>(favouritesNow);
	const parked = createView<readonly ParkedRow[]>([]);
	const conflicts = createView<readonly ConflictRow[]>([]);
	const receiptsVersion = createView(0);

	function ofTraining(): ShopRow {
		const { shift: _real, ...rest } = shopNow;
		const shift = ledger.state.books.drawers.get(device)?.openShift;
		return { ...rest, training: true, device: { ...shopNow.device, id: device }, ...(shift === undefined ? {} : { shift }) };
	}

	async function bringCredit(customer: CustomerId): Promise<void> {
		const amountMinor = await real.credit(customer);
		if (amountMinor <= 0) return;
		record([{ type: 'credit.given', v: 1, customer, amountMinor }], 'store', `credit of ${customer}` as IntentKey, nowMs(), false);
	}

	function creditOnce(customer: CustomerId): Promise<void> {
		const asked = brought.get(customer) ?? bringCredit(customer);
		brought.set(customer, asked);
		return asked;
	}

	return {
		...{ shop, parked: parkedCarts },
		views: {
			...{ shop, favourites, parked, conflicts, receiptsVersion },
			...{
				catalogue: real.catalogue,
				sync: real.sync,
				room: real.room,
				update: real.update,
				dropped: real.dropped,
				keysRenewedAtMs: real.keysRenewedAtMs,
				keysGivenUp: real.keysGivenUp,
				hubByCode: real.hubByCode,
				recovery: real.recovery,
			},
			...{ goodsVersion: real.goodsVersion, customersVersion: real.customersVersion, atTill: real.atTill, lockRule: real.lockRule },
			equipment: real.equipment,
			ask: (name, ...args) =>
				ANSWERED_BY[name] === 'shop'
					? real.ask(name, ...args)
					: Promise.resolve(answerTo({ ledger, nowMs: nowMs(), onHandMilli: (sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0 }, name, args)),
			search: (text, limit) => real.search(text, limit),
			movements: (sku, limit) => real.movements(sku, limit),
			elsewhere: (sku) => real.elsewhere(sku),
			startCount: (sku, count) => real.startCount(sku, count),
			retired: () => real.retired(),
			customers: (text, limit) => real.customers(text, limit),
			customer: (customer) => real.customer(customer),
			customerByContact: (text) => real.customerByContact(text),
			async credit(customer) {
				await creditOnce(customer);
				return creditLeft(ledger, customer);
			},
			receipts: (text, limit) => Promise.resolve(receiptRows(ledger, NOWHERE, text, limit)),
			receipt: (entry) => Promise.resolve(receiptDetail(ledger, NOWHERE, entry)),
			receiptElsewhere: () => Promise.resolve('one-branch'),
			drawer: () => Promise.resolve(drawerRow(ledger, device, nowMs())),
			shifts: (limit) => Promise.resolve(shiftRows(ledger, limit)),
			zs: (limit) => Promise.resolve(zRows(ledger, limit)),
			days: (limit) => Promise.resolve(dayRows(ledger, limit)),
			day: (day) => Promise.resolve(dayReportRow(ledger, day)),
		},
		changed() {
			const floor = Object.fromEntries([...parkedCarts].map(([id, { cart, atMs }]) => [id, JSON.stringify({ v: 1, cart, atMs, device })]));
			parked.set(parkedRows(ledger, floor, own));
			conflicts.set(conflictRows(ledger, device));
			shop.set(ofTraining());
			receiptsVersion.set(receiptsVersion.get() + 1);
		},
		setFavourite(sku, favourite) {
			const others = favourites.get().filter((one) => one !== sku);
			favourites.set(favourite ? [...others, sku] : others);
		},
	};
}

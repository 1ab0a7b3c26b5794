/** A shop with a hub and two tills that know its products, for tests that begin with a sale. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { changedSetting, created, GBP, priced, received, sold } from './facts.ts';
import { createTestShop, type TestDevice, type TestShop, type TestShopOptions } from './ledger-builder.ts';

export interface Floor {
	readonly shop: TestShop;
	readonly hub: TestDevice;
	readonly till1: TestDevice;
	readonly till2: TestDevice;
	/** Everything so far, folded afresh. */
	ledger(...without: readonly Entry[]): Ledger;
	/** Everybody has heard everything. */
	meet(): void;
	/** One line of one SKU, a pound each. */
	sell(till: TestDevice, sku: string, units?: number): Entry;
	onHand(ledger: Ledger, sku: string): number;
}

/** `stock`: units of each SKU, received by the hub before the tills open. */
export function openFloor(stock: Readonly<Record<string, number>> = { A: 1 }, options: TestShopOptions = {}): Floor {
	const shop = createTestShop(options);
	const hub = shop.device('Hub', { role: 'hub', till: 9 });
	const till1 = shop.device('Till 1', { till: 1 });
	const till2 = shop.device('Till 2', { till: 2 });
	const devices = [hub, till1, till2];
	const floor: Floor = {
		shop,
		hub,
		till1,
		till2,
		ledger(...without) {
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			ledger.add(shop.entries.filter((entry) => !without.includes(entry)));
			return ledger;
		},
		meet() {
			for (const device of devices) device.hears(...shop.entries);
		},
		sell: (till, sku, units = 1) => till.does([sold([[sku, units, units * 100]], till.receipt())]),
		onHand: (ledger, sku) => (ledger.state.stock.get(sku as Sku)?.onHandMilli ?? 0) / 1000,
	};
	hub.does(
		devices.map((device) => device.enrolment()),
		{ scope: 'store' },
	);
	hub.does(
		[
			changedSetting({ name: 'currency', value: GBP }),
			changedSetting({ name: 'taxRates', value: [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }] }),
			...Object.keys(stock).flatMap((sku) => [created(sku), priced(sku, 10_000)]),
		],
		{ scope: 'store' },
	);
	hub.does(Object.entries(stock).map(([sku, units]) => received(sku, units)));
	floor.meet();
	return floor;
}

export function hashes(entries: readonly { readonly hash: EntryHash }[]): readonly EntryHash[] {
	return entries.map(({ hash }) => hash);
}

/**
 * A day in the demo shop, as a real ledger: three tills and a hub, some dozens of sales, a refund, and a last unit that two tills sold apart.
 * Deterministic: the same pictures every time.
 */
import { demoShop } from '#core/demo/demo-shop.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { cashTender, completeSale } from '#core/sale/complete-sale.ts';
import { totalsOf } from '#core/sale/cart.ts';
import type { CartLine } from '#schemas/cart.ts';
import type { Entry } from '#schemas/entry.ts';
import type { IntentKey, PersonId, Sku } from '#schemas/ids.ts';
import { changedSetting, created, priced, received } from '../facts.ts';
import { createTestShop, type TestDevice, type TestShop } from '../ledger-builder.ts';
import { renewalsShown } from '../unsigned-renewal.ts';

export interface FixtureShop {
	readonly shop: TestShop;
	readonly ledger: Ledger;
	/** The till that the gallery shows. */
	readonly own: TestDevice;
	readonly others: readonly TestDevice[];
	readonly hub: TestDevice;
	/** Puts one more entry of the own till into the ledger. */
	does(facts: readonly object[], scope: 'branch' | 'store', key: IntentKey, by?: PersonId): Entry;
	/** Puts a sale of another till into it. */
	neighbourSells(sku: Sku, pieces: number): void;
}

const SALES = 64;

const STAFF = (
	[
		['olga', 'Olga Marsh', 'owner'],
		['mia', 'Mia Kerr', 'manager'],
		['sam', 'Sam Oduya', 'supervisor'],
		['cas', 'Cas Whitby', 'cashier'],
		['lin', 'Lin Tran', 'cashier'],
	] as const
).map(([person, name, role]) => ({ type: 'person.added', v: 1, person, name, role, pin: '$argon2id$gallery' }));

export function openFixtureShop(empty: boolean, nowMs: number, staffed = false): FixtureShop {
	const { shop: demo, products } = demoShop();
	const shop = createTestShop({ seed: 'gallery', startMs: nowMs - 3 * 3_600_000 });
	const ledger = createLedger({ store: shop.store, branch: shop.branch, renewalsIn: renewalsShown });
	const hub = shop.device('Hub', { role: 'hub', till: 9 });
	const [till1, till2, own] = [1, 2, 3].map((till) => shop.device(`Till ${till}`, { till })) as [TestDevice, TestDevice, TestDevice];
	const all = [hub, till1, till2, own];
	let met = 0;
	const meet = (): void => {
		const since = shop.entries.slice(met);
		met = shop.entries.length;
		for (const device of all) device.hears(...since);
	};

	hub.does(
		all.map((device) => device.enrolment()),
		{ scope: 'store' },
	);
	hub.does(
		[
			...(['storeName', 'branchName'] as const).map((name) => changedSetting({ name, value: demo[name] })),
			changedSetting({ name: 'currency', value: demo.currency }),
			changedSetting({ name: 'taxRates', value: demo.taxRates }),
			changedSetting({ name: 'timeZone', value: demo.timeZone }),
			changedSetting({ name: 'demo', value: true }),
			changedSetting({ name: 'receiptHeader', value: 'Tidewater Stores\n4 Harbour Street' }),
			changedSetting({ name: 'receiptFooter', value: 'Keep this receipt for a refund within 28 days.' }),
		],
		{ scope: 'store' },
	);
	const relay = shop.device('relay').id;
	hub.does([{ type: 'relay.joined', v: 1, relay, url: 'wss://relay.example', name: 'Relay' }], { scope: 'store' });
	if (staffed) hub.does(STAFF, { scope: 'store' });
	if (!empty) {
		const made = products.map((product) => created(product.sku, product.fields));
		hub.does(made, { scope: 'store' });
		hub.does(
			products.map(({ sku, unitPriceE4 }) => priced(sku, unitPriceE4)),
			{ scope: 'store' },
		);
		const grownUps = products.find(({ fields }) => fields.name.startsWith('Ginger beer'));
		if (grownUps !== undefined)
			hub.does([{ type: 'product.edited', v: 2, sku: grownUps.sku, fields: { ageLimit: { value: 18, replaces: [] } } }], { scope: 'store' });
		for (const { sku, openingMilli } of products) if (openingMilli !== undefined) hub.does([received(sku, openingMilli / 1000)]);
		meet();
		day();
	}
	ledger.add(shop.entries);

	return {
		...{ shop, ledger, own, others: [till1, till2], hub },
		does(facts, scope, key, by) {
			const entry = own.does(facts, { scope, key, atMs: Date.now(), ...(by === undefined ? {} : { by }) });
			ledger.add([entry]);
			return entry;
		},
		neighbourSells(sku, pieces) {
			shop.nowMs = Date.now();
			ledger.add([sells(till1, [[sku, pieces * 1000]], false)]);
		},
	};

	function day(): void {
		const random = numbersFrom(7);
		const pick = <One>(from: readonly One[]): One => from[Math.floor(random() * from.length)] as One;
		const plenty = products.filter(({ openingMilli }) => openingMilli === undefined || openingMilli > 9_000);
		const tills = [till1, till2, own];
		for (let sale = 0; sale < SALES; sale += 1) {
			shop.nowMs += 60_000 + Math.floor(random() * 60_000);
			const basket = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(plenty).sku);
			sells(
				pick(tills),
				basket.map((sku) => [sku, products.find((one) => one.sku === sku)?.fields.unit === 'kg' ? 640 : 1000 * (1 + Math.floor(random() * 1.4))]),
				random() < 0.4,
			);
			meet();
		}
		// Two tills that do not hear of each other sell the last one.
		const last = products.find(({ openingMilli }) => openingMilli === 1000);
		if (last === undefined) throw new Error('the demo shop has no last unit');
		const first = sells(own, [[last.sku, 1000]], false);
		shop.nowMs += 60_000;
		const second = sells(till2, [[last.sku, 1000]], true);
		shop.nowMs += 240_000;
		for (const device of all) device.hears(first, second);
		// And two people change one price apart.
		const loaf = products[0]!;
		const before = shop.entries
			.filter((entry) => entry.facts.some((fact) => 'type' in fact && fact.type === 'price.changed' && 'sku' in fact && fact.sku === loaf.sku))
			.map(({ hash }) => hash);
		const one = till1.does([priced(loaf.sku, loaf.unitPriceE4 + 500, before)], { scope: 'store' });
		const two = own.does([priced(loaf.sku, loaf.unitPriceE4 + 1000, before)], { scope: 'store' });
		for (const device of all) device.hears(one, two);
		for (let sale = 0; sale < 6; sale += 1) {
			shop.nowMs += 90_000;
			sells(
				own,
				[
					[pick(plenty).sku, 1000],
					[pick(plenty).sku, 1000],
				],
				sale % 2 === 0,
			);
		}
		meet();
	}

	function sells(till: TestDevice, lines: readonly (readonly [sku: Sku, quantityMilli: number])[], card: boolean): Entry {
		const cart = {
			key: 'gallery-cart' as IntentKey,
			lines: lines.map(([sku, quantityMilli], place) => lineOf(sku, quantityMilli, place)),
			changedAtMs: shop.nowMs,
		};
		const { totalMinor } = totalsOf(cart, demo.currency, 1);
		const tender = card ? ({ type: 'card', amountMinor: totalMinor } as const) : cashTender(totalMinor, Math.ceil(totalMinor / 500) * 500);
		const fact = completeSale(cart, [tender], { receipt: till.receipt(), currency: demo.currency, cashRoundingMinor: 1 });
		if (isRefusal(fact)) throw new Error(`a sale of the gallery was refused: ${JSON.stringify(fact)}`);
		return till.does([fact]);
	}

	function lineOf(sku: Sku, quantityMilli: number, place: number): CartLine {
		const product = products.find((one) => one.sku === sku);
		if (product === undefined) throw new Error(`no product ${sku}`);
		const { name, unit, taxRate } = product.fields;
		const taxPercentMilli = demo.taxRates.find(({ id }) => id === taxRate)?.percentMilli ?? 0;
		return { id: String(place), sku, name, quantityMilli, unit, unitPriceE4: product.unitPriceE4, taxRate, taxPercentMilli };
	}
}

/** mulberry32: small, and the same everywhere. */
function numbersFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

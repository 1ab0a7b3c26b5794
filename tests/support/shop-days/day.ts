/**
 * A shop's day by the law, from a seed: whatever happens in it, nobody has anything to decide.
 *
 * 1. More of every product is on the shelf than all tills sell of it together, whoever hears of whom and when.
 * 2. No more of a line is given back than was sold, and only by whoever knows the sale.
 * 3. Who edits, prices, retires, counts or closes has heard everything; who touches that thing afterwards has heard of it.
 * 4. Clocks are less than four minutes apart. Numbers, contacts and carts are each given once. Drawers hold what they should.
 *
 * Everything else is left to chance: who hears of what else, in which order things are done, how much of it. The same seed makes the same day, to the byte.
 */
import type { DamagedFound } from '#core/conflict/conflict.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import type { Right } from '#schemas/rights.ts';
import { MANAGER_RIGHTS } from '#schemas/rights.ts';
import { diceOf, type Dice } from '../../sim/random.ts';
import { changedSetting, created, GBP, priced, received } from '../facts.ts';
import { createTestShop, type DoOptions, type TestDevice, type TestShop } from '../ledger-builder.ts';
import { shiftClosed, shiftOpened } from '../till-day.ts';

export interface Good {
	readonly sku: Sku;
	priceMinor: number;
	/** The entries that an edit replaces now. */
	priceEntry: EntryHash;
	/** What the store asks, and what this branch said of its own price last. */
	storeEntry: EntryHash;
	storeMinor: number;
	ownEntry?: EntryHash;
	nameEntry: EntryHash;
	/** On the shelf, by everything that anybody did. */
	units: number;
	/** So many may be sold yet, whoever has heard of what. */
	leftUnits: number;
	isRetired: boolean;
	/** Whoever touches it has heard the day up to here. */
	heardUpTo: number;
}

export interface SoldLine {
	readonly good: Good;
	readonly units: number;
	readonly totalMinor: number;
	refundedUnits: number;
}

export interface Till {
	readonly device: TestDevice;
	/** Against the shop's clock. */
	readonly skewMs: number;
	/** Absent: closed for the day, or a hub. */
	shift: { readonly number: number; cashMinor: number } | undefined;
}

export interface ShopDay {
	readonly shop: TestShop;
	readonly dice: Dice;
	readonly hub: Till;
	readonly tills: readonly Till[];
	/** In the other branch; it hears and writes the store's chains alone. */
	readonly elsewhere: Till;
	readonly otherBranch: BranchId;
	readonly goods: Good[];
	readonly sales: { readonly entry: Entry; readonly lines: readonly SoldLine[] }[];
	/** Entries that never arrive anywhere. */
	readonly lost: Set<Entry>;
	/** Bytes that did not verify. */
	readonly damaged: DamagedFound[];
	does(who: Till, facts: readonly object[], options?: DoOptions): Entry;
	/** It hears everything that was said so far. */
	hears(who: Till): void;
	everybodyHears(): void;
	knows(who: Till, entry: Entry): boolean;
	/** It has heard what it must before it touches these. */
	mayTouch(who: Till, goods: readonly Good[]): void;
	/** Everybody has heard of it; so many are on the shelf. Not one of `goods`: the day leaves it alone. */
	newGood(units: number): Good;
	/** A device of its own, enrolled by the hub, with the clock of the shop. It has heard nothing, and others need not have heard of it. */
	newDevice(rights?: readonly Right[], till?: number): Till;
	/** One line, a pound each, of a good that is not one of the day's. */
	sells(who: Till, good: Good, units?: number, more?: object): Entry;
	/** A number that nothing else of the day has. */
	number(): number;
	/** Drawers are counted, the hub has heard everything and reports the day. */
	close(): void;
}

const PLENTY = 400;

/** Who stands at the tills, and who may allow what a cashier may not. */
export const CASHIER = 'cas';
export const SUPERVISOR = 'sue';

export function openDay(seed: number): ShopDay {
	const dice = diceOf(`shop day ${seed}`);
	const shop = createTestShop({ seed: `day ${seed}` });
	const otherBranch = '0f'.repeat(16) as BranchId;
	const told = new Map<TestDevice, number>();
	let numbers = 100;

	const skewMs = (): number => dice.between(-110_000, 110_000);
	const hub: Till = { device: shop.device('Hub', { role: 'hub', till: 99 }), skewMs: skewMs(), shift: undefined };
	const tills = Array.from({ length: dice.between(2, 6) }, (_, index): Till => {
		return { device: shop.device(`Till ${index + 1}`, { till: index + 1 }), skewMs: skewMs(), shift: undefined };
	});
	const elsewhere: Till = { device: shop.device('Other hub', { role: 'hub', till: 98 }), skewMs: skewMs(), shift: undefined };
	const everybody = [hub, ...tills, elsewhere];

	const day: ShopDay = {
		...{ shop, dice, hub, tills, elsewhere, otherBranch, goods: [], sales: [], lost: new Set(), damaged: [] },
		does: (who, facts, options) => who.device.does(facts, { atMs: shop.nowMs + 1000 + who.skewMs, ...options }),
		hears(who) {
			const known = shop.entries.slice(told.get(who.device) ?? 0);
			who.device.hears(...known.filter(({ header }) => who !== elsewhere || header.scope === 'store'));
			told.set(who.device, shop.entries.length);
		},
		everybodyHears() {
			for (const who of everybody) day.hears(who);
		},
		knows: (who, entry) => entry.header.device === who.device.id || shop.entries.indexOf(entry) < (told.get(who.device) ?? 0),
		mayTouch(who, goods) {
			if (goods.some(({ heardUpTo }) => heardUpTo > (told.get(who.device) ?? 0))) day.hears(who);
		},
		newGood(units) {
			const good = makeGood(`planted ${day.number()}`, 100, units);
			day.everybodyHears();
			return good;
		},
		newDevice(rights = MANAGER_RIGHTS, till = day.number()) {
			const device = shop.device(`Device ${day.number()}`, { till });
			day.does(hub, [device.enrolment(rights)], { scope: 'store' });
			return { device, skewMs: 0, shift: undefined };
		},
		sells: (who, good, units = 1, more = {}) => day.does(who, [{ ...saleOf(who, [{ good, units }]), ...more }]),
		number: () => (numbers += 1),
		close() {
			for (const till of tills) {
				if (till.shift === undefined) continue;
				day.does(till, [shiftClosed(till.shift.number, till.shift.cashMinor)]);
				till.shift = undefined;
			}
			day.everybodyHears();
			reportDay(day);
		},
	};

	function makeGood(sku: string, priceMinor: number, units: number): Good {
		const made = day.does(hub, [created(sku), priced(sku, priceMinor * 100)], { scope: 'store' });
		day.does(hub, [received(sku, units)]);
		return {
			...{ sku: sku as Sku, priceMinor, priceEntry: made.hash, nameEntry: made.hash, storeEntry: made.hash, storeMinor: priceMinor },
			...{ units, leftUnits: units, isRetired: false, heardUpTo: shop.entries.length },
		};
	}

	day.does(
		hub,
		[hub, ...tills].map(({ device }) => device.enrolment()),
		{ scope: 'store' },
	);
	day.does(hub, [{ ...elsewhere.device.enrolment(), branch: otherBranch }], { scope: 'store' });
	day.does(
		hub,
		[
			changedSetting({ name: 'currency', value: GBP }),
			changedSetting({ name: 'taxRates', value: [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }] }),
		],
		{ scope: 'store' },
	);
	day.does(
		hub,
		(
			[
				['olga', 'owner'],
				[SUPERVISOR, 'supervisor'],
				[CASHIER, 'cashier'],
			] as const
		).map(([person, role]) => ({ type: 'person.added', v: 1, person, name: person, role, pin: null })),
		{ scope: 'store' },
	);
	for (let index = dice.between(2, 6); index > 0; index -= 1) day.goods.push(makeGood(`good ${index}`, dice.between(1, 60) * 10, PLENTY));
	day.everybodyHears();
	for (const till of tills) {
		if (dice.chance(0.3)) continue;
		till.shift = { number: 1, cashMinor: 5000 };
		day.does(till, [shiftOpened(1, 5000)]);
	}
	return day;
}

export interface SaleToBe {
	readonly lines: readonly { readonly price: EntryHash }[];
	readonly receipt: object;
	readonly totalMinor: number;
	readonly tenders: readonly object[];
}

/** The sale as the till would write it, in cash; the drawer holds it then. */
export function saleOf(who: Till, lines: readonly { readonly good: Good; readonly units: number }[]): SaleToBe {
	const totalMinor = lines.reduce((sum, { good, units }) => sum + units * good.priceMinor, 0);
	if (who.shift !== undefined) who.shift.cashMinor += totalMinor;
	return {
		...{ type: 'sale.completed', v: 2, receipt: who.device.receipt(), currency: GBP },
		lines: lines.map(({ good, units }) => ({
			...{ sku: good.sku, name: `Product ${good.sku}`, quantityMilli: units * 1000, unitPriceE4: good.priceMinor * 100, price: good.priceEntry },
			...{ totalMinor: units * good.priceMinor, taxRate: 'standard', taxPercentMilli: 20_000, taxMinor: Math.round((units * good.priceMinor) / 6) },
		})),
		...{ roundingMinor: 0, totalMinor },
		tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }],
		...(who.shift === undefined ? {} : { shift: who.shift.number }),
	};
}

/** One piece out of the goods that a refund brought back, at half its price. It moves no shelf, and no drawer of a shift: an answer may take it back. */
export function resaleOf(who: Till, good: Good, refund: EntryHash, line = 0): object {
	const half = { ...good, priceMinor: good.priceMinor / 2 };
	const sale = saleOf({ ...who, shift: undefined }, [{ good: half, units: 1 }]);
	return { ...sale, lines: sale.lines.map((one) => ({ ...one, resaleOf: { refund, line } })) };
}

/** By the hub, of what it has heard. */
export function reportDay({ shop, hub, does }: ShopDay): Entry {
	const day = new Date(shop.nowMs).toISOString().slice(0, 10);
	return does(hub, [{ type: 'day.reported', v: 1, day, takingsMinor: 0, receipts: 0 }]);
}

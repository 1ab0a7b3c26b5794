/** What people do on a lawful day (`day.ts` says the law), one step at a time. */
import { adjusted, changedSetting, claimed, counted, GBP, ownPriced, priced, received, renamed, retired } from '../facts.ts';
import { customerCreated, creditGiven, creditUsed } from '../customer-facts.ts';
import { cashMoved } from '../till-day.ts';
import { CASHIER, resaleOf, saleOf, SUPERVISOR, type Good, type SaleToBe, type ShopDay, type SoldLine, type Till } from './day.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';

/** What of a day is in no entry that others read. */
interface Ledgered {
	readonly credit: { readonly name: string; leftMinor: number; readonly heardUpTo: number }[];
	/** Goods that came back and were not put on the shelf. */
	readonly lying: { readonly entry: Entry; readonly good: Good; leftUnits: number }[];
	settingEntry: EntryHash | undefined;
}

type Step = (day: ShopDay, who: Till, sums: Ledgered) => void;

/** How often each is done, of the sum of all. */
const STEPS: readonly (readonly [weight: number, step: Step])[] = [
	[30, sell],
	[16, (day, who) => day.hears(who)],
	[8, refund],
	[3, exchange],
	[3, refundElsewhere],
	[2, resell],
	[4, receive],
	[4, damage],
	[6, countWhileSelling],
	[3, takeStock],
	[3, countTogether],
	[4, changePrice],
	[4, rename],
	[3, retireOrRestore],
	[2, changeShopName],
	[3, newCustomer],
	[3, giveCredit],
	[4, spendCredit],
	[2, moveCash],
	[3, sendAway],
	[2, receiveFromElsewhere],
	[2, orderAndReceive],
	[2, takeRightsAway],
	[2, removeDevice],
];
const ALL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

/** `between`: before each of these steps something else happens. */
export function liveThrough(day: ShopDay, steps: number, between: ReadonlyMap<number, () => void>): void {
	const sums: Ledgered = { credit: [], lying: [], settingEntry: undefined };
	for (let step = 0; step < steps; step += 1) {
		between.get(step)?.();
		let at = day.dice.below(ALL);
		const who = day.dice.pick([day.hub, ...day.tills]);
		for (const [weight, act] of STEPS) {
			at -= weight;
			if (at >= 0) continue;
			act(day, who, sums);
			break;
		}
	}
}

/** Some of a good, and no more than may go. */
function take(day: ShopDay, most: number): { readonly good: Good; readonly units: number } | undefined {
	const good = day.dice.pickOr(day.goods.filter(({ isRetired, leftUnits }) => !isRetired && leftUnits >= most));
	return good && { good, units: day.dice.between(1, most) };
}

function leave(good: Good, units: number): void {
	good.units -= units;
	good.leftUnits -= units;
}

/** Nobody touches it before having heard what was just done. */
function mustBeHeard(day: ShopDay, good: Good): void {
	good.heardUpTo = day.shop.entries.length;
}

function sell(day: ShopDay, who: Till): void {
	const lines = Array.from({ length: day.dice.between(1, 3) }, () => take(day, 3)).filter((line) => line !== undefined);
	const goods = new Set(lines.map(({ good }) => good));
	const once = [...goods].flatMap((good) => lines.find((line) => line.good === good) ?? []);
	if (once.length === 0) return;
	day.mayTouch(who, [...goods]);
	const parked = day.dice.chance(0.2) ? { parked: `cart ${day.number()}` } : {};
	const entry = day.does(who, atSomePrice({ ...saleOf(who, once), ...parked }, day), { by: CASHIER });
	for (const { good, units } of once) leave(good, units);
	day.sales.push({ entry, lines: once.map(({ good, units }) => ({ good, units, totalMinor: units * good.priceMinor, refundedUnits: 0 })) });
}

/** The price of the shelf; or the one on a label; or one that somebody typed and somebody who may allowed. What it comes to is the same. */
function atSomePrice(sale: SaleToBe, day: ShopDay): readonly object[] {
	const kind = day.dice.pick(['shelf', 'shelf', 'label', 'typed']);
	if (kind === 'shelf') return [sale];
	const lines = sale.lines.map(({ price: _price, ...line }) => ({ ...line, priceReason: kind === 'label' ? PRICE_IN_CODE : 'damaged' }));
	const typed = { ...sale, v: 4, lines };
	return kind === 'label' ? [typed] : [typed, { type: 'approval.given', v: 1, approvedBy: SUPERVISOR, acts: ['price'] }];
}

/** A line of which something is left, of a sale that this one knows. */
function givenBack(day: ShopDay, who: Till): { readonly entry: Entry; readonly index: number; readonly line: SoldLine } | undefined {
	const isLeft = ({ refundedUnits, units }: SoldLine): boolean => refundedUnits < units;
	const sale = day.dice.pickOr(day.sales.filter(({ entry, lines }) => day.knows(who, entry) && lines.some(isLeft)));
	const index = sale?.lines.findIndex(isLeft) ?? -1;
	const line = sale?.lines[index];
	return sale === undefined || line === undefined ? undefined : { entry: sale.entry, index, line };
}

function backLine({ good }: SoldLine, saleLine: number, units: number, totalMinor: number, restock: boolean): object {
	return {
		...{ saleLine, sku: good.sku, name: `Product ${good.sku}`, quantityMilli: units * 1000, totalMinor },
		...{ taxRate: 'standard', taxPercentMilli: 20_000, taxMinor: Math.round(totalMinor / 6), restock },
	};
}

function refund(day: ShopDay, who: Till, { lying }: Ledgered): void {
	const found = givenBack(day, who);
	if (found === undefined) return;
	const { entry, index, line } = found;
	const units = day.dice.between(1, line.units - line.refundedUnits);
	const restock = day.dice.chance(0.7);
	const totalMinor = (line.totalMinor / line.units) * units;
	if (who.shift !== undefined && who.shift.cashMinor < totalMinor) return;
	day.mayTouch(who, [line.good]);
	if (who.shift !== undefined) who.shift.cashMinor -= totalMinor;
	const done = day.does(who, [
		{
			...{ type: 'refund.completed', v: 2, receipt: who.device.receipt(), currency: GBP, sale: entry.hash },
			lines: [backLine(line, index, units, totalMinor, restock)],
			...{ roundingMinor: 0, totalMinor, tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }] },
			...(who.shift === undefined ? {} : { shift: who.shift.number }),
		},
	]);
	line.refundedUnits += units;
	if (restock) line.good.units += units;
	else lying.push({ entry: done, good: line.good, leftUnits: units });
}

/** A line comes back whole, another good goes out for it. */
function exchange(day: ShopDay, who: Till): void {
	const found = givenBack(day, who);
	const taken = take(day, 1);
	if (found === undefined || taken === undefined) return;
	const { entry, index, line } = found;
	const units = line.units - line.refundedUnits;
	const backMinor = (line.totalMinor / line.units) * units;
	if (who.shift !== undefined && who.shift.cashMinor < backMinor) return;
	day.mayTouch(who, [line.good, taken.good]);
	const out = saleOf(who, [taken]);
	if (who.shift !== undefined) who.shift.cashMinor -= backMinor;
	const totalMinor = out.totalMinor - backMinor;
	const tender = { type: 'cash', amountMinor: totalMinor, givenMinor: Math.max(0, totalMinor), changeMinor: Math.max(0, -totalMinor) };
	const done = day.does(who, [
		{
			...{ type: 'exchange.completed', v: 1, receipt: out.receipt, currency: GBP, sale: entry.hash, lines: out.lines },
			...{ returned: [backLine(line, index, units, backMinor, true)], roundingMinor: 0, totalMinor, tenders: totalMinor === 0 ? [] : [tender] },
			...(who.shift === undefined ? {} : { shift: who.shift.number }),
		},
	]);
	line.refundedUnits += units;
	line.good.units += units;
	leave(taken.good, taken.units);
	day.sales.push({ entry: done, lines: [{ ...taken, totalMinor: out.totalMinor, refundedUnits: 0 }] });
}

/** A customer brings it to the other branch, which says so to this one. */
function refundElsewhere(day: ShopDay): void {
	const found = givenBack(day, day.hub);
	if (found === undefined) return;
	const { entry, index, line } = found;
	day.hears(day.elsewhere);
	const claim = claimed(entry, day.shop.branch, [index, 1, line.totalMinor / line.units]);
	day.does(day.elsewhere, [claim], { scope: 'store' });
	line.refundedUnits += 1;
}

function resell(day: ShopDay, who: Till, { lying }: Ledgered): void {
	const one = day.dice.pickOr(lying.filter(({ entry, leftUnits }) => leftUnits > 0 && day.knows(who, entry)));
	if (one === undefined) return;
	day.mayTouch(who, [one.good]);
	day.does(who, [resaleOf(who, one.good, one.entry.hash)]);
	one.leftUnits -= 1;
}

function receive(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	const units = day.dice.between(1, 20);
	day.mayTouch(who, [good]);
	day.does(who, [received(good.sku, units)]);
	good.units += units;
}

function damage(day: ShopDay, who: Till): void {
	const taken = take(day, 2);
	if (taken === undefined) return;
	day.mayTouch(who, [taken.good]);
	day.does(who, [adjusted(taken.good.sku, -taken.units)]);
	leave(taken.good, taken.units);
}

/** What is on the shelf at this moment; selling goes on until the figure is entered, here and elsewhere, and whoever enters it has heard of that. */
function countWhileSelling(day: ShopDay, who: Till): void {
	const taken = take(day, 3);
	if (taken === undefined) return;
	const { good } = taken;
	day.hears(who);
	const asOf = who.device.asOf();
	const figure = good.units;
	if (day.dice.chance(0.5)) {
		const seller = day.dice.pick([who, ...day.tills]);
		day.mayTouch(seller, [good]);
		day.does(seller, [saleOf(seller, [taken])]);
		leave(good, taken.units);
		day.hears(who);
	}
	day.does(who, [counted(good.sku, figure, asOf)]);
	mustBeHeard(day, good);
}

/** Line by line, by several people, each of whom has heard everything; closed or not. What is sold meanwhile is heard by whoever counts next. */
function takeStock(day: ShopDay, who: Till): void {
	const count = `stock take ${day.number()}`;
	const goods = day.dice.shuffled(day.goods).slice(0, day.dice.between(1, 3));
	day.hears(who);
	day.does(who, [{ type: 'count.opened', v: 1, count, name: 'Stock take', ...(day.dice.chance(0.5) ? {} : { skus: goods.map(({ sku }) => sku) }) }]);
	for (const good of goods) {
		const counter = day.dice.pick([who, ...day.tills]);
		day.hears(counter);
		const asOf = counter.device.asOf();
		const figure = good.units;
		if (day.dice.chance(0.5)) sell(day, counter);
		day.does(counter, [{ type: 'stock.counted', v: 2, count, lines: [{ sku: good.sku, quantityMilli: figure * 1000, asOf }] }]);
		mustBeHeard(day, good);
	}
	if (day.dice.chance(0.3)) return;
	day.hears(who);
	day.does(who, [{ type: 'count.closed', v: 1, count }]);
}

/** Two people count one shelf apart, with nothing sold by anybody who has not heard: both find what is there. */
function countTogether(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	const other = day.dice.pick(day.tills);
	day.hears(who);
	day.hears(other);
	const asOf = other.device.asOf();
	day.does(who, [counted(good.sku, good.units, who.device.asOf())]);
	if (other !== who) day.does(other, [counted(good.sku, good.units, asOf)]);
	mustBeHeard(day, good);
}

function changePrice(day: ShopDay, who: Till): void {
	const good = day.dice.pickOr(day.goods.filter(({ isRetired }) => !isRetired));
	if (good === undefined) return;
	day.hears(who);
	const priceMinor = day.dice.between(1, 60) * 10;
	const isOwn = day.dice.chance(0.4);
	const wasOwn = good.ownEntry !== undefined && good.ownEntry === good.priceEntry;
	if (!isOwn) {
		good.storeEntry = day.does(who, [priced(good.sku, priceMinor * 100, [good.storeEntry])], { scope: 'store' }).hash;
		good.storeMinor = priceMinor;
		if (!wasOwn) Object.assign(good, { priceMinor, priceEntry: good.storeEntry });
	} else {
		const ownMinor = wasOwn && day.dice.chance(0.5) ? undefined : priceMinor;
		const replaces = good.ownEntry === undefined ? [] : [good.ownEntry];
		const fact = ownPriced(good.sku, day.shop.branch, ownMinor === undefined ? null : ownMinor * 100, replaces);
		good.ownEntry = day.does(who, [fact], { scope: 'store' }).hash;
		good.priceMinor = ownMinor ?? good.storeMinor;
		good.priceEntry = ownMinor === undefined ? good.storeEntry : good.ownEntry;
	}
	mustBeHeard(day, good);
}

function rename(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	day.hears(who);
	good.nameEntry = day.does(who, [renamed(good.sku, `name ${day.number()}`, [good.nameEntry])], { scope: 'store' }).hash;
	mustBeHeard(day, good);
}

function retireOrRestore(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	day.hears(who);
	day.does(who, [good.isRetired ? { type: 'product.restored', v: 1, sku: good.sku } : retired(good.sku)], { scope: 'store' });
	good.isRetired = !good.isRetired;
	mustBeHeard(day, good);
}

function changeShopName(day: ShopDay, who: Till, sums: Ledgered): void {
	day.hears(who);
	const replaces = sums.settingEntry === undefined ? [] : [sums.settingEntry];
	sums.settingEntry = day.does(who, [changedSetting({ name: 'storeName', value: `Shop ${day.number()}` }, replaces)], { scope: 'store' }).hash;
}

function newCustomer(day: ShopDay, who: Till): void {
	const name = `customer ${day.number()}`;
	day.does(who, [customerCreated(name, `${name}@example.test`)], { scope: 'store' });
}

function giveCredit(day: ShopDay, who: Till, { credit }: Ledgered): void {
	const name = `customer ${day.number()}`;
	const leftMinor = day.dice.between(1, 50) * 100;
	day.does(who, [customerCreated(name, `${name}@example.test`), creditGiven(name, leftMinor)], { scope: 'store' });
	credit.push({ name, leftMinor, heardUpTo: day.shop.entries.length });
}

function spendCredit(day: ShopDay, who: Till, { credit }: Ledgered): void {
	const one = day.dice.pickOr(credit.filter(({ leftMinor }) => leftMinor > 0));
	if (one === undefined) return;
	const amountMinor = day.dice.between(1, one.leftMinor);
	day.hears(who);
	day.does(who, [creditUsed(one.name, amountMinor)], { scope: 'store' });
	one.leftMinor -= amountMinor;
}

function moveCash(day: ShopDay, who: Till): void {
	if (who.shift === undefined) return;
	const amountMinor = day.dice.between(1, 20) * 100;
	const kind = who.shift.cashMinor > amountMinor && day.dice.chance(0.5) ? 'drop' : 'in';
	day.does(who, [cashMoved(who.shift.number, kind, amountMinor)]);
	who.shift.cashMinor += kind === 'in' ? amountMinor : -amountMinor;
}

function sendAway(day: ShopDay, who: Till): void {
	const taken = take(day, 3);
	if (taken === undefined) return;
	const { good, units } = taken;
	const transfer = `transfer ${day.number()}`;
	const lines = [{ sku: good.sku, quantityMilli: units * 1000 }];
	day.mayTouch(who, [good]);
	day.does(who, [{ type: 'transfer.sent', v: 1, transfer, from: day.shop.branch, to: day.otherBranch, lines }], { scope: 'store' });
	leave(good, units);
	if (day.dice.chance(0.3)) return; // Still in transit.
	day.hears(day.elsewhere);
	day.does(day.elsewhere, [{ type: 'transfer.received', v: 1, transfer, at: day.otherBranch, lines }], { scope: 'store' });
}

/** What it did before is known to whoever takes the right away, and it keeps to what is left. */
function takeRightsAway(day: ShopDay): void {
	const good = day.dice.pick(day.goods);
	const helper = day.newDevice();
	day.hears(helper);
	day.does(helper, [received(good.sku, 1)]);
	good.units += 1;
	day.hears(day.hub);
	day.does(day.hub, [helper.device.enrolment(['sell'])], { scope: 'store' });
	day.hears(helper);
	day.does(helper, [customerCreated(`customer ${day.number()}`)], { scope: 'store' });
}

/** Everything of it is known to whoever removes it, and it writes no more. */
function removeDevice(day: ShopDay): void {
	const good = day.dice.pick(day.goods);
	const helper = day.newDevice();
	day.hears(helper);
	const { header, hash } = day.does(helper, [received(good.sku, 1)]);
	good.units += 1;
	day.hears(day.hub);
	const marks = [{ device: helper.device.id, scope: header.scope, seq: header.seq, hash }];
	day.does(day.hub, [{ type: 'device.revoked', v: 1, device: helper.device.id, marks, reason: 'sold' }], { scope: 'store' });
}

function receiveFromElsewhere(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	const units = day.dice.between(1, 9);
	const transfer = `transfer ${day.number()}`;
	const lines = [{ sku: good.sku, quantityMilli: units * 1000 }];
	// What the other branch has on its shelf is not this day's matter: goods come to it first.
	day.hears(day.elsewhere);
	day.does(day.elsewhere, [{ type: 'transfer.sent', v: 1, transfer, from: day.otherBranch, to: day.shop.branch, lines }], { scope: 'store' });
	day.hears(who);
	day.does(who, [{ type: 'transfer.received', v: 1, transfer, at: day.shop.branch, lines }], { scope: 'store' });
	good.units += units;
}

/** Two deliveries of one order, each received by somebody who has not heard of the other: together no more than was ordered. */
function orderAndReceive(day: ShopDay, who: Till): void {
	const good = day.dice.pick(day.goods);
	const order = `day order ${day.number()}`;
	const lines = (units: number): readonly object[] => [{ sku: good.sku, quantityMilli: units * 1000, costE4: 5_000 }];
	const units = day.dice.between(2, 9);
	const placed = day.does(who, [{ type: 'order.placed', v: 1, order, supplier: 'supplier of the day', lines: lines(units) }]);
	const receives = (by: Till, came: number): void => {
		if (!day.knows(by, placed)) day.hears(by);
		day.mayTouch(by, [good]);
		day.does(by, [{ type: 'stock.received', v: 3, lines: lines(came), order }]);
		good.units += came;
	};
	receives(who, 1);
	receives(day.dice.pick([day.hub, ...day.tills]), day.dice.between(1, units - 1));
}

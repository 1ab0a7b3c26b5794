/** A till that goes on selling at a price that had been replaced. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import { describe, expect, test } from 'vitest';
import { corrected, ownPriced, priced, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const found = (ledger: Ledger) => ledger.conflicts().filter(({ kind }) => kind === 'stale-price');
const priceOf = (floor: Floor, sku = 'A'): EntryHash => {
	const price = floor.ledger().state.products.get(sku as Sku)?.price;
	if (price === undefined) throw new Error('no price');
	return price.entry;
};

/** So many for a pound each, at a price entry. */
function sellAt(till: TestDevice, price: EntryHash, units = 1, change: object = {}): Entry {
	const sale = sold([['A', units, units * 100]], till.receipt());
	return till.does([{ ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, price, ...change })) }]);
}

/** The hub sets another price, the tills have not heard, and the day goes on. */
function changedPrice(toE4: number): { readonly floor: Floor; readonly old: EntryHash; readonly change: Entry } {
	const floor = openFloor({ A: 50 });
	const old = priceOf(floor);
	const change = floor.hub.does([priced('A', toE4, [old])], { scope: 'store' });
	floor.shop.nowMs += 60_000;
	return { floor, old, change };
}

function answer(floor: Floor, choice: string): void {
	floor.meet();
	const [conflict] = found(floor.ledger());
	if (conflict === undefined) throw new Error('nothing to answer');
	const decided = decide(
		floor.ledger(),
		{ intent: 'resolve', conflict: conflict.id, choice },
		{ nextReceipt: { till: 1, number: 1 }, device: floor.till1.id, nowMs: floor.shop.nowMs },
	);
	if (isRefusal(decided)) throw new Error(decided.refused);
	floor.till1.does(decided.branch);
}

function expectInAnyOrder(floor: Floor): void {
	const whole = floor.ledger().conflicts();
	for (const order of [[...floor.shop.entries].reverse(), [...floor.shop.entries].sort((a, b) => (a.hash < b.hash ? -1 : 1))]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of order) {
			ledger.add([entry]);
			ledger.conflicts();
		}
		expect(ledger.conflicts()).toEqual(whole);
	}
}

test('one item a change and till, whatever it sold, in any order of arrival', () => {
	const { floor, old, change } = changedPrice(8_000);
	const mine = [sellAt(floor.till1, old), sellAt(floor.till1, old, 2)];
	const other = sellAt(floor.till2, old);
	const items = found(floor.ledger());
	expect(items.map(({ id }) => id.subject).sort()).toEqual([`${change.hash}:${floor.till1.id}`, `${change.hash}:${floor.till2.id}`].sort());
	expect(items.find(({ detail }) => detail.kind === 'stale-price' && detail.device === floor.till1.id)).toMatchObject({
		...{ urgency: 'low', stake: { unitsMilli: 3_000, minor: 60 }, unsettled: [change.hash, ...mine.map(({ hash }) => hash)] },
		detail: {
			lines: [
				{ paidMinor: 100, dueMinor: 80 },
				{ paidMinor: 200, dueMinor: 160 },
			],
		},
	});
	expect(conflictRows(floor.ledger(other), floor.till1.id)[0]).toMatchObject({ title: 'Sold at an old price', about: 'Product A' });
	expectInAnyOrder(floor);
});

test('what was sold before the change, at the new price, at the same figure, as an open item, out of returned goods, or was taken back, is none', () => {
	const floor = openFloor({ A: 50 });
	const old = priceOf(floor);
	sellAt(floor.till1, old);
	floor.meet();
	const change = floor.hub.does([priced('A', 8_000, [old])], { scope: 'store' });
	floor.shop.nowMs += 60_000;
	sellAt(floor.till1, change.hash);
	sellAt(floor.till2, old, 1, { resaleOf: { refund: 'ab'.repeat(32), line: 0 } });
	floor.sell(floor.till2, 'A');
	const back = sellAt(floor.till2, old);
	floor.till2.does([corrected(back.hash)]);
	expect(found(floor.ledger())).toEqual([]);
	expect(found(changedPriceSoldAt(10_000))).toEqual([]);
});

function changedPriceSoldAt(toE4: number): Ledger {
	const { floor, old } = changedPrice(toE4);
	sellAt(floor.till1, old);
	return floor.ledger();
}

test('where prices are without tax, what was paid and what was due are with it', () => {
	const { floor, old } = changedPrice(8_000);
	const sale = sold([['A', 1, 100]], floor.till1.receipt());
	const tender = { type: 'cash', amountMinor: 120, givenMinor: 120, changeMinor: 0 };
	const lines = sale.lines.map((line) => ({ ...line, price: old, taxMinor: 20 }));
	floor.till1.does([{ ...sale, v: 2, taxExcluded: true, lines, totalMinor: 120, tenders: [tender] }]);
	expect(found(floor.ledger())).toMatchObject([{ stake: { minor: 24 }, detail: { lines: [{ paidMinor: 120, dueMinor: 96 }] } }]);
});

test('of several changes the first is the one that is named, and the last one before the sale says what was due', () => {
	const { floor, old, change } = changedPrice(8_000);
	floor.hub.does([priced('A', 7_000, [change.hash])], { scope: 'store' });
	floor.shop.nowMs += 60_000;
	sellAt(floor.till1, old);
	floor.shop.nowMs += 60_000;
	floor.hub.does([priced('A', 1_000, [priceOf(floor)])], { scope: 'store' });
	expect(found(floor.ledger())).toMatchObject([{ id: { subject: `${change.hash}:${floor.till1.id}` }, detail: { lines: [{ dueMinor: 70 }] } }]);
	expectInAnyOrder(floor);
});

test('a price from a moment on had replaced nothing before that moment', () => {
	const floor = openFloor({ A: 50 });
	const old = priceOf(floor);
	const fromMs = floor.shop.nowMs + 3_600_000;
	floor.hub.does([{ ...priced('A', 8_000, [old]), v: 2, fromMs }], { scope: 'store' });
	floor.shop.nowMs += 60_000;
	sellAt(floor.till1, old);
	expect(found(floor.ledger())).toEqual([]);
	floor.shop.nowMs = fromMs;
	sellAt(floor.till1, old);
	expect(found(floor.ledger())).toHaveLength(1);
});

test('accepting settles it; what that till sells on opens it again, with only that one new', () => {
	const { floor, old } = changedPrice(8_000);
	sellAt(floor.till1, old);
	answer(floor, 'accept');
	expect(found(floor.ledger())).toEqual([]);
	const again = sellAt(floor.till1, old);
	expect(found(floor.ledger())).toMatchObject([{ unsettled: [again.hash], stake: { minor: 20 } }]);
});

test('the difference is owed to those who paid more, after whatever came off their line; nobody is asked for more than the shelf had said', () => {
	const { floor, old } = changedPrice(8_000);
	const half = sellAt(floor.till1, old, 2, { totalMinor: 100, taxMinor: 17, discounts: [{ of: 'line', amountMinor: 100 }] });
	expect(floor.ledger().quarantined()).toHaveLength(1); // The total of the receipt is still two pounds.
	const sale = sellAt(floor.till1, old, 2);
	answer(floor, 'refund-difference');
	const ledger = floor.ledger();
	expect(found(ledger)).toEqual([]);
	expect(ledger.state.owed).toMatchObject([{ sale: sale.hash, sku: 'A', quantityMilli: 2_000, amountMinor: 40 }]);
	expect(ledger.state.sales.get(half.hash)?.counts).toBe(false);
	const dearer = changedPrice(12_000);
	sellAt(dearer.floor.till1, dearer.old);
	expect(found(dearer.floor.ledger())[0]?.choices.map(({ id }) => id)).toEqual(['accept']);
});

test('the difference was one too many when its sale is taken back after it', () => {
	const { floor, old } = changedPrice(8_000);
	const sale = sellAt(floor.till1, old);
	answer(floor, 'refund-difference');
	expect(floor.ledger().conflicts()).toEqual([]);
	floor.till1.does([corrected(sale.hash)]);
	expect(
		floor
			.ledger()
			.conflicts()
			.map(({ kind }) => kind),
	).toEqual(['answer-overtaken']);
	expectInAnyOrder(floor);
});

describe('in a branch with a price of its own', () => {
	const ELSEWHERE = 'e1'.repeat(16) as BranchId;

	/** The hub sets this branch's own price, the tills have not heard, and the day goes on. */
	function ownPrice(branch: (floor: Floor) => BranchId, toE4 = 8_000): { readonly floor: Floor; readonly old: EntryHash; readonly own: Entry } {
		const floor = openFloor({ A: 50 });
		const old = priceOf(floor);
		const own = floor.hub.does([ownPriced('A', branch(floor), toE4)], { scope: 'store' });
		floor.shop.nowMs += 60_000;
		return { floor, old, own };
	}

	test('a till that has not heard of it sold at an old price, and another branch’s price is nothing to it', () => {
		const { floor, old, own } = ownPrice(({ shop }) => shop.branch);
		sellAt(floor.till1, old);
		expect(found(floor.ledger())).toMatchObject([{ id: { subject: `${own.hash}:${floor.till1.id}` }, detail: { lines: [{ dueMinor: 80 }] } }]);
		expectInAnyOrder(floor);
		const there = ownPrice(() => ELSEWHERE);
		sellAt(there.floor.till1, there.old);
		expect(found(there.floor.ledger())).toEqual([]);
	});

	test('the store’s price may change: neither what is sold at the own price nor its till hears anything of that', () => {
		const { floor, old, own } = ownPrice(({ shop }) => shop.branch, 10_000);
		floor.meet();
		const everywhere = floor.hub.does([priced('A', 5_000, [old])], { scope: 'store' });
		floor.shop.nowMs += 60_000;
		sellAt(floor.till1, own.hash);
		expect(found(floor.ledger())).toEqual([]);
		floor.hub.does([ownPriced('A', floor.shop.branch, 9_000, [own.hash])], { scope: 'store' });
		floor.shop.nowMs += 60_000;
		sellAt(floor.till2, everywhere.hash); // It had not heard that there is an own price.
		expect(found(floor.ledger())).toMatchObject([{ detail: { device: floor.till2.id, lines: [{ dueMinor: 90 }] } }]);
		expectInAnyOrder(floor);
	});

	test('once it has ended, what is due is what the store asks by then, and who sells at the store’s price does no wrong', () => {
		const { floor, old, own } = ownPrice(({ shop }) => shop.branch, 10_000);
		floor.meet();
		const everywhere = floor.hub.does([priced('A', 7_000, [old])], { scope: 'store' });
		const end = floor.hub.does([ownPriced('A', floor.shop.branch, null, [own.hash])], { scope: 'store' });
		floor.shop.nowMs += 60_000;
		sellAt(floor.till1, own.hash);
		const sale = sold([['A', 1, 70]], floor.hub.receipt());
		floor.hub.does([{ ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, price: everywhere.hash })) }]);
		expect(found(floor.ledger())).toMatchObject([{ id: { subject: `${end.hash}:${floor.till1.id}` }, detail: { lines: [{ dueMinor: 70 }] } }]);
		expectInAnyOrder(floor);
	});

	test('one that waited for its moment had replaced nothing: a cart may have lain open', () => {
		const floor = openFloor({ A: 50 });
		const old = priceOf(floor);
		const fromMs = floor.shop.nowMs + 3_600_000;
		floor.hub.does([{ ...ownPriced('A', floor.shop.branch, 8_000), fromMs }], { scope: 'store' });
		floor.meet();
		floor.shop.nowMs = fromMs + 60_000;
		sellAt(floor.till1, old);
		expect(found(floor.ledger())).toEqual([]);
	});

	test('what is sold at the own price is not looked at again when the next one comes', () => {
		const { floor, own } = ownPrice(({ shop }) => shop.branch, 10_000);
		floor.meet();
		const ledger = floor.ledger();
		const first = sellAt(floor.till1, own.hash);
		const [sale] = first.facts;
		if (sale === undefined || !('lines' in sale)) throw new Error('no lines to look at');
		const { lines } = sale;
		let looks = 0;
		Object.defineProperty(sale, 'lines', {
			get: () => {
				looks += 1;
				return lines;
			},
		});
		ledger.add([first]);
		ledger.conflicts();
		expect(looks).toBeGreaterThan(0);
		looks = 0;
		for (let more = 0; more < 5; more += 1) {
			ledger.add([sellAt(floor.till1, own.hash)]);
			ledger.conflicts();
		}
		expect(looks).toBe(0);
	});
});

/** Another price than the product's, judged at replay: the numbered rules of `core/sale/other-price.ts`, through the ledger. */
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { SaleLine } from '#schemas/facts/sale-completed.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { BranchId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import { expect, test } from 'vitest';
import { created, ownPriced, priced, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { conflictsInAnyOrder } from '../../support/till-day.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const person = (name: string, role: PersonRole) => ({ type: 'person.added', v: 1, person: name, name, role, pin: null });
const approval = (by: string) => ({ type: 'approval.given', v: 1, approvedBy: by, acts: ['price'] });

/** A costs a pound, and has for days; cas is a cashier, sue a supervisor. */
function staffed(): Floor & { readonly price: EntryHash } {
	const floor = openFloor({ A: 100 });
	floor.hub.does([person('olga', 'owner'), person('sue', 'supervisor'), person('cas', 'cashier')], { scope: 'store' });
	floor.meet();
	floor.shop.nowMs += 3 * DAY_MS;
	const price = floor.ledger().state.products.get('A' as Sku)?.price?.entry;
	if (price === undefined) throw new Error('no price');
	return { ...floor, price };
}

/** One of it, for so many pence. */
function sells(
	till: TestDevice,
	minor: number,
	change: Partial<SaleLine>,
	{ by = 'cas', more = [], sku = 'A' }: { by?: string; more?: object[]; sku?: string } = {},
): Entry {
	const fact = sold([[sku, 1, minor]], till.receipt());
	return till.does([{ ...fact, v: 4, lines: fact.lines.map((line) => ({ ...line, ...change })) }, ...more], { by });
}

const outOf = (ledger: Ledger, entries: readonly Entry[]): readonly boolean[] => entries.map(({ hash }) => ledger.statusOf(hash) === 'quarantined');

function expectSame(floor: Floor, entries: readonly Entry[], out: readonly boolean[]): void {
	expect(outOf(floor.ledger(), entries)).toEqual(out);
	conflictsInAnyOrder(floor.shop);
}

test('a price that a cashier typed is quarantined everywhere; a supervisor’s, or one that was allowed, counts', () => {
	const floor = staffed();
	const { till1 } = floor;
	const entries = [
		sells(till1, 80, { priceReason: 'dented' }),
		sells(till1, 80, { priceReason: 'dented' }, { by: 'sue' }),
		sells(till1, 80, { priceReason: 'dented' }, { more: [approval('sue')] }),
		sells(till1, 80, { priceReason: 'dented' }, { more: [approval('cas')] }),
	];
	expectSame(floor, entries, [true, false, false, true]);
	expect(floor.ledger().conflicts()).toMatchObject([
		{ kind: 'not-allowed', detail: { lacks: [{ name: 'cas', need: { act: 'price', role: 'supervisor' } }] } },
	]);
});

test('1: a line costs what the price that it names says; a price that nobody set is none', () => {
	const floor = staffed();
	const { till1, price } = floor;
	const entries = [
		sells(till1, 100, { price }),
		sells(till1, 80, { price }),
		sells(till1, 80, { price: 'f'.repeat(64) as EntryHash }),
		sells(till1, 80, { price }, { by: 'sue' }),
	];
	expectSame(floor, entries, [false, true, true, false]);
});

test('2: what names no price and gives no reason passed by the one that stood', () => {
	const floor = staffed();
	const entries = [sells(floor.till1, 80, {}), sells(floor.till1, 100, {}), sells(floor.till1, 80, {}, { more: [approval('sue')] })];
	expectSame(floor, entries, [true, false, false]);
});

test('a price in the code, an open item, and a product that had no price or got its first while the cart was open are nobody’s matter', () => {
	const floor = staffed();
	const { till1, hub } = floor;
	hub.does([created('N')], { scope: 'store' });
	floor.meet();
	const { sku: _none, ...open } = sold([['A', 1, 80]], till1.receipt()).lines[0] ?? {};
	const entries = [sells(till1, 437, { priceReason: PRICE_IN_CODE }), sells(till1, 55, {}, { sku: 'N' })];
	const item = sold([['A', 1, 80]], till1.receipt());
	entries.push(till1.does([{ ...item, v: 4, lines: [open] }], { by: 'cas' }));
	hub.does([priced('N', 9_900)], { scope: 'store' });
	floor.meet();
	floor.shop.nowMs += 60_000;
	entries.push(sells(till1, 55, {}, { sku: 'N' }));
	floor.shop.nowMs += 2 * DAY_MS;
	entries.push(sells(till1, 55, {}, { sku: 'N' }));
	expectSame(floor, entries, [false, false, false, false, true]);
});

test('3: what has its price on a label costs what that says, also where an older till does not say so', () => {
	const floor = staffed();
	const sale = sells(floor.till1, 437, {}, { sku: 'CHEESE' });
	const other = sells(floor.till1, 437, {}, { sku: 'A' });
	expectSame(floor, [sale, other], [false, true]);
	floor.hub.does([created('CHEESE', { gtins: ['2112345000003' as Gtin] }), priced('CHEESE', 12_000)], { scope: 'store' });
	floor.meet();
	floor.shop.nowMs += 2 * DAY_MS;
	const later = sells(floor.till1, 501, {}, { sku: 'CHEESE' });
	// Only where no price is named: one that is named is no label's.
	const named = sells(floor.till1, 501, { price: floor.price }, { sku: 'A' });
	expectSame(floor, [sale, other, later, named], [false, true, false, true]);
});

test('a till that had not heard of a price, a branch’s own one, one from a date, and returned goods at a price that somebody allowed make no alarm', () => {
	const floor = staffed();
	const { till1, hub, shop, price } = floor;
	const changed = hub.does([priced('A', 12_000, [price])], { scope: 'store' });
	shop.nowMs += 2 * DAY_MS;
	const entries = [sells(till1, 100, { price })]; // Away: it has not heard.
	const own = hub.does([ownPriced('A', shop.branch, 9_000)], { scope: 'store' });
	const others = hub.does([ownPriced('A', 'branch-of-others' as BranchId, 5_000)], { scope: 'store' });
	const planned = hub.does([{ ...priced('A', 7_000), fromMs: shop.nowMs + DAY_MS }], { scope: 'store' });
	floor.meet();
	entries.push(sells(till1, 90, { price: own.hash }), sells(till1, 50, { price: others.hash }));
	entries.push(sells(till1, 120, { price: changed.hash }), sells(till1, 70, { price: planned.hash }));
	const resaleOf = { refund: 'e'.repeat(64) as EntryHash, line: 0 };
	entries.push(
		sells(till1, 50, { resaleOf, priceReason: 'damaged' }, { more: [approval('sue')] }),
		sells(till1, 50, { resaleOf, priceReason: PRICE_IN_CODE }),
	);
	expectSame(floor, entries, [false, false, true, false, false, false, true]);
});

test('a shop without people, and what the device did itself, is asked nothing', () => {
	const floor = openFloor({ A: 10 });
	floor.shop.nowMs += 3 * DAY_MS;
	const nobody = sells(floor.till1, 80, {}, { by: 'cas' });
	const fact = sold([['A', 1, 80]], floor.till1.receipt());
	const device = floor.till1.does([{ ...fact, v: 4, lines: fact.lines.map((line) => ({ ...line, priceReason: 'dented' })) }]);
	expectSame(floor, [nobody, device], [false, false]);
});

test('a price that is quarantined afterwards takes nobody’s sale with it, and from a checkpoint it is the same', () => {
	const floor = staffed();
	const { till1, hub, shop, price } = floor;
	const wrong = hub.does([priced('A', 8_000, [price])], { scope: 'store', by: 'cas' });
	floor.meet();
	const before = sells(till1, 80, { price: wrong.hash });
	floor.meet();
	expectSame(floor, [before], [false]);
	const past = floor.ledger();
	const [conflict] = past.conflicts();
	expect(conflict?.kind).toBe('not-allowed');
	hub.does([{ type: 'conflict.resolved', v: 1, conflict: conflict?.id, members: [wrong.hash], choice: 'reject' }], { scope: 'store', by: 'olga' });
	floor.meet();
	const deps = { store: shop.store, branch: shop.branch };
	const checkpoint = checkpointOf(floor.ledger(), deps, Infinity);
	if (checkpoint === undefined) throw new Error('no checkpoint');
	const below = new Set(floor.shop.entries.map(({ hash }) => hash));
	const later = [
		sells(till1, 80, { price: wrong.hash }),
		sells(till1, 70, { price: wrong.hash }),
		sells(till1, 70, {}),
		sells(till1, 100, { price }),
	];
	const ledger = createLedger({ ...deps, checkpoint });
	ledger.add(shop.entries.filter(({ hash }) => !below.has(hash)));
	expect(outOf(ledger, later)).toEqual([false, true, true, false]);
	expect(outOf(floor.ledger(), later)).toEqual([false, true, true, false]);
});

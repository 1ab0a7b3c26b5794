/** Intents become facts or refusals: the numbered invariants of `core/decide.ts`. Answers to conflicts are in `tests/core/conflict`. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Decision, type Intent, type ProductDraft } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { BranchId, DeviceId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedSetting, counted, ownPriced, priced, retired, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;
const NOW_MS = 1_900_000_000_000;

function decideAt(ledger: Ledger, device: TestDevice, intent: Intent): ReturnType<typeof decide> {
	return decide(ledger, intent, { device: device.id, nextReceipt: { till: device.till, number: 77 }, nowMs: NOW_MS });
}

function decided(ledger: Ledger, device: TestDevice, intent: Intent): Decision {
	const decision = decideAt(ledger, device, intent);
	if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
	return decision;
}

function draft(sku: string, change: Partial<ProductDraft['fields']> = {}, openingMilli?: number): ProductDraft {
	return {
		sku: sku as Sku,
		fields: { name: `Product ${sku}`, category: 'Things', unit: 'each', gtins: [], taxRate: 'standard', tracked: true, ...change },
		unitPriceE4: 10_000,
		...(openingMilli === undefined ? {} : { openingMilli }),
	};
}

// ——— refunds

test('a refund takes a receipt number and gives back what the customer paid', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.till1.does([sold([['A', 3, 100]], floor.till1.receipt())]);
	const decision = decided(floor.ledger(), floor.till1, {
		intent: 'refund',
		sale: sale.hash,
		lines: [{ saleLine: 0, quantityMilli: 1000, restock: true }],
		tender: 'cash',
		reason: 'broken',
	});
	expect(decision).toMatchObject({
		takesReceipt: true,
		store: [],
		branch: [
			{
				type: 'refund.completed',
				receipt: { till: 1, number: 77 },
				sale: sale.hash,
				totalMinor: 33,
				reason: 'broken',
				tenders: [{ type: 'cash', amountMinor: 33, changeMinor: 0 }],
			},
		],
	});
});

test('however a line is refunded, piece by piece, the pieces sum to what was paid, and the tax to the tax', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 5000 }),
			fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }),
			(totalMinor, pieces) => {
				const floor = openFloor({ A: 10 });
				const soldMilli = pieces.reduce((sum, milli) => sum + milli, 0);
				const sale = floor.till1.does([sold([['A', soldMilli / 1000, totalMinor]], floor.till1.receipt())]);
				const ledger = floor.ledger();
				for (const quantityMilli of pieces) {
					ledger.add([
						floor.till1.does(
							decided(ledger, floor.till1, {
								intent: 'refund',
								sale: sale.hash,
								lines: [{ saleLine: 0, quantityMilli, restock: true }],
								tender: 'card',
							}).branch,
						),
					]);
				}
				const state = ledger.state.sales.get(sale.hash);
				expect([state?.refundedMinor, state?.refundedTaxMinor]).toEqual([[totalMinor], [state?.fact.lines[0]?.taxMinor]]);
				expect(ledger.quarantined()).toEqual([]);
				expect(
					decideAt(ledger, floor.till1, {
						intent: 'refund',
						sale: sale.hash,
						lines: [{ saleLine: 0, quantityMilli: 1, restock: true }],
						tender: 'card',
					}),
				).toMatchObject({ refused: 'refund-too-much', leftMilli: 0 });
			},
		),
		{ numRuns: 40 },
	);
});

test('one line named twice in a refund is counted twice', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.till1.does([sold([['A', 3, 100]], floor.till1.receipt())]);
	const line = { saleLine: 0, quantityMilli: 2000, restock: false };
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'refund', sale: sale.hash, lines: [line, line], tender: 'cash' })).toEqual({
		refused: 'refund-too-much',
		line: 0,
		leftMilli: 1000,
	});
});

test('a sale of another branch is given back here and claimed there; what either knows of is not given back twice', () => {
	const floor = openFloor({ A: 10 });
	const home = '0f'.repeat(16) as BranchId;
	const hash = 'ab'.repeat(32) as EntryHash;
	const at = { device: 'cd'.repeat(32) as DeviceId, seq: 7 };
	const fact = sold([['A', 3, 300]], { till: 9, number: 4 });
	const refund = (milli: number, refundedMilli = 0, elsewhere = home): Intent => ({
		...{ intent: 'refund', sale: hash, tender: 'cash', lines: [{ saleLine: 0, quantityMilli: milli, restock: true }] },
		elsewhere: { home: elsewhere, at, fact, refunded: [{ milli: refundedMilli, minor: refundedMilli / 10, taxMinor: 0 }] },
	});
	const { branch, store } = decided(floor.ledger(), floor.till1, refund(1000, 1000));
	expect(branch).toMatchObject([{ type: 'refund.completed', sale: hash, totalMinor: 100, lines: [{ sku: A, restock: true }] }]);
	expect(store).toMatchObject([{ type: 'refund.claimed', sale: hash, home, at, lines: [{ saleLine: 0, quantityMilli: 1000, totalMinor: 100 }] }]);
	expect(decideAt(floor.ledger(), floor.till1, refund(2001, 1000))).toEqual({ refused: 'refund-too-much', line: 0, leftMilli: 2000 });
	// Its own branch has not heard yet of what was given back here.
	floor.till1.does([...branch]);
	expect(decideAt(floor.ledger(), floor.till1, refund(2001))).toEqual({ refused: 'refund-too-much', line: 0, leftMilli: 2000 });
	// One of this branch that is not here is no sale of another.
	expect(decideAt(floor.ledger(), floor.till1, refund(1000, 0, floor.ledger().branch))).toEqual({ refused: 'no-such-sale' });
});

test('cash goes back in coins that exist', () => {
	const floor = openFloor({ A: 10 });
	floor.hub.does([changedSetting({ name: 'cashRoundingMinor', value: 5 })], { scope: 'store' });
	const sale = floor.till1.does([sold([['A', 1, 102]], floor.till1.receipt())]);
	const lines = [{ saleLine: 0, quantityMilli: 1000, restock: true }];
	expect(decided(floor.ledger(), floor.till1, { intent: 'refund', sale: sale.hash, lines, tender: 'cash' }).branch).toMatchObject([
		{ totalMinor: 100, roundingMinor: -2 },
	]);
	expect(decided(floor.ledger(), floor.till1, { intent: 'refund', sale: sale.hash, lines, tender: 'card' }).branch).toMatchObject([
		{ totalMinor: 102, roundingMinor: 0 },
	]);
});

test('no refund of a sale that is not here, is quarantined, or was taken back', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A');
	const broken = floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
	floor.till1.does([{ type: 'correction.made', v: 1, corrects: sale.hash, reason: 'x' }]);
	const refundOf = (hash: typeof sale.hash): unknown =>
		decideAt(floor.ledger(), floor.till1, {
			intent: 'refund',
			sale: hash,
			lines: [{ saleLine: 0, quantityMilli: 1000, restock: true }],
			tender: 'cash',
		});
	expect(refundOf('0'.repeat(64) as typeof sale.hash)).toEqual({ refused: 'no-such-sale' });
	expect(refundOf(broken.hash)).toEqual({ refused: 'no-such-sale' });
	expect(refundOf(sale.hash)).toMatchObject({ refused: 'refund-too-much' });
});

test('a return without a receipt names no sale and carries the tax of the product', () => {
	const floor = openFloor({ A: 10 });
	const decision = decided(floor.ledger(), floor.till1, {
		intent: 'refund-without-sale',
		lines: [{ sku: A, quantityMilli: 1000, totalMinor: 120, restock: true }],
		tender: 'cash',
	});
	expect(decision.branch).toMatchObject([{ totalMinor: 120, lines: [{ taxMinor: 20, taxPercentMilli: 20_000 }] }]);
	expect(decision.branch[0]).not.toHaveProperty('sale');
});

// ——— stock

test('goods are received, adjusted and counted by products that exist and figures that mean something', () => {
	const floor = openFloor({ A: 10 });
	const ledger = floor.ledger();
	const at = (intent: Intent): unknown => decideAt(ledger, floor.till1, intent);
	expect(at({ intent: 'receive', lines: [{ sku: A, quantityMilli: 1500 }], reference: 'DN 7' })).toMatchObject({
		branch: [{ type: 'stock.received', reference: 'DN 7' }],
	});
	expect(at({ intent: 'receive', lines: [{ sku: 'X' as Sku, quantityMilli: 1 }] })).toEqual({ refused: 'no-such-product', sku: 'X' });
	expect(at({ intent: 'receive', lines: [{ sku: A, quantityMilli: 0 }] })).toEqual({ refused: 'quantity-not-positive', sku: 'A' });
	expect(at({ intent: 'receive', lines: [{ sku: A, quantityMilli: 0.5 }] })).toEqual({ refused: 'quantity-out-of-range', sku: 'A' });
	expect(at({ intent: 'receive', lines: [] })).toEqual({ refused: 'nothing-changed' });
	expect(at({ intent: 'receive', lines: Array.from({ length: 2001 }, () => ({ sku: A, quantityMilli: 1 })) })).toEqual({
		refused: 'too-many-lines',
		most: 2000,
	});
	expect(at({ intent: 'adjust', lines: [{ sku: A, quantityMilli: -2000 }], reason: 'waste' })).toMatchObject({
		branch: [{ type: 'stock.adjusted', reason: 'waste' }],
	});
	expect(at({ intent: 'count', lines: [{ sku: A, quantityMilli: 0, asOf: floor.till1.asOf() }] })).toMatchObject({
		branch: [{ type: 'stock.counted' }],
	});
	expect(at({ intent: 'count', lines: [{ sku: A, quantityMilli: -1, asOf: floor.till1.asOf() }] })).toEqual({
		refused: 'quantity-not-positive',
		sku: 'A',
	});
});

// ——— products

test('a product is created with its price in the store’s chain and its opening stock in the branch’s', () => {
	const floor = openFloor({});
	const decision = decided(floor.ledger(), floor.till1, {
		intent: 'create-products',
		products: [draft('NEW', { gtins: ['036000291452' as Gtin] }, 5000)],
	});
	expect(decision.store).toMatchObject([
		{ type: 'product.created', gtins: ['0036000291452'] },
		{ type: 'price.changed', unitPriceE4: 10_000, replaces: [] },
	]);
	expect(decision.branch).toMatchObject([{ type: 'stock.received', lines: [{ sku: 'NEW', quantityMilli: 5000 }] }]);
});

test('a SKU that is taken is refused, a retired one comes back', () => {
	const floor = openFloor({ A: 1 });
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'create-products', products: [draft('A')] })).toEqual({ refused: 'sku-taken', sku: 'A' });
	floor.till1.does([retired('A')], { scope: 'store' });
	const ledger = floor.ledger();
	ledger.add([
		floor.till1.does(decided(ledger, floor.till1, { intent: 'create-products', products: [draft('A', { name: 'Again' })] }).store, {
			scope: 'store',
		}),
	]);
	expect(ledger.state.products.get(A)).toMatchObject({ retired: false, name: { value: 'Again' }, price: { frontier: [{}] } });
	expect(ledger.conflicts()).toEqual([]);
});

test('a barcode with a wrong check digit and a tax rate that nobody has are refused', () => {
	const floor = openFloor({});
	expect(
		decideAt(floor.ledger(), floor.till1, { intent: 'create-products', products: [draft('NEW', { gtins: ['5000112637923' as Gtin] })] }),
	).toMatchObject({ refused: 'gtin-invalid', gtin: '5000112637923' });
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'create-products', products: [draft('NEW', { taxRate: 'odd' })] })).toMatchObject({
		refused: 'value-invalid',
		field: 'taxRate',
	});
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'create-products', products: [draft('NEW', { name: '' })] })).toMatchObject({
		refused: 'value-invalid',
		field: 'name',
	});
});

test('an import creates what is new, edits what differs and decides nothing the second time', () => {
	const floor = openFloor({ A: 1 });
	const products = [draft('A', { name: 'Apple' }, 9000), draft('NEW', {}, 3000)];
	const ledger = floor.ledger();
	const decision = decided(ledger, floor.till1, { intent: 'import-products', products });
	expect(decision.store.map(({ type }) => type)).toEqual(['product.edited', 'product.created', 'price.changed']);
	expect(decision.branch).toMatchObject([{ lines: [{ sku: 'NEW', quantityMilli: 3000 }] }]); // A has stock already.
	ledger.add([floor.till1.does(decision.branch), floor.till1.does(decision.store, { scope: 'store' })]);
	expect(decideAt(ledger, floor.till1, { intent: 'import-products', products })).toEqual({ refused: 'nothing-changed' });
	expect(ledger.state.products.get(A)?.name).toMatchObject({ value: 'Apple', frontier: [{}] });
});

test('2: what only some products have comes with a file, is changed by it, and stands where the file says nothing', () => {
	const floor = openFloor({ A: 1 });
	const gin = draft('GIN', { ageLimit: 18, deposit: 'A' as Sku, draws: null, variant: null });
	const bring = (one: ProductDraft): Decision['store'] => {
		const ledger = floor.ledger();
		const made = decided(ledger, floor.till1, { intent: 'import-products', products: [one] });
		floor.till1.does(made.store, { scope: 'store' });
		floor.meet();
		return made.store;
	};
	const ginNow = () => floor.ledger().state.products.get('GIN' as Sku);
	expect(bring(gin)).toMatchObject([{ type: 'product.created', v: 2, ageLimit: 18, deposit: 'A' }, { type: 'price.changed' }]);
	expect(bring(draft('B', { ageLimit: null }))).toMatchObject([{ type: 'product.created', v: 1 }, {}]);
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'import-products', products: [gin] })).toEqual({ refused: 'nothing-changed' });
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'import-products', products: [draft('GIN')] })).toEqual({ refused: 'nothing-changed' });
	expect(bring(draft('GIN', { ageLimit: 21, deposit: null }))).toMatchObject([{ type: 'product.edited', v: 2, fields: { ageLimit: { value: 21 } } }]);
	expect([ginNow()?.ageLimit?.value, ginNow()?.deposit?.value]).toEqual([21, null]);
	// Retired and brought in again, it has what its file says, and nothing that is left over.
	floor.till1.does([retired('GIN')], { scope: 'store' });
	floor.meet();
	bring(draft('GIN'));
	expect([ginNow()?.retired, ginNow()?.ageLimit?.value]).toEqual([false, null]);
});

test('too many products for one entry are refused before anything is sealed', () => {
	const floor = openFloor({});
	const products = Array.from({ length: 900 }, (_, i) => draft(`P${i}`, { name: 'x'.repeat(200), category: 'y'.repeat(60) }));
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'import-products', products })).toMatchObject({ refused: 'too-large' });
});

test('3: an edit replaces what its author saw on the form, not what arrived since', () => {
	const floor = openFloor({ A: 1 });
	const shown = floor.ledger().state.products.get(A)?.name.replaces ?? [];
	floor.till2.does([{ type: 'product.edited', v: 1, sku: 'A', fields: { name: { value: 'Theirs', replaces: shown } } }], { scope: 'store' });
	floor.meet();
	const ledger = floor.ledger();
	const { store } = decided(ledger, floor.till1, { intent: 'edit-product', sku: A, fields: { name: { value: 'Ours', replaces: shown } } });
	expect(store).toMatchObject([{ fields: { name: { value: 'Ours', replaces: shown } } }]);
	ledger.add([floor.till1.does(store, { scope: 'store' })]);
	expect(ledger.conflicts()).toMatchObject([{ kind: 'product-edited' }]);
});

test('an edit that changes nothing is refused, and only what differs is written', () => {
	const floor = openFloor({ A: 1 });
	const product = floor.ledger().state.products.get(A);
	if (product === undefined) throw new Error('no product');
	const same = { name: { value: product.name.value, replaces: product.name.replaces } };
	expect(
		decideAt(floor.ledger(), floor.till1, { intent: 'edit-product', sku: A, fields: same, unitPriceE4: { value: 10_000, replaces: [] } }),
	).toEqual({ refused: 'nothing-changed' });
	const { store } = decided(floor.ledger(), floor.till1, {
		intent: 'edit-product',
		sku: A,
		fields: { ...same, category: { value: 'Fruit', replaces: product.category.replaces } },
		unitPriceE4: { value: 12_000, replaces: product.price?.replaces ?? [] },
	});
	expect(store).toMatchObject([
		{ type: 'product.edited', fields: { category: { value: 'Fruit' } } },
		{ type: 'price.changed', unitPriceE4: 12_000 },
	]);
	expect(store[0]).not.toHaveProperty('fields.name');
});

test('a branch’s own price is set and ended beside the store’s, in this branch alone, and what is already so is refused', () => {
	const floor = openFloor({ A: 1 });
	const { branch } = floor.shop;
	const ownReplaces = (): readonly EntryHash[] => floor.ledger().state.products.get(A)?.branchPrices?.[0]?.price?.replaces ?? [];
	const edit = (value: number | null) => ({ intent: 'edit-product', sku: A, fields: {}, ownPriceE4: { value, replaces: ownReplaces() } }) as const;
	expect(decideAt(floor.ledger(), floor.till1, edit(null))).toEqual({ refused: 'nothing-changed' });
	const { store } = decided(floor.ledger(), floor.till1, edit(8_000));
	expect(store).toMatchObject([{ type: 'branchPrice.changed', branch, unitPriceE4: 8_000, replaces: [] }]);
	const set = floor.till1.does(store, { scope: 'store' });
	expect(decideAt(floor.ledger(), floor.till1, edit(8_000))).toEqual({ refused: 'nothing-changed' });
	expect(decided(floor.ledger(), floor.till1, edit(null)).store).toMatchObject([{ unitPriceE4: null, replaces: [set.hash] }]);
});

test('an own price is planned, and its end; the plan is taken back in its own place', () => {
	const floor = openFloor({ A: 1 });
	const fromMs = NOW_MS + 3_600_000;
	const plan = (unitPriceE4: number | null, at = fromMs) => ({ intent: 'plan-own-price', sku: A, unitPriceE4, fromMs: at }) as const;
	expect(decideAt(floor.ledger(), floor.till1, plan(null))).toEqual({ refused: 'nothing-changed' });
	const { store } = decided(floor.ledger(), floor.till1, plan(8_000));
	expect(store).toMatchObject([{ type: 'branchPrice.changed', unitPriceE4: 8_000, fromMs, replaces: [] }]);
	const planned = floor.till1.does(store, { scope: 'store' });
	expect(decideAt(floor.ledger(), floor.till1, plan(8_000))).toEqual({ refused: 'nothing-changed' });
	expect(decided(floor.ledger(), floor.till1, plan(null, fromMs + 1)).store).toMatchObject([{ unitPriceE4: null, fromMs: fromMs + 1 }]);
	const back = decided(floor.ledger(), floor.till1, { intent: 'cancel-price', sku: A, entry: planned.hash }).store;
	expect(back).toMatchObject([{ type: 'branchPrice.changed', unitPriceE4: null, replaces: [planned.hash] }]);
});

test('a product that is created again costs everywhere what its creation says; an import says of this branch what its file says', () => {
	const floor = openFloor({ A: 1 });
	const { branch } = floor.shop;
	const there = 'e1'.repeat(16) as BranchId;
	floor.hub.does([ownPriced('A', branch, 8_000), ownPriced('A', there, 9_000)], { scope: 'store' });
	const file = (own: { readonly ownPriceE4?: number | null }) => ({ intent: 'import-products', products: [{ ...draft('A'), ...own }] }) as const;
	for (const same of [{}, { ownPriceE4: 8_000 }]) expect(decideAt(floor.ledger(), floor.till1, file(same))).toEqual({ refused: 'nothing-changed' });
	expect(decided(floor.ledger(), floor.till1, file({ ownPriceE4: null })).store).toMatchObject([
		{ type: 'branchPrice.changed', branch, unitPriceE4: null },
	]);
	floor.till1.does([retired('A')], { scope: 'store' });
	const { store } = decided(floor.ledger(), floor.till1, { intent: 'create-products', products: [draft('A')] });
	expect(store.filter(({ type }) => type === 'branchPrice.changed')).toMatchObject([
		{ branch: there, unitPriceE4: null },
		{ branch, unitPriceE4: null },
	]);
});

test('a price that was planned has begun: setting the one before it again is a change', () => {
	const floor = openFloor({ A: 1 });
	floor.till1.does([{ ...priced('A', 12_000), v: 2, fromMs: floor.shop.nowMs + 1_000 }], { scope: 'store' });
	expect(
		decided(floor.ledger(), floor.till1, { intent: 'edit-product', sku: A, fields: {}, unitPriceE4: { value: 10_000, replaces: [] } }).store,
	).toMatchObject([{ type: 'price.changed', unitPriceE4: 10_000 }]);
});

test('retiring twice is refused', () => {
	const floor = openFloor({ A: 1 });
	expect(decided(floor.ledger(), floor.till1, { intent: 'retire-product', sku: A }).store).toMatchObject([{ type: 'product.retired' }]);
	floor.till1.does([retired('A')], { scope: 'store' });
	expect(decideAt(floor.ledger(), floor.till1, { intent: 'retire-product', sku: A })).toEqual({ refused: 'nothing-changed' });
});

// ——— the house

test('a setting names what it replaces, and one that cannot be meant is refused', () => {
	const floor = openFloor({ A: 1 });
	const ledger = floor.ledger();
	const rates = ledger.state.settings.at('taxRates');
	const more = [...(rates?.value ?? []), { id: 'zero', name: 'Zero', percentMilli: 0 }];
	expect(decided(ledger, floor.till1, { intent: 'change-setting', setting: { name: 'taxRates', value: more } }).store).toMatchObject([
		{ replaces: rates?.replaces },
	]);
	expect(decideAt(ledger, floor.till1, { intent: 'change-setting', setting: { name: 'taxRates', value: more.slice(1) } })).toMatchObject({
		refused: 'setting-invalid',
	});
	expect(decideAt(ledger, floor.till1, { intent: 'change-setting', setting: { name: 'taxRates', value: [...more, ...more] } })).toMatchObject({
		refused: 'setting-invalid',
	});
	expect(decideAt(ledger, floor.till1, { intent: 'change-setting', setting: { name: 'timeZone', value: 'Mars/Olympus' } })).toMatchObject({
		refused: 'setting-invalid',
	});
	expect(decideAt(ledger, floor.till1, { intent: 'change-setting', setting: { name: 'currency', value: { code: 'GBP', digits: 2 } } })).toEqual({
		refused: 'nothing-changed',
	});
});

test('the currency stays once there are sales in it', () => {
	const floor = openFloor({ A: 1 });
	const intent: Intent = { intent: 'change-setting', setting: { name: 'currency', value: { code: 'EUR', digits: 2 } } };
	expect(decideAt(floor.ledger(), floor.till1, intent)).toMatchObject({ store: [{}] });
	floor.sell(floor.till1, 'A');
	expect(decideAt(floor.ledger(), floor.till1, intent)).toMatchObject({ refused: 'setting-invalid' });
});

test('a device is revoked beyond what is here of it; nobody revokes itself or a stranger', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till2, 'A');
	const ledger = floor.ledger();
	const revoke = (device: TestDevice['id']): ReturnType<typeof decide> =>
		decideAt(ledger, floor.till1, { intent: 'revoke-device', device, reason: 'stolen' });
	expect(revoke(floor.till2.id)).toMatchObject({ store: [{ device: floor.till2.id, marks: [{ scope: 'branch', seq: 1, hash: sale.hash }] }] });
	expect(revoke(floor.till1.id)).toMatchObject({ refused: 'not-allowed' });
	expect(revoke('0'.repeat(64) as TestDevice['id'])).toEqual({ refused: 'no-such-device' });
});

test('2: nobody decides what the device has no right to', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell', 'refund', 'stock'])], { scope: 'store' });
	const ledger = floor.ledger();
	expect(decideAt(ledger, cashier, { intent: 'retire-product', sku: A })).toEqual({ refused: 'not-allowed', right: 'products' });
	expect(decideAt(ledger, cashier, { intent: 'receive', lines: [{ sku: A, quantityMilli: 1 }] })).toMatchObject({ branch: [{}] });
});

test('a device that may count but not resolve counts all the same', () => {
	const floor = openFloor({ A: 1 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell', 'stock'])], { scope: 'store' });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	const { branch } = decided(floor.ledger(), cashier, { intent: 'count', lines: [{ sku: A, quantityMilli: 0, asOf: cashier.asOf() }] });
	expect(branch.map(({ type }) => type)).toEqual(['stock.counted']);
});

test('"Count it" with a figure counts at once, by everything that is here', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	floor.meet();
	const ledger = floor.ledger();
	const id = ledger.conflicts()[0]?.id;
	if (id === undefined) throw new Error('no conflict');
	expect(decideAt(ledger, floor.till1, { intent: 'resolve', conflict: id, choice: 'count-it' })).toMatchObject({ refused: 'value-missing' });
	const { branch } = decided(ledger, floor.till1, { intent: 'resolve', conflict: id, choice: 'count-it', value: '1.5' });
	ledger.add([floor.till1.does(branch)]);
	expect(floor.onHand(ledger, 'A')).toBe(1.5);
	expect(ledger.conflicts()).toEqual([]);
	expect(counted('A', 1, floor.till1.asOf()).type).toBe('stock.counted');
});

test('a conflict that somebody has answered, and a choice that is none, are refused', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	floor.sell(floor.till2, 'A');
	const ledger = floor.ledger();
	const id = ledger.conflicts()[0]?.id;
	if (id === undefined) throw new Error('no conflict');
	expect(decideAt(ledger, floor.till1, { intent: 'resolve', conflict: id, choice: 'shrug' })).toEqual({ refused: 'no-such-choice', choice: 'shrug' });
	ledger.add([floor.till1.does(decided(ledger, floor.till1, { intent: 'resolve', conflict: id, choice: 'found-more' }).branch)]);
	expect(decideAt(ledger, floor.till1, { intent: 'resolve', conflict: id, choice: 'found-more' })).toEqual({ refused: 'no-such-conflict' });
});

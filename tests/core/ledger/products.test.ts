/** A product that comes back, that was another one all along, that draws on another. */
import { createLedger } from '#core/ledger/ledger.ts';
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { created, retired } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const [A, B] = ['A', 'B'] as [Sku, Sku];

/** Decides on till 1 and seals what came of it. */
function perform(floor: Floor, intent: Intent): void {
	const { till1 } = floor;
	till1.hears(...floor.shop.entries);
	const decided = decide(floor.ledger(), intent, { nextReceipt: { till: 1, number: 1 }, device: till1.id } as Parameters<typeof decide>[2]);
	if (isRefusal(decided)) throw new Error(decided.refused);
	if (decided.branch.length > 0) till1.does(decided.branch);
	if (decided.store.length > 0) till1.does(decided.store, { scope: 'store' });
}

function productIn(floor: Floor, sku: Sku) {
	const ways = [floor.shop.entries, [...floor.shop.entries].reverse()].map((entries) => {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of entries) ledger.add([entry]);
		return ledger.state.products.get(sku);
	});
	expect(ways[1]).toEqual(ways[0]);
	return ways[0];
}

test('what was retired is offered again by a restoration that knew of it, and not by one that did not', () => {
	const floor = openFloor();
	const gone = floor.till1.does([retired('A')], { scope: 'store' });
	floor.till2.does([{ type: 'product.restored', v: 1, sku: A }], { scope: 'store' });
	expect(productIn(floor, A)?.retired).toBe(true);
	floor.till2.hears(gone);
	floor.till2.does([{ type: 'product.restored', v: 1, sku: A }], { scope: 'store' });
	expect(productIn(floor, A)?.retired).toBe(false);
	perform(floor, { intent: 'retire-product', sku: A });
	expect(productIn(floor, A)?.retired).toBe(true);
	perform(floor, { intent: 'restore-product', sku: A });
	expect(productIn(floor, A)).toMatchObject({ retired: false, name: { value: 'Product A' } });
});

test('merged into another one it is offered no more, its barcodes and what is left of it are the other’s', () => {
	const floor = openFloor({ A: 3, B: 5 });
	floor.hub.does([created('C', { gtins: ['96385074' as Gtin] })], { scope: 'store' });
	perform(floor, {
		intent: 'edit-product',
		sku: A,
		fields: { gtins: { value: ['5000101959417' as Gtin], replaces: productIn(floor, A)?.gtins.replaces ?? [] } },
	});
	perform(floor, { intent: 'merge-products', sku: A, into: B });
	expect(productIn(floor, A)).toMatchObject({ retired: true, mergedInto: B });
	expect(productIn(floor, B)?.gtins.value).toEqual(['5000101959417']);
	expect(['A', 'B'].map((sku) => floor.onHand(floor.ledger(), sku))).toEqual([0, 8]);
	perform(floor, { intent: 'restore-product', sku: A });
	expect(productIn(floor, A)).not.toHaveProperty('mergedInto');
});

test('into itself, into what is not there and into what is gone nothing is merged', () => {
	const floor = openFloor({ A: 1, B: 1 });
	floor.till1.does([retired('B')], { scope: 'store' });
	for (const into of ['A', 'B', 'nowhere'] as Sku[])
		expect(decide(floor.ledger(), { intent: 'merge-products', sku: A, into }, { device: floor.till1.id } as never)).toMatchObject({
			refused: 'no-such-product',
		});
});

test('a pack, a variant, a deposit and an age are told and taken back, each for itself', () => {
	const floor = openFloor({ A: 1, B: 1 });
	expect(productIn(floor, A)).not.toHaveProperty('draws');
	perform(floor, { intent: 'set-product-extras', sku: A, extras: { draws: { sku: B, quantityMilli: 6_000 }, ageLimit: 18 } });
	expect(productIn(floor, A)).toMatchObject({ draws: { value: { sku: B, quantityMilli: 6_000 } }, ageLimit: { value: 18 } });
	perform(floor, { intent: 'set-product-extras', sku: A, extras: { ageLimit: null } });
	expect(productIn(floor, A)).toMatchObject({ draws: { value: { sku: B } }, ageLimit: { value: null } });
	for (const extras of [{ deposit: 'nowhere' as Sku }, { draws: { sku: A, quantityMilli: 1 } }])
		expect(decide(floor.ledger(), { intent: 'set-product-extras', sku: A, extras }, { device: floor.till1.id } as never)).toMatchObject({
			refused: 'no-such-product',
		});
});

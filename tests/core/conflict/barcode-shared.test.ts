/** One barcode on two products. */
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { created, edited, retired } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const CODE = '4006381333931' as Gtin;
const OTHER = '4006381333948' as Gtin;

const found = (ledger: Ledger) => ledger.conflicts().filter(({ kind }) => kind === 'barcode-shared');
const gtinsOf = (ledger: Ledger, sku: string) => ledger.state.products.get(sku as Sku)?.gtins.value;

function setCodes(floor: Floor, device: Floor['hub'], sku: string, value: readonly Gtin[]): EntryHash {
	const replaces = floor.ledger().state.products.get(sku as Sku)?.gtins.replaces ?? [];
	return device.does([edited(sku, { gtins: { value: [...value], replaces: [...replaces] } })], { scope: 'store' }).hash;
}

function shared(): { readonly floor: Floor; readonly entries: readonly EntryHash[] } {
	const floor = openFloor({ A: 5, B: 3, C: 1 });
	return { floor, entries: [setCodes(floor, floor.till1, 'A', [CODE]), setCodes(floor, floor.till2, 'B', [CODE, OTHER])] };
}

function answer(floor: Floor, label: string): void {
	floor.meet();
	const [conflict] = found(floor.ledger());
	const row = conflictRows(floor.ledger(), floor.till1.id).find(({ kind }) => kind === 'barcode-shared');
	const choice = row?.choices.find((one) => one.label === label)?.id;
	if (conflict === undefined || choice === undefined) throw new Error(`no choice ${label} among ${row?.choices.map((one) => one.label).join(', ')}`);
	const decided = decide(
		floor.ledger(),
		{ intent: 'resolve', conflict: conflict.id, choice },
		{ nextReceipt: { till: 1, number: 1 }, device: floor.till1.id, nowMs: floor.shop.nowMs },
	);
	if (isRefusal(decided)) throw new Error(decided.refused);
	if (decided.branch.length > 0) floor.till1.does(decided.branch);
	floor.till1.does(decided.store, { scope: 'store' });
}

test('it is found, in any order of arrival, whoever knew of whom', () => {
	const { floor, entries } = shared();
	expect(found(floor.ledger())).toMatchObject([{ id: { subject: CODE, kind: 'barcode-shared' }, unsettled: [...entries] }]);
	expect(found(floor.ledger())[0]?.id.branch).toBeUndefined();
	const reversed = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
	for (const entry of [...floor.shop.entries].reverse()) {
		reversed.add([entry]);
		reversed.conflicts();
	}
	expect(reversed.conflicts()).toEqual(floor.ledger().conflicts());
	floor.meet();
	setCodes(floor, floor.hub, 'C', [CODE]);
	expect(found(floor.ledger())[0]?.detail).toMatchObject({ products: [{ sku: 'A' }, { sku: 'B' }, { sku: 'C' }] });
});

test('two products that one file brought in with one code are found, and can be told apart', () => {
	const floor = openFloor({});
	floor.hub.does([created('X', { gtins: [CODE] }), created('Y', { gtins: [CODE] })], { scope: 'store' });
	expect(found(floor.ledger())[0]?.choices.map(({ id }) => id)).toEqual(['move:X', 'move:Y', 'merge-products']);
});

test('a product that is retired, or has the code no more, shares nothing; brought back, it does again', () => {
	const { floor } = shared();
	floor.meet();
	floor.hub.does([retired('B')], { scope: 'store' });
	expect(found(floor.ledger())).toEqual([]);
	floor.hub.does([{ type: 'product.restored', v: 1, sku: 'B' }], { scope: 'store' });
	expect(found(floor.ledger())).toHaveLength(1);
	floor.meet();
	setCodes(floor, floor.hub, 'A', []);
	expect(found(floor.ledger())).toEqual([]);
});

test('moving it leaves the code with one product, and the other codes where they were', () => {
	const { floor } = shared();
	answer(floor, 'Move it: Product A');
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect([gtinsOf(ledger, 'A'), gtinsOf(ledger, 'B')]).toEqual([[CODE], [OTHER]]);
	floor.meet();
	setCodes(floor, floor.hub, 'C', [CODE]);
	expect(found(floor.ledger())[0]?.detail).toMatchObject({ products: [{ sku: 'A' }, { sku: 'C' }] });
});

test('merging makes one product of three, with all codes and what this branch has of them', () => {
	const { floor } = shared();
	floor.meet();
	setCodes(floor, floor.hub, 'C', [CODE]);
	answer(floor, 'Merge the products');
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(gtinsOf(ledger, 'A')).toEqual([CODE, OTHER]);
	expect(['A', 'B', 'C'].map((sku) => floor.onHand(ledger, sku))).toEqual([9, 0, 0]);
	expect(['B', 'C'].map((sku) => ledger.state.products.get(sku as Sku)?.mergedInto)).toEqual(['A', 'A']);
});

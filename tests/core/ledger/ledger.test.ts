/** What the ledger says besides stock: products, settings, sales, marks. */
import { createLedger } from '#core/ledger/ledger.ts';
import type { BranchId, EntryHash, Sku, StoreId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting, created, edited, priced, refunded, renamed, retired } from '../../support/facts.ts';
import { openFloor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;

test('a product appears with its creation, and edits that came before it wait', () => {
	const floor = openFloor({});
	const creation = floor.till1.does([created('NEW'), priced('NEW', 12_345)], { scope: 'store' });
	floor.till1.does([renamed('NEW', 'Newer', [creation.hash])], { scope: 'store' });
	const ledger = floor.ledger(creation);
	expect(ledger.state.products.has('NEW' as Sku)).toBe(false);
	ledger.add([creation]);
	expect(ledger.state.products.get('NEW' as Sku)).toMatchObject({
		name: { value: 'Newer' },
		price: { value: 12_345, entry: creation.hash },
		retired: false,
	});
});

test('a sale line names the price entry: it is the one that stands', () => {
	const floor = openFloor({ A: 1 });
	const replaces = floor.ledger().state.products.get(A)?.price?.replaces ?? [];
	const change = floor.till1.does([priced('A', 20_000, replaces)], { scope: 'store' });
	expect(floor.ledger().state.products.get(A)?.price).toMatchObject({ value: 20_000, entry: change.hash, replaces: [change.hash] });
});

test('retired is retired, until a creation that knew of it brings it back', () => {
	const floor = openFloor({ A: 1 });
	floor.till1.does([retired('A')], { scope: 'store' });
	expect(floor.ledger().state.products.get(A)?.retired).toBe(true);
	floor.till2.does([created('A', { name: 'Unaware' })], { scope: 'store' });
	expect(floor.ledger().state.products.get(A)?.retired).toBe(true);
	floor.meet();
	floor.till2.does([created('A', { name: 'Back' })], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.state.products.get(A)).toMatchObject({ retired: false, name: { value: 'Back' } });
	expect(ledger.conflicts()).toEqual([]);
});

test('the branch’s own setting goes before the store’s', () => {
	const floor = openFloor({});
	floor.hub.does([changedSetting({ name: 'storeName', value: 'Kelp & Co' })], { scope: 'store' });
	floor.hub.does([{ ...changedSetting({ name: 'receiptFooter', value: 'everywhere' }) }], { scope: 'store' });
	floor.hub.does([{ ...changedSetting({ name: 'receiptFooter', value: 'here' }), branch: floor.shop.branch }], { scope: 'store' });
	floor.hub.does([{ ...changedSetting({ name: 'receiptFooter', value: 'there' }), branch: 'f'.repeat(32) }], { scope: 'store' });
	const { settings } = floor.ledger().state;
	expect([settings.value('storeName'), settings.value('receiptFooter'), settings.at('receiptFooter')?.value, settings.value('timeZone')]).toEqual([
		'Kelp & Co',
		'here',
		'everywhere',
		undefined,
	]);
});

test('what was given back of a sale is summed line by line', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	const refund = floor.till1.does([
		refunded(
			sale.hash,
			[
				[0, 'A', 1, 100],
				[7, 'A', 1, 100],
			],
			floor.till1.receipt(),
		),
	]);
	const { state } = floor.ledger();
	expect(state.sales.get(sale.hash)).toMatchObject({ refundedMilli: [1000], refundedMinor: [100], refunds: [refund.hash] });
	expect(state.refunds.get(refund.hash)).toMatchObject({ counts: true });
});

test('a relay is believed because an entry says so, and only then', () => {
	const floor = openFloor({});
	const relay = '9'.repeat(64);
	floor.till1.does([{ type: 'relay.joined', v: 1, relay, url: 'ws://cloud', name: 'Cloud' }], { scope: 'store' });
	expect([...floor.ledger().state.relays.keys()]).toEqual([]); // A till has no right to.
	floor.hub.does([{ type: 'relay.joined', v: 1, relay, url: 'ws://cloud', name: 'Cloud' }], { scope: 'store' });
	expect([...floor.ledger().state.relays.keys()]).toEqual([relay]);
});

test('marks and the seen vector end where a chain stops to be whole', () => {
	const floor = openFloor({ A: 10 });
	const sales = [1, 2, 3].map(() => floor.sell(floor.till1, 'A'));
	const ledger = floor.ledger(...sales.slice(1, 2));
	const ends = ledger.marks().filter(({ device }) => device === floor.till1.id);
	expect(ends).toEqual([{ device: floor.till1.id, scope: 'branch', seq: 1, hash: sales[0]?.hash }]);
	expect(ledger.seen().get(`${floor.till1.id.slice(0, 16)}:b`)).toEqual([floor.till1.id.slice(0, 16), 'b', 1, sales[0]?.hash.slice(0, 16)]);
	expect(ledger.hlc()).toEqual(sales[2]?.header.hlc);
	expect([ledger.isCovered(ends, sales[0]?.hash as EntryHash), ledger.isCovered(ends, sales[2]?.hash as EntryHash)]).toEqual([true, false]);
});

test('the change names what to read again', () => {
	const floor = openFloor({ A: 10, B: 10 });
	const ledger = floor.ledger();
	const sale = floor.sell(floor.till1, 'A');
	expect(ledger.add([sale])).toMatchObject({
		added: [sale],
		duplicates: 0,
		skus: new Set(['A']),
		products: new Set(),
		sales: new Set([sale.hash]),
		settings: false,
		conflicts: false,
		marks: true,
	});
	const edit = floor.till1.does([edited('B', { category: { value: 'New', replaces: [] } })], { scope: 'store' });
	expect(ledger.add([edit, sale])).toMatchObject({ added: [edit], duplicates: 1, skus: new Set(), products: new Set(['B']), sales: new Set() });
});

test('an entry of another store is a bug of the caller, and is said so', () => {
	const floor = openFloor({});
	const ledger = createLedger({ store: '0'.repeat(32) as StoreId, branch: floor.shop.branch as BranchId });
	expect(() => ledger.add(floor.shop.entries)).toThrow(/of store/);
});

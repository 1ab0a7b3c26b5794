/** A till that is practised on: the core decides as for real, and nothing of it gets anywhere. `engine/training.ts`, `projections/training-views.ts`. */
import { isRefusal, type Intent } from '#core/intent.ts';
import { createPractice } from '#core/training/practice.ts';
import { cashTender } from '#core/sale/complete-sale.ts';
import type { Commands } from '#engine/commands.ts';
import { createTrainingCommands } from '#engine/training.ts';
import { shopRow } from '#projections/shop.ts';
import { createTrainingViews } from '#projections/training-views.ts';
import type { Views } from '#projections/views.ts';
import { receiptPaper, trainingMark } from '#projections/receipt-paper.ts';
import type { Question } from '#projections/questions.ts';
import type { Paper } from '#core/receipt/paper.ts';
import type { Cart } from '#schemas/cart.ts';
import { PLAIN_EQUIPMENT } from '#schemas/equipment.ts';
import type { CustomerId, EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

/** The real till: whoever calls it for more than a key, or for paper, has left training. */
function realTill() {
	const called: string[] = [];
	const papers: Paper[] = [];
	let keys = 0;
	const allowed: Partial<Commands> = {
		newKey: () => `key ${(keys += 1)}` as IntentKey,
		print: (paper) => Promise.resolve(papers.push(paper) > 0 ? 'printed' : 'browser'),
	};
	const real = new Proxy({} as Commands, {
		get: (_target, name: string) =>
			name in allowed
				? allowed[name as keyof Commands]
				: () => {
						called.push(name);
						throw new Error(`training called ${name}`);
					},
	});
	return { real, called, papers };
}

function openTraining({ shiftsRequired = false } = {}) {
	const floor = openFloor({ A: 10 });
	if (shiftsRequired) floor.hub.does([changedSetting({ name: 'shiftsRequired', value: true })], { scope: 'store' });
	const ledger = floor.ledger();
	const shop = shopRow(ledger, { device: floor.till1.id, name: 'Till 1', till: 1 });
	const { real, called, papers } = realTill();
	const practice = createPractice(shop, floor.shop.nowMs);
	const practised = createTrainingViews(realViews(), shop, [], practice, () => floor.shop.nowMs);
	const commands = createTrainingCommands({
		...{ real, practice, parked: practised.parked, terms: () => shop, mark: trainingMark },
		clock: { nowMs: () => (floor.shop.nowMs += 1000) },
		onChanged: () => {
			practised.changed();
		},
		setFavourite: (sku, favourite) => {
			practised.setFavourite(sku, favourite);
		},
	});
	const shopNow = () => practised.shop.get();
	return { floor, ledger, commands, called, papers, views: practised.views, practice, shop, shopNow };
}

/** The shop's: a customer with credit, and a stock take that is open. */
function realViews(): Views {
	return {
		credit: (customer: CustomerId) => Promise.resolve(customer === ADA ? 500 : 0),
		customers: () => Promise.resolve([{ customer: ADA, name: 'Ada' }]),
		ask: (name: Question) => Promise.resolve(name === 'stockTakes' ? [{ count: 'the shop’s' }] : name === 'branches' ? ['the shop’s'] : []),
	} as unknown as Views;
}

const ADA = 'customer-ada' as CustomerId;

function cart(key: string, units = 1): Cart {
	const line = { id: 'a', sku: 'A' as Sku, name: 'Product A', quantityMilli: units * 1000, unit: 'each' as const, unitPriceE4: 10_000 };
	return { key: key as IntentKey, lines: [{ ...line, taxRate: 'standard', taxPercentMilli: 20_000 }], changedAtMs: 0 };
}

test('1: a sale in training is decided, numbered and shown, and the shop knows nothing of it', async () => {
	const { floor, ledger, commands, called, views, shopNow } = openTraining();
	const sizeBefore = ledger.size();
	const done = await commands.sell(cart('one', 2), [cashTender(200, 500)]);
	expect(done).toMatchObject({ number: 'T1-000001Z', fact: { totalMinor: 200 } });
	// Pressed twice, it is the same sale.
	expect(await commands.sell(cart('one', 2), [cashTender(200, 500)])).toBe(done);
	expect(await commands.sell(cart('two'), [cashTender(100, 100)])).toMatchObject({ number: 'T1-000002Z' });
	expect((await views.receipts('', 10)).map(({ number, totalMinor, atHost, inCloud }) => [number, totalMinor, atHost, inCloud])).toEqual([
		['T1-000002Z', 100, false, false],
		['T1-000001Z', 200, false, false],
	]);
	expect(shopNow()).toMatchObject({ training: true, storeName: 'Shop' });
	expect((await views.drawer()).x).toMatchObject({ figures: { takingsMinor: 300 }, perpetual: { salesMinor: 300 } });
	expect(called).toEqual([]);
	expect(ledger.size()).toBe(sizeBefore);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(10);
});

test('1: its entries have no bytes and no signature, so that nobody could keep or send them', async () => {
	const { commands, practice } = openTraining();
	await commands.sell(cart('one'), [cashTender(100, 100)]);
	expect(practice.ledger.entries().map(({ sealed }) => sealed.length)).toEqual([0, 0]);
	expect(new Set(practice.ledger.entries().map(({ hash }) => hash)).size).toBe(2);
	expect(practice.ledger.quarantined()).toEqual([]);
});

test('2: what is refused for real is refused here by the same name', async () => {
	const { commands } = openTraining({ shiftsRequired: true });
	expect(await commands.sell(cart('one'), [cashTender(100, 100)])).toEqual({ refused: 'no-shift-open' });
	expect(await commands.perform({ intent: 'move-cash', kind: 'in', amountMinor: 5 }, commands.newKey())).toEqual({ refused: 'no-shift-open' });
	await commands.perform({ intent: 'open-shift', floatMinor: 5000 }, commands.newKey());
	expect(await commands.sell({ ...cart('one'), lines: [] }, [])).toMatchObject({ refused: 'cart-empty' });
	expect(await commands.sell(cart('one'), [])).toMatchObject({ refused: 'tender-short', shortMinor: 100 });
});

test('2: a whole shift can be practised: float, sale, refund, count, Z and the report of the day', async () => {
	const { commands, views, shopNow, called } = openTraining({ shiftsRequired: true });
	const does = async (intent: Intent) => {
		const answer = await commands.perform(intent, commands.newKey());
		if (isRefusal(answer) || 'trouble' in answer) throw new Error(JSON.stringify(answer));
		return answer;
	};
	await does({ intent: 'open-shift', floatMinor: 5000 });
	expect(shopNow()).toMatchObject({ shift: 1 });
	const sale = await commands.sell(cart('one', 2), [cashTender(200, 200)]);
	if (isRefusal(sale) || 'trouble' in sale) throw new Error(JSON.stringify(sale));
	const lines = [{ saleLine: 0, quantityMilli: 1000, restock: true }];
	expect(await does({ intent: 'refund', sale: sale.entry, lines, tender: 'cash' })).toMatchObject({ number: 'T1-000002Z' });
	await does({ intent: 'close-shift', countedMinor: 5090 });
	const [shift] = await views.shifts(5);
	expect(shift).toMatchObject({ expectedMinor: 5100, differenceMinor: -10, conflict: expect.anything() });
	if (shift?.conflict === undefined) throw new Error('nobody is asked');
	await does({ intent: 'resolve', conflict: shift.conflict, choice: 'explain', value: 'practice' });
	await does({ intent: 'close-z' });
	expect(await views.zs(5)).toMatchObject([{ z: 1, perpetual: { salesMinor: 200, refundsMinor: 100 }, problems: [] }]);
	const [day] = await views.days(5);
	if (day === undefined) throw new Error('no day');
	await does({ intent: 'report-day', day: day.day });
	expect(await views.day(day.day)).toMatchObject({ takingsMinor: 100, reports: [{ takingsMinor: 100 }] });
	expect(called).toEqual([]);
});

test('3: what would change the shop for others is refused', async () => {
	const { commands, called } = openTraining();
	const intents: readonly Intent[] = [
		{ intent: 'change-setting', setting: { name: 'storeName', value: 'Mine' } },
		{ intent: 'receive', lines: [{ sku: 'A' as Sku, quantityMilli: 1000 }] },
		{ intent: 'retire-product', sku: 'A' as Sku },
	];
	for (const intent of intents) expect(await commands.perform(intent, commands.newKey())).toEqual({ refused: 'in-training' });
	expect(await commands.leaveShop()).toMatchObject({ trouble: 'not-ready' });
	expect(await commands.bringIn(new Uint8Array())).toHaveProperty('problem');
	expect(called).toEqual([]);
});

test('carts are put aside and taken up again among themselves', async () => {
	const { commands, views } = openTraining();
	await commands.saveCart(cart('one'));
	expect(await commands.park(cart('one'))).toBe('parked');
	expect(await commands.openCart()).toBeUndefined();
	const rows: unknown[] = [];
	views.parked.subscribe((parked) => rows.push(...parked));
	expect(rows).toMatchObject([{ id: 'one', pieces: 1, totalMinor: 100 }]);
	const fetched = await commands.fetchParked('one');
	expect(fetched).toMatchObject({ parked: 'one', lines: [{ sku: 'A' }] });
	expect(await commands.openCart()).toBe(fetched);
	expect(await commands.fetchParked('one')).toBe('gone');
	await commands.park(cart('two'));
	expect([await commands.dropParked('two'), await commands.dropParked('two')]).toEqual(['dropped', 'gone']);
	expect(await commands.fetchParked('two')).toBe('gone');
});

test('4: whatever is printed says that it is training, once, and no drawer opens', async () => {
	const { commands, called, papers, shopNow, shop } = openTraining();
	const done = await commands.sell(cart('one'), [cashTender(100, 100)]);
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	const mark = trainingMark();
	const marksOn = (paper: Paper) => paper.filter((line) => line.kind === 'text' && line.text === mark.text).length;
	expect(await commands.print(receiptPaper(done, shopNow()))).toBe('printed');
	// A screen that forgot whose receipt it is.
	await commands.print(receiptPaper(done, shop));
	await commands.print([]);
	expect(papers.map(marksOn)).toEqual([1, 1, 1]);
	expect(await commands.openDrawer()).toBe('none');
	expect(called).toEqual([]);
});

test('1: the device goes on remembering which real receipt it printed last, and what stands beside it', async () => {
	const { commands, called } = openTraining();
	const done = await commands.sell(cart('one'), [cashTender(100, 100)]);
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	expect(await commands.wasPrinted(done.entry)).toBe(false);
	await commands.notePrinted(done.entry);
	expect(await commands.wasPrinted(done.entry)).toBe(true);
	expect(await commands.wasPrinted('f'.repeat(64) as EntryHash)).toBe(false);
	expect(await commands.setEquipment(PLAIN_EQUIPMENT)).toMatchObject({ trouble: 'not-ready' });
	expect(called).toEqual([]);
});

test('a customer is found as for real, and the credit that is spent in training is spent there alone', async () => {
	const { commands, views, called } = openTraining();
	expect(await views.customers('', 10)).toMatchObject([{ name: 'Ada' }]);
	expect(await Promise.all([views.credit(ADA), views.credit(ADA)])).toEqual([500, 500]);
	const sale: Cart = { ...cart('one', 2), customer: ADA };
	expect(await commands.sell(sale, [{ type: 'credit', amountMinor: 200, customer: ADA }])).toMatchObject({ fact: { customer: ADA } });
	expect(await views.credit(ADA)).toBe(300);
	expect(await views.credit('nobody' as CustomerId)).toBe(0);
	const conflicts: unknown[] = [];
	views.conflicts.subscribe((rows) => conflicts.push(...rows));
	expect(conflicts).toEqual([]);
	expect(await commands.saveCustomer({ name: 'Eve' }, commands.newKey())).toEqual({ refused: 'in-training' });
	expect(called).toEqual([]);
});

test('3: a stock take of the shop cannot be counted on from training, not even by what a till keeps of it', async () => {
	const { views } = openTraining();
	expect(await views.ask('stockTakes')).toEqual([]);
	expect(await views.ask('branches')).toEqual(['the shop’s']);
});

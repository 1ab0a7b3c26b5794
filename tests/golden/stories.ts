/** What happened in each golden ledger. A story is only for writing its file: once written, the file stands for itself. */
import { sign, type KeyObject } from 'node:crypto';
import { decide } from '#core/decide.ts';
import { encodeSuccession, encodeSuccessionBody } from '#core/entry/successions.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { BranchId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import type { Succession } from '#schemas/succession.ts';
import { adjusted, changedSetting, claimed, corrected, counted, edited, exchanged, ownPriced, priced, refunded, renamed, sold } from '../support/facts.ts';
import { creditGiven, creditUsed, customerCreated, customerId, customerMerged } from '../support/customer-facts.ts';
import { privateKeyOf, publicKeyOf, type TestDevice, type TestShop } from '../support/ledger-builder.ts';
import { playSteps, type Step } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';
import { answer, cashMoved, perform, shiftClosed, shiftOpened } from '../support/till-day.ts';

export const STORIES: Readonly<Record<string, () => TestShop>> = {
	/** Two tills sell the last one apart, meet, and settle it; refunds, a count, prices, and a device that is revoked. */
	'the-last-one': () => {
		const floor = openFloor({ A: 1, B: 20, C: 5 }, { seed: 'golden 1', signed: true });
		const { hub, till1, till2, shop } = floor;
		hub.does([changedSetting({ name: 'storeName', value: 'Kelp & Co' }), changedSetting({ name: 'cashRoundingMinor', value: 5 })], { scope: 'store' });
		floor.sell(till1, 'A');
		const second = floor.sell(till2, 'A', 2);
		floor.meet();
		resolveFirst(till1, 'customer-waits');
		const sale = floor.sell(till2, 'B', 3);
		till2.does([refunded(sale.hash, [[0, 'B', 1, 100]], till2.receipt())]);
		floor.meet();
		till1.does([refunded(sale.hash, [[0, 'B', 2, 200, false]], till1.receipt())]);
		till2.does([refunded(sale.hash, [[0, 'B', 1, 100]], till2.receipt())]);
		floor.meet();
		const asOf = hub.asOf();
		floor.sell(hub, 'C');
		hub.does([counted('C', 9, asOf)]);
		till1.does([adjusted('B', -1, 'waste')]);
		till1.does([corrected(second.hash)]);
		const product = floor.ledger().state.products.get('B' as Sku);
		till1.does([renamed('B', 'Biscuits', product?.name.replaces ?? [])], { scope: 'store' });
		till2.does([renamed('B', 'Brezeln', product?.name.replaces ?? []), priced('B', 15_000, product?.price?.replaces ?? [])], { scope: 'store' });
		floor.meet();
		hub.does([{ type: 'relay.joined', v: 1, relay: 'ab'.repeat(32), url: 'wss://relay', name: 'Cloud' }], { scope: 'store' });
		hub.does([{ type: 'device.revoked', v: 1, device: till2.id, marks: marksOf(till2), reason: 'stolen' }], { scope: 'store' });
		floor.sell(till2, 'C', 3);
		return shop;

		function resolveFirst(device: TestDevice, choice: string): void {
			const ledger = floor.ledger();
			const conflict = ledger.conflicts()[0];
			if (conflict === undefined) throw new Error('nothing to settle');
			const intent: Intent = { intent: 'resolve', conflict: conflict.id, choice };
			const decision = decide(ledger, intent, { device: device.id, nextReceipt: device.receipt(), nowMs: 1_900_000_000_000 });
			if (isRefusal(decision)) throw new Error(decision.refused);
			device.does(decision.branch);
		}

		function marksOf(device: TestDevice): readonly { device: TestDevice['id']; scope: 'branch' | 'store'; seq: number; hash: EntryHash }[] {
			return floor.ledger().marks().filter((mark) => mark.device === device.id).map((mark) => ({ ...mark }));
		}
	},

	/** Everything that `tests/support/random-shop.ts` knows to go wrong, in one year of a very unlucky shop. */
	'an-unlucky-shop': () => {
		let state = 20_261_123;
		const next = (below: number): number => {
			state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
			return (state >>> 8) % below;
		};
		const steps = Array.from({ length: 160 }, (): Step => [next(100), next(4), next(1000), next(1000)]);
		return playSteps(steps, { seed: 'golden 2', signed: true }).shop;
	},

	/** A shop that prints on its network and asks for the reference of a card; a sale in three parts. */
	'paid-in-parts': () => {
		const { hub, till1, shop } = openFloor({ A: 100 }, { seed: 'golden paid-in-parts', signed: true });
		const printers = [{ id: 'bar', name: 'Bar', host: '192.168.1.50', port: 9100, speaks: 'esc-pos' as const }];
		hub.does([changedSetting({ name: 'printers', value: printers }), changedSetting({ name: 'cardReferenceNeeded', value: true })].map((fact) => ({ ...fact, v: 3 })), {
			scope: 'store',
		});
		till1.does([
			{
				...sold([['A', 3, 300]], till1.receipt()),
				tenders: [
					{ type: 'card', amountMinor: 100, reference: 'A-77' },
					{ type: 'cash', amountMinor: 50, givenMinor: 50, changeMinor: 0 },
					{ type: 'cash', amountMinor: 150, givenMinor: 500, changeMinor: 350 },
				],
			},
		]);
		return shop;
	},

	/** Two days of drawers, Zs and reports; customers written down twice and credit spent twice; two tills with one number; people. */
	'drawers-and-customers': () => {
		const floor = openFloor({ A: 100 }, { seed: 'golden 3', signed: true });
		const { hub, till1, till2, shop } = floor;
		const stored = { scope: 'store' } as const;
		const receiptOf = (till: TestDevice, shift: number, units: number) => ({ ...sold([['A', units, units * 100]], till.receipt()), v: 2, shift });
		hub.does([{ ...changedSetting({ name: 'drawerToleranceMinor', value: 50 }), v: 2 }, { ...changedSetting({ name: 'shiftsRequired', value: true }), v: 2 }], stored);
		hub.does([{ type: 'person.added', v: 1, person: 'mia', name: 'Mia', role: 'owner', pin: null }], stored);
		hub.does([{ type: 'person.pinReset', v: 1, person: 'mia', pin: '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA' }], stored);
		floor.meet();
		for (const [till, countedMinor] of [
			[till1, 1310],
			[till2, 1700],
		] as const) {
			till.does([shiftOpened(1, 1000)], { by: 'mia' });
			const sale = till.does([receiptOf(till, 1, 5)], { by: 'mia' });
			till.does([{ ...refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt()), v: 2, shift: 1 }]);
			till.does([cashMoved(1, 'drop', 100), { type: 'drawer.opened', v: 1, shift: 1, reason: 'change' }]);
			till.does([shiftClosed(1, countedMinor, 1300)]);
			perform(floor.ledger(), till, { intent: 'close-z' });
		}
		hub.hears(...shop.entries.filter(({ header }) => header.device === till1.id));
		hub.does([{ type: 'day.reported', v: 1, day: '2026-11-02', takingsMinor: 400, receipts: 2 }]);
		answer(floor.ledger(), hub, floor.ledger().conflicts().find(({ kind }) => kind === 'drawer-difference'), 'recount', '13.00');
		till1.does([customerCreated('ada', 'tel:1'), creditGiven('ada', 1000)], stored);
		till2.does([customerCreated('ada l', 'tel:1', 'mail:1')], stored);
		floor.meet();
		till1.does([creditUsed('ada', 800)], stored);
		till2.does([creditUsed('ada', 700)], stored);
		floor.meet();
		till1.does([customerMerged('ada l', 'ada')], stored);
		answer(floor.ledger(), hub, floor.ledger().conflicts().find(({ kind }) => kind === 'credit-overspent'), 'customer-owes');
		shop.nowMs += 24 * 60 * 60 * 1000;
		till1.does([shiftOpened(2, 500)]);
		till1.does([receiptOf(till1, 2, 3)]);
		hub.does([shop.device('Till 3', { till: 2 }).enrolment()], stored);
		return shop;
	},

	/** A stock take of two products while two tills sell, one of them off the network; a shelf that two people count apart; what was answered, and what was not. */
	'stock-takes': () => {
		const floor = openFloor({ A: 40, B: 30, C: 20 }, { seed: 'golden stock takes', signed: true });
		const { hub, till1, till2, shop } = floor;
		const count = 'november stock take';
		const line = (sku: string, units: number, asOf: ReturnType<TestDevice['asOf']>) => ({
			...{ type: 'stock.counted', v: 2, count },
			lines: [{ sku, quantityMilli: units * 1000, asOf }],
		});
		const apart = (kind: string) => floor.ledger().conflicts().find((conflict) => conflict.kind === kind);
		hub.does([{ type: 'count.opened', v: 1, count, name: 'November', skus: ['A', 'B'] }]);
		floor.meet();
		const asOf = till1.asOf();
		floor.sell(till1, 'A', 2);
		till1.does([line('A', 39, asOf)]);
		floor.sell(till2, 'A', 3);
		floor.sell(till2, 'B', 1);
		hub.does([line('B', 28, hub.asOf())]);
		floor.sell(till2, 'B', 2);
		floor.meet();
		answer(floor.ledger(), hub, apart('count-overlap'), 'after');
		hub.does([{ type: 'count.closed', v: 1, count }]);
		floor.meet();
		till1.does([counted('C', 18, till1.asOf())]);
		till2.does([counted('C', 17, till2.asOf())]);
		floor.sell(hub, 'B', 1);
		floor.meet();
		const disagree = apart('counts-disagree');
		answer(floor.ledger(), hub, disagree, disagree?.choices[0]?.id ?? '');
		floor.meet();
		floor.sell(till1, 'C', 1);
		till2.does([counted('C', 16, till2.asOf())]);
		return shop;
	},

	/**
	 * What came back and what things cost: packs and deposits, discounts, prices without tax, exchanges both ways, goods sold out of the returned ones, store credit,
	 * a planned price, people, and each way in which two of these cannot both be meant; some answered, some not.
	 */
	'returns-and-prices': () => {
		const floor = openFloor({ A: 60, SIX: 1, BOTTLE: 10, B: 20 }, { seed: 'golden returns', signed: true });
		const { hub, till1, till2, shop } = floor;
		const stored = { scope: 'store' } as const;
		const open = (kind: string) => floor.ledger().conflicts().find((conflict) => conflict.kind === kind);
		const priceOf = (sku: string): EntryHash => floor.ledger().state.products.get(sku as Sku)?.price?.entry ?? ('' as EntryHash);
		const cash = (amountMinor: number) => ({ type: 'cash', amountMinor, givenMinor: amountMinor, changeMinor: 0 }) as const;
		const extras = { draws: { value: { sku: 'A', quantityMilli: 6_000 }, replaces: [] }, deposit: { value: 'BOTTLE', replaces: [] } };
		hub.does([{ type: 'product.edited', v: 2, sku: 'SIX', fields: extras }, customerCreated('grace', 'tel:9')], stored);
		hub.does([{ type: 'person.added', v: 1, person: 'person-mia', name: 'Mia', role: 'manager', pin: null }], stored);
		floor.meet();
		// A pack with its deposit, a discount on it and one on the sale.
		const pack = sold([['SIX', 2, 1000], ['BOTTLE', 2, 50]], till1.receipt());
		const lines = pack.lines.map((line, index) =>
			index === 0
				? { ...line, unitPriceE4: 60_000, draws: { sku: 'A', quantityMilli: 12_000 }, discounts: [{ of: 'line', amountMinor: 150, reason: 'dented', approvedBy: 'person-mia' }, { of: 'sale', amountMinor: 50, percentMilli: 5_000 }] }
				: { ...line, depositOf: 0 },
		);
		const packs = till1.does([{ ...pack, v: 2, lines, customer: customerId('grace') }]);
		floor.meet();
		perform(floor.ledger(), till2, { intent: 'refund', sale: packs.hash, lines: [{ saleLine: 0, quantityMilli: 1000, restock: true }], tender: { creditOf: customerId('grace') } });
		const net = sold([['B', 3, 300]], till1.receipt());
		till1.does([{ ...net, v: 2, taxExcluded: true, totalMinor: 350, tenders: [cash(350)] }]);
		floor.meet();
		const sale = floor.sell(till1, 'B', 4);
		floor.meet();
		const swapped = till2.does([exchanged(refunded(sale.hash, [[0, 'B', 1, 100, false]], till2.receipt()), sold([['A', 1, 120]], till2.receipt()))]);
		till1.does([exchanged(refunded(sale.hash, [[0, 'B', 2, 200]], till1.receipt()), sold([['A', 1, 120]], till1.receipt()))]);
		hub.does([{ ...refunded(sale.hash, [[0, 'B', 2, 200, false]], hub.receipt()), v: 2, approvedBy: 'person-mia' }]);
		floor.meet();
		answer(floor.ledger(), hub, open('refunded-twice'), 'compensate-one');
		for (const till of [till1, till2]) {
			const resale = sold([['B', 1, 40]], till.receipt());
			till.does([{ ...resale, v: 2, lines: resale.lines.map((line) => ({ ...line, resaleOf: { refund: swapped.hash, line: 0 } })) }]);
		}
		floor.meet();
		answer(floor.ledger(), till1, open('resold-twice'), 'off-shelf');
		till2.does([refunded('ab'.repeat(32) as EntryHash, [[0, 'B', 1, 100]], till2.receipt())]);
		till1.does([refunded('cd'.repeat(32) as EntryHash, [[0, 'B', 1, 100]], till1.receipt())]);
		floor.meet();
		answer(floor.ledger(), hub, open('refund-without-sale'), 'link', 'T1-000003');
		const other = shop.device('Other hub', { role: 'hub', till: 90 });
		hub.does([{ ...other.enrolment(), branch: '0f'.repeat(16) }], stored);
		other.does([claimed(packs, shop.branch, [1, 1, 25])], stored);
		// Prices: one that the tills had not heard of, one from tomorrow on, one code on two products.
		const old = priceOf('A');
		const change = hub.does([priced('A', 9_000, [old])], stored);
		hub.does([{ ...priced('B', 11_000), v: 2, fromMs: shop.nowMs + 86_400_000 }], stored);
		shop.nowMs += 600_000;
		for (const till of [till1, till2]) {
			const late = sold([['A', 2, 200]], till.receipt());
			till.does([{ ...late, v: 2, lines: late.lines.map((line) => ({ ...line, price: old })) }]);
		}
		for (const [till, sku] of [[till1, 'A'], [till2, 'B']] as const) {
			const gtins = floor.ledger().state.products.get(sku as Sku)?.gtins.replaces ?? [];
			till.does([edited(sku, { gtins: { value: ['4006381333931' as Gtin], replaces: [...gtins] } })], stored);
		}
		floor.meet();
		answer(floor.ledger(), hub, open('stale-price'), 'refund-difference');
		till1.does([priced('A', 8_000, [change.hash])], stored);
		till2.does([priced('A', 8_500, [change.hash])], stored);
		return shop;
	},

	/** A supplier changed apart, an order changed and received in parts, one received twice apart and taken back, one short and closed; costs and levels. */
	'orders-and-deliveries': () => {
		const floor = openFloor({ A: 4, B: 2 }, { seed: 'golden 6', signed: true });
		const { hub, till1, till2, shop } = floor;
		const stored = { scope: 'store' } as const;
		const supplier = 'supplier-dairy';
		const line = (sku: string, units: number, costE4?: number) => ({ sku, quantityMilli: units * 1000, ...(costE4 === undefined ? {} : { costE4 }) });
		const writes = (fields: object) => ({ type: 'supplier.changed', v: 1, supplier, fields });
		const came = (order: string, ...lines: readonly object[]) => ({ type: 'stock.received', v: 3, order, supplier: 'Green Dairy', reference: 'DN 7', lines });
		const made = hub.does([writes({ name: { value: 'Green Dairy', replaces: [] }, leadDays: { value: 2, replaces: [] } })], stored);
		hub.does([{ type: 'supply.changed', v: 1, supplier, lines: [{ sku: 'A', terms: { code: 'GD-1', caseMilli: 6000, costE4: 5000 }, replaces: [] }, { sku: 'B', terms: { caseMilli: 1000 }, replaces: [] }] }], stored);
		floor.meet();
		till1.does([writes({ name: { value: 'Greener Dairy', replaces: [made.hash] } })], stored);
		till2.does([writes({ name: { value: 'Green Dairies', replaces: [made.hash] }, email: { value: 'orders@green.example', replaces: [] } })], stored);
		till1.does([{ type: 'levels.set', v: 1, lines: [{ sku: 'A', levels: { minimumMilli: 5000, targetMilli: 20_000 } }, { sku: 'B', levels: null }] }]);
		floor.meet();
		till1.does([{ type: 'order.placed', v: 1, order: 'order-000001', supplier, lines: [line('A', 12, 5000), line('B', 3, 9000)], note: 'Back door' }]);
		till1.does([{ type: 'order.placed', v: 1, order: 'order-000002', supplier, lines: [line('B', 6, 9000)] }]);
		till1.does([{ type: 'order.placed', v: 1, order: 'order-000003', supplier, lines: [line('A', 6, 5500)] }]);
		floor.meet();
		till2.does([{ type: 'order.changed', v: 1, order: 'order-000001', lines: [line('A', 18, 5000)] }]);
		floor.meet();
		till1.does([came('order-000001', { ...line('A', 10, 5200), expectedMilli: 18_000 })]);
		floor.meet();
		till2.does([came('order-000001', { ...line('A', 8, 5000), expectedMilli: 8000 }, line('B', 1)), { type: 'order.closed', v: 1, order: 'order-000001' }]);
		till1.does([came('order-000002', line('B', 6, 9000))]);
		till2.does([came('order-000002', line('B', 5, 9000))]);
		floor.meet();
		answer(floor.ledger(), hub, floor.ledger().conflicts().find(({ kind }) => kind === 'order-received-twice'), 'take-back');
		till1.does([came('order-000003', line('A', 2, 5500)), { type: 'order.closed', v: 1, order: 'order-000003', reason: 'the rest will not come' }]);
		floor.sell(till2, 'A', 3);
		floor.meet();
		return shop;
	},

	/** A scale's codes are agreed on, and a till asks for an age: settings and sales of version 3 beside older ones. */
	'scales-and-ages': () => {
		const floor = openFloor({ GIN: 6, HAM: 1, B: 20 }, { seed: 'golden 6', signed: true });
		const { hub, till1, till2, shop } = floor;
		const scheme = { prefix: '21', itemDigits: 5, verifier: false, holds: 'weight', decimals: 3 } as const;
		hub.does([{ ...changedSetting({ name: 'measuredCodes', value: [scheme] }), v: 3 }, { type: 'product.edited', v: 2, sku: 'GIN', fields: { ageLimit: { value: 18, replaces: [] } } }], { scope: 'store' });
		floor.meet();
		till1.does([{ ...sold([['GIN', 1, 100], ['B', 2, 200]], till1.receipt()), v: 3, ageChecked: { years: 18, bornBy: '2008-11-28' } }]);
		floor.sell(till2, 'B', 2);
		floor.meet();
		return shop;
	},

	/** Empties come back to two tills; a stock take of which nobody was told what to find, beside one of the first version. */
	'empties-and-blind-counts': () => {
		const floor = openFloor({ COLA: 6, BOTTLE: 10 }, { seed: 'golden 7', signed: true });
		const { hub, till1, till2, shop } = floor;
		const stored = { scope: 'store' } as const;
		hub.does([{ type: 'product.edited', v: 2, sku: 'COLA', fields: { deposit: { value: 'BOTTLE', replaces: [] } } }], stored);
		floor.meet();
		const empties = (till: TestDevice, minor: number) => {
			const { sale: _sale, ...back } = refunded('ab'.repeat(32) as EntryHash, [[0, 'BOTTLE', minor / 25, minor]], till.receipt());
			const lines = back.lines.map(({ saleLine: _line, ...line }) => line);
			return { ...back, v: 3, deposits: true, lines };
		};
		till1.does([empties(till1, 75)]);
		till2.does([empties(till2, 50)]);
		floor.meet();
		till1.does([{ type: 'count.opened', v: 2, count: 'count-blind-1', name: 'Crates', skus: ['BOTTLE'], blind: true }]);
		till2.does([{ type: 'count.opened', v: 1, count: 'count-open-1', name: 'Drinks', skus: ['COLA'] }]);
		floor.meet();
		till2.does([{ type: 'stock.counted', v: 2, count: 'count-blind-1', lines: [{ sku: 'BOTTLE', quantityMilli: 14_000, asOf: till2.asOf() }] }]);
		floor.sell(till1, 'COLA', 1);
		floor.meet();
		till1.does([{ type: 'count.closed', v: 1, count: 'count-blind-1' }]);
		floor.meet();
		return shop;
	},

	/** One branch asks its own price: set, set apart, planned, ended, and sold past by a till that had not heard; another branch's is nothing to it. */
	'branch-prices': () => {
		const floor = openFloor({ A: 60, B: 20, C: 5 }, { seed: 'golden 9', signed: true });
		const { hub, till1, till2, shop } = floor;
		const stored = { scope: 'store' } as const;
		const there = '0f'.repeat(16) as BranchId;
		const standing = floor.ledger().state.products.get('A' as Sku)?.price?.replaces ?? [];
		const sell = (till: TestDevice, price: EntryHash, minor: number) => {
			const sale = sold([['A', 2, 2 * minor]], till.receipt());
			till.does([{ ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, price })) }]);
		};
		const own = hub.does([ownPriced('A', shop.branch, 9_000), ownPriced('A', there, 12_000), ownPriced('B', there, 8_000)], stored);
		shop.nowMs += 600_000;
		sell(till1, standing[0] ?? own.hash, 100);
		floor.meet();
		const everywhere = till2.does([priced('A', 11_000, standing)], stored);
		sell(till2, own.hash, 90);
		till1.does([ownPriced('B', shop.branch, 7_000)], stored);
		till2.does([ownPriced('B', shop.branch, null)], stored);
		hub.does([{ ...ownPriced('C', shop.branch, 5_000), fromMs: shop.nowMs + 86_400_000 }], stored);
		floor.meet();
		const end = hub.does([ownPriced('A', shop.branch, null, [own.hash])], stored);
		shop.nowMs += 600_000;
		sell(till1, own.hash, 90);
		sell(hub, everywhere.hash, 110);
		floor.meet();
		till1.does([ownPriced('A', shop.branch, 9_500, [end.hash])], stored);
		return shop;
	},

	/** A price that somebody typed says why, in a sale and in an exchange, which was asked for an age, too; plain ones beside them. */
	'typed-prices-and-exchanges': () => {
		const floor = openFloor({ GIN: 6, A: 20, B: 20 }, { seed: 'golden 10', signed: true });
		const { till1, till2, shop } = floor;
		const sale = sold([['A', 3, 300], ['B', 1, 100]], till1.receipt());
		const first = till1.does([{ ...sale, v: 4, lines: sale.lines.map((line, place) => (place === 0 ? { ...line, priceReason: 'damaged' } : line)) }]);
		floor.meet();
		const exchanged = (till: TestDevice, minor: number, more: object, line: object = {}) => {
			const { lines, sale: of } = refunded(first.hash, [[0, 'A', 1, 100]], till.receipt());
			const out = sold([['GIN', 1, minor]], till.receipt());
			return {
				...{ type: 'exchange.completed', v: 1, receipt: out.receipt, currency: out.currency, sale: of, returned: lines },
				...{ lines: out.lines.map((one) => ({ ...one, ...line })), roundingMinor: 0, totalMinor: minor - 100 },
				...{ tenders: [{ type: 'card', amountMinor: minor - 100 }], ...more },
			};
		};
		till1.does([exchanged(till1, 250, {})]);
		till2.does([exchanged(till2, 180, { v: 2, ageChecked: { years: 18, bornBy: '2008-11-28' } }, { priceReason: 'the label was wrong' })]);
		floor.meet();
		floor.sell(till2, 'GIN', 1);
		floor.meet();
		return shop;
	},

	/** A relay goes on under a new key and under one after that, which another was given for, too; what only a thief signed is no renewal; another relay is lost. */
	'a-relay-renewed': () => {
		const floor = openFloor({ A: 5 }, { seed: 'golden 11', signed: true });
		const { hub, till1, shop } = floor;
		const stored = { scope: 'store' } as const;
		const [first, second, third, copied, lost] = ['a1', 'a2', 'a3', 'a4', 'b1'].map((byte) => privateKeyOf(byte.repeat(32))) as [KeyObject, KeyObject, KeyObject, KeyObject, KeyObject];
		const relay = publicKeyOf(first);
		const renewed = (generation: number, before: KeyObject, next: KeyObject, signers = [before, next] as const) => {
			const fields = { v: 1, relay, generation, before: publicKeyOf(before), key: publicKeyOf(next), atMs: shop.nowMs };
			const body = encodeSuccessionBody(fields as unknown as Succession);
			const [byKeyBefore, byNewKey] = signers.map((key) => new Uint8Array(sign(null, body, key))) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
			return { type: 'relay.renewed', v: 1, relay, succession: encodeSuccession({ body, byKeyBefore, byNewKey }) };
		};
		for (const one of [relay, publicKeyOf(lost)])
			hub.does([{ type: 'relay.joined', v: 1, relay: one, url: `wss://${one.slice(0, 4)}.example`, name: 'Cloud' }], stored);
		hub.does([renewed(1, first, copied, [copied, copied])], stored);
		hub.does([renewed(1, first, second)], stored);
		floor.sell(till1, 'A');
		hub.does([renewed(2, second, third)], stored);
		floor.meet();
		hub.does([renewed(2, second, copied)], stored);
		hub.does([{ type: 'relay.left', v: 1, relay: publicKeyOf(lost) }], stored);
		floor.meet();
		return shop;
	},
};

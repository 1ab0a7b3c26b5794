/** Shops that do what is done less often: people with roles, orders, stock takes, transfers, suppliers, merged products, relays, renewed keys; heard late, copied, taken back. */
import { createLedger, type Ledger, type LedgerDeps } from '#core/ledger/ledger.ts';
import type { SignedRenewal } from '#core/entry/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { BranchId, EntryHash, Gtin } from '#schemas/ids.ts';
import { hexOf } from '#schemas/cbor.ts';
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { Mark } from '#schemas/mark.ts';
import fc from 'fast-check';
import { changedSetting, corrected, counted, created, edited, priced, received, refunded, retired, sold } from '../../support/facts.ts';
import { createTestShop, type TestDevice, type TestShop } from '../../support/ledger-builder.ts';

export type HouseStep = readonly [what: number, who: number, a: number, b: number];
export const houseSteps = fc.array(fc.tuple(fc.nat(99), fc.nat(3), fc.nat(60), fc.nat(60)), { minLength: 8, maxLength: 60 });

const SKUS = ['A', 'B'];
const PEOPLE = ['ada', 'bob', 'cy'];
const ROLES = ['cashier', 'supervisor', 'manager', 'owner'];
const ELSEWHERE = 'e1'.repeat(16) as BranchId;

export interface House {
	readonly shop: TestShop;
	/** What proves the renewals that its entries show. */
	readonly deps: LedgerDeps;
}

export function playHouse(steps: readonly HouseStep[]): House {
	const shop = createTestShop();
	const hub = shop.device('hub', { role: 'hub', till: 9 });
	const tills = [1, 2, 3].map((till) => shop.device(`till ${till}`, { till }));
	const devices = [hub, ...tills];
	const told = new Map<TestDevice, number>(devices.map((device) => [device, 0]));
	const proven = new Map<string, readonly SignedRenewal[]>();
	const deps: LedgerDeps = { store: shop.store, branch: shop.branch, renewalsIn: (chain) => proven.get(chain) ?? [] };
	hub.does(
		[hub.enrolment(), ...tills.slice(0, 2).map((till) => till.enrolment()), changedSetting({ name: 'currency', value: { code: 'GBP', digits: 2 } })],
		{
			scope: 'store',
		},
	);
	hub.does([...SKUS.map((sku) => created(sku)), ...SKUS.map((sku) => priced(sku, 12_000))], { scope: 'store' });
	hub.does([
		...SKUS.map((sku) => received(sku, 3)),
		{ type: 'order.placed', v: 1, order: 'order-000000', supplier: 'supplier-1', lines: [{ sku: 'A', quantityMilli: 2000, costE4: 5_000 }] },
	]);
	for (const device of devices) hearAll(device);
	for (const [index, [what, who, a, b]] of steps.entries()) {
		const device = devices[who] ?? hub;
		const sku = SKUS[a % 2] ?? 'A';
		const other = SKUS[(a + 1) % 2] ?? 'B';
		const person = PEOPLE[a % 3] ?? 'ada';
		const by = b % 5 < 3 ? {} : { by: PEOPLE[b % 3] ?? 'bob' };
		const here = (...facts: readonly object[]): Entry => device.does(facts, by);
		const inStore = (...facts: readonly object[]): Entry => device.does(facts, { ...by, scope: 'store' });
		const order = `order-00000${a % 2}`;
		const transfer = `transfer-${b % 2}`;
		const count = `count-000${b % 2}`;
		const relay = `${b % 2}f`.repeat(32);
		const lines = [{ sku, quantityMilli: 1000 * (1 + (b % 3)), costE4: 5_000 }];
		if (what < 14) hearAll(device);
		else if (what < 22) inStore({ type: 'person.added', v: 1, person, name: person, role: ROLES[b % 4], pin: null });
		else if (what < 27)
			inStore(
				...[person, ...(a % 2 === 0 ? [PEOPLE[(a + 1) % 3]] : [])].map((one) => ({
					...{ type: 'person.changed', v: 1, person: one, name: `${one} ${b}`, role: ROLES[a % 4] },
					replaces: hashes(device, 'person.added', 'person.changed').slice(-1 - (b % 2)),
				})),
			);
		else if (what < 29) inStore({ type: 'person.disabled', v: 1, person, disabled: b % 3 !== 0 });
		else if (what < 31) inStore({ type: 'person.pinReset', v: 1, person, pin: `pin ${b}` });
		else if (what < 32) here({ type: 'pin.refused', v: 1, person, tries: 3 + b });
		else if (what < 36) inStore((tills[a % 3] ?? hub).enrolment());
		else if (what < 38) here({ type: 'order.placed', v: 1, order, supplier: 'supplier-1', lines });
		else if (what < 39) here({ type: 'order.changed', v: 1, order, lines: [{ sku: other, quantityMilli: 1000 }] });
		else if (what < 44) here({ ...received(sku, 1 + (b % 3)), v: 3, ...(b % 5 === 0 ? {} : { order }) });
		else if (what < 45) here({ type: 'order.closed', v: 1, order });
		else if (what < 47) here({ type: 'count.opened', v: 2, count, name: `take ${a}`, ...(a % 3 === 0 ? { blind: true } : {}) });
		else if (what < 51) here({ ...counted(sku, b % 4, device.asOf()), ...(a % 3 === 0 ? {} : { v: 2, count }) });
		else if (what < 52) here({ type: 'count.closed', v: 1, count });
		else if (what < 54)
			inStore({
				...{ type: 'transfer.sent', v: 1, transfer, from: a % 2 === 0 ? shop.branch : ELSEWHERE, to: a % 2 === 0 ? ELSEWHERE : shop.branch },
				lines: lines.map(({ sku: one, quantityMilli }) => ({ sku: one, quantityMilli })),
			});
		else if (what < 57)
			inStore({ type: 'transfer.received', v: 1, transfer, at: a % 2 === 0 ? ELSEWHERE : shop.branch, lines: [{ sku, quantityMilli: 1000 }] });
		else if (what < 59)
			inStore({
				...{ type: 'supplier.changed', v: 1, supplier: 'supplier-1' },
				fields: {
					name: { value: `S ${a}`, replaces: hashes(device, 'supplier.changed').slice(-1) },
					...(b % 2 === 0 ? { note: { value: `${b}`, replaces: [] } } : {}),
				},
			});
		else if (what < 60)
			inStore({
				type: 'supply.changed',
				v: 1,
				supplier: 'supplier-1',
				lines: [{ sku, terms: b % 3 === 0 ? null : { caseMilli: 1000 + b }, replaces: [] }],
			});
		else if (what < 61) here({ type: 'levels.set', v: 1, lines: [{ sku, levels: { minimumMilli: a, targetMilli: b } }] });
		else if (what < 63) inStore({ type: 'product.merged', v: 1, sku, into: other });
		else if (what < 64) inStore({ type: 'product.restored', v: 1, sku });
		else if (what < 65) inStore(retired(sku));
		else if (what < 67)
			inStore(
				edited(sku, {
					tracked: { value: b % 2 === 0, replaces: [] },
					gtins: { value: b % 3 === 0 ? [] : (['4000000000001'] as Gtin[]), replaces: [] },
				}),
			);
		else if (what < 69) inStore({ type: 'relay.joined', v: 1, relay, url: `wss://r${a}`, name: `r${a}` });
		else if (what < 70) inStore({ type: 'relay.left', v: 1, relay });
		else if (what < 73) renew(device, devices[a % 4] ?? hub, b, by);
		else if (what < 77)
			here(
				...(a % 4 === 0 ? [{ type: 'approval.given', v: 1, approvedBy: person, acts: ['price'] }] : []),
				atPrice({ ...sold([[sku, 1 + (b % 2), 99 + (a % 3)]], device.receipt()), ...(a % 3 === 0 ? { parked: `cart-${b % 2}` } : {}) }, device, b),
			);
		else if (what < 78) here(sold([[sku, 1, 77]], device.receipt()));
		else if (what < 80) {
			const sale = pick(device, 'sale.completed', a);
			if (sale !== undefined) here(refunded(sale, [[0, sku, 1, 99, b % 2 === 0]], device.receipt()));
		} else if (what < 83) {
			const targets = [a, b].flatMap(
				(place) => pick(device, ['sale.completed', 'stock.received', 'stock.counted', 'correction.made'][place % 4] ?? '', place) ?? [],
			);
			if (targets.length > 0) here(...[...new Set(targets)].map((hash) => corrected(hash)));
		} else if (what < 85) {
			const copy = device.copy();
			copy.does([received(sku, 1)], { ...by, key: `copied-key-${index}` });
		} else if (what < 87)
			inStore({ type: 'device.revoked', v: 1, device: (devices[a % 4] ?? hub).id, marks: marksOf(device, devices[a % 4] ?? hub), reason: 'gone' });
		else if (what < 89) {
			const of = devices[a % 4] ?? hub;
			const next = known(device).findLast(({ header }) => header.device === of.id && header.scope === 'branch');
			if (next !== undefined && next.header.seq > 1)
				here({
					...{
						type: 'entries.declaredLost',
						v: 1,
						device: of.id,
						chain: 'branch',
						fromSeq: Math.max(1, next.header.seq - 1 - (b % 3)),
						toSeq: next.header.seq - 1,
					},
					...(b % 4 === 0 ? {} : { next: { device: of.id, scope: 'branch', seq: next.header.seq, hash: next.hash } }),
				});
		} else answer(device, a, b, index, by);
	}
	return { shop, deps };

	function hearAll(device: TestDevice): void {
		device.hears(...shop.entries.slice(told.get(device) ?? 0));
		told.set(device, shop.entries.length);
	}

	function known(device: TestDevice): readonly Entry[] {
		return shop.entries.filter((entry, index) => index < (told.get(device) ?? 0) || entry.header.device === device.id);
	}

	function hashes(device: TestDevice, ...types: readonly string[]): EntryHash[] {
		return known(device)
			.filter(({ facts }) => facts.some((fact) => types.includes(fact.type)))
			.map(({ hash }) => hash);
	}

	function pick(device: TestDevice, type: string, number: number): EntryHash | undefined {
		const all = hashes(device, type);
		return all[number % Math.max(1, all.length)];
	}

	function marksOf(device: TestDevice, of: TestDevice): readonly Mark[] {
		return known(device)
			.filter(({ header }) => header.device === of.id && header.scope === 'branch')
			.slice(-1)
			.map(({ header, hash }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash }));
	}

	function atPrice(sale: ReturnType<typeof sold>, device: TestDevice, b: number): ReturnType<typeof sold> {
		const price = b % 3 === 0 ? undefined : pick(device, 'price.changed', b);
		return price === undefined ? sale : { ...sale, lines: sale.lines.map((line) => ({ ...line, price })) };
	}

	/** Shown by this device: of that one's line of keys the next, one of two. */
	function renew(device: TestDevice, of: TestDevice, b: number, by: object): void {
		const branch = marksOf(device, of)[0];
		const renewal = {
			...{ v: 1, store: shop.store, device: of.id, generation: 1, before: of.id, key: `${b % 2}e`.repeat(32), peer: 'peer' },
			ends: branch === undefined ? {} : { branch: { seq: branch.seq, hash: branch.hash } },
		};
		const signed = { renewal, countersigner: (b % 3 === 0 ? hub : device).id, atMs: 1000 + (b % 4) } as unknown as SignedRenewal;
		const chain = hexOf(new TextEncoder().encode(JSON.stringify(signed)));
		proven.set(chain, [signed]);
		device.does([{ type: 'device.renewed', v: 1, device: of.id, generation: 1, chain }], { ...by, scope: 'store' });
	}

	function answer(device: TestDevice, a: number, b: number, index: number, by: object): void {
		const ledger = createLedger(deps);
		ledger.add(known(device));
		const conflicts = ledger.conflicts();
		const conflict = conflicts[a % Math.max(1, conflicts.length)];
		const choice = conflict?.choices[b % conflict.choices.length];
		if (conflict === undefined || choice === undefined || conflict.members.length === 0) return;
		const value = choice.asks === undefined || choice.asks.type === 'entry' ? {} : { value: `${b}` };
		seal(device, ledger, { intent: 'resolve', conflict: conflict.id, choice: choice.id, ...value }, `answer-${index}`, by);
	}

	function seal(device: TestDevice, ledger: Ledger, intent: Intent, key: string, by: object): void {
		const decision = decide(ledger, intent, { device: device.id, nextReceipt: { till: device.till, number: 1 }, nowMs: shop.nowMs });
		if (isRefusal(decision)) return;
		const { branch, store }: { branch: readonly Fact[]; store: readonly Fact[] } = decision;
		if (branch.length > 0) device.does(branch, { ...by, key });
		if (store.length > 0) device.does(store, { ...by, scope: 'store', key });
	}
}

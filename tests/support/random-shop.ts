/**
 * Shops as they should not be: tills that hear each other late, refund twice, copy profiles, reuse keys, lose rights, set clocks, edit the same field, count while
 * others sell. A history is made from numbers, so that fast-check can shrink it.
 */
import { createLedger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchPriceChanged } from '#schemas/facts/branch-price-changed.ts';
import type { BranchId, EntryHash, Gtin } from '#schemas/ids.ts';
import fc from 'fast-check';
import {
	adjusted,
	changedSetting,
	claimed,
	corrected,
	counted,
	created,
	edited,
	exchanged,
	ownPriced,
	priced,
	received,
	refunded,
	renamed,
	resolved,
	retired,
	sold,
} from './facts.ts';
import { createTestShop, type TestDevice, type TestShop, type TestShopOptions } from './ledger-builder.ts';

/** What happens, who does it, and two numbers that it may need. */
export type Step = readonly [what: number, who: number, a: number, b: number];

export const steps = fc.array(fc.tuple(fc.nat(99), fc.nat(3), fc.nat(1000), fc.nat(1000)), { minLength: 5, maxLength: 45 });

const SKUS = ['A', 'B', 'C'];
const ELSEWHERE = 'e1'.repeat(16) as BranchId;

export interface PlayOptions extends TestShopOptions {
	/** So many steps of a shop at peace come first: everybody hears everything, and nothing is done that the law forbids. */
	readonly peace?: number;
}

export function playSteps(
	list: readonly Step[],
	{ peace = 0, ...options }: PlayOptions = {},
): { readonly shop: TestShop; readonly entries: readonly Entry[] } {
	const shop = createTestShop(options);
	const hub = shop.device('hub', { role: 'hub', till: 9 });
	const tills: TestDevice[] = [1, 2, 3].map((till) => shop.device(`till ${till}`, { till }));
	const devices = [hub, ...tills];
	const told = new Map<TestDevice, number>(devices.map((device) => [device, 0]));
	hub.does([hub.enrolment(), ...tills.map((till) => till.enrolment())], { scope: 'store' });
	hub.does(
		SKUS.flatMap((sku) => [created(sku), priced(sku, 12_000)]),
		{ scope: 'store' },
	);
	hub.does(SKUS.map((sku) => received(sku, peace > 0 ? 1000 : 2)));
	for (const [index, [what, who, a, b]] of list.entries()) {
		const device = devices[who] ?? hub;
		if (index < peace) {
			hearAll(device);
			if (what < 63 || (what >= 81 && what < 83)) doStep(device, what, a, b);
			continue;
		}
		if (index === peace) for (const one of devices) hearAll(one);
		if (device === hub && what < 60) hearAll(device);
		doStep(device, what, a, b);
	}
	return { shop, entries: shop.entries };

	function hearAll(device: TestDevice): void {
		const known = shop.entries.slice(told.get(device) ?? 0);
		device.hears(...known);
		told.set(device, shop.entries.length);
	}

	function knownTo(device: TestDevice): readonly Entry[] {
		return shop.entries.filter((entry, index) => index < (told.get(device) ?? 0) || entry.header.device === device.id);
	}

	function pick<Item>(items: readonly Item[], number: number): Item | undefined {
		return items.length === 0 ? undefined : items[number % items.length];
	}

	function doStep(device: TestDevice, what: number, a: number, b: number): void {
		const sku = pick(SKUS, a) ?? 'A';
		const units = 1 + (b % 2);
		const known = knownTo(device);
		const ofType = (type: string): readonly Entry[] => known.filter(({ facts }) => facts.some((fact) => 'type' in fact && fact.type === type));
		if (what < 3) shop.nowMs += (a % 3) * 240_000;
		const lying = pick(ofType('refund.completed'), a);
		if (what < 22 && b % 7 === 5 && lying !== undefined) {
			const sale = sold([[sku, 1, 50]], device.receipt());
			device.does([{ ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, resaleOf: { refund: lying.hash, line: 0 } })) }]);
		} else if (what < 22)
			device.does(
				[
					atPrice(
						sold(
							[
								[sku, units, units * 120],
								[pick(SKUS, b) ?? 'B', 1, 99],
							],
							device.receipt(),
						),
						b % 3 === 1 ? pick([...ofType('price.changed'), ...ofType('branchPrice.changed')], a)?.hash : undefined,
					),
				],
				b % 9 === 0 ? { atMs: shop.nowMs - 400_000 } : {},
			);
		else if (what < 34) hearAll(device);
		else if (what < 40) {
			const sale = pick([...ofType('sale.completed'), ...ofType('exchange.completed')], a);
			const back = (hash: EntryHash) => refunded(hash, [[0, sku, 1, 120, b % 3 !== 0]], device.receipt());
			if (b % 11 === 0) device.does([back(`${a % 2}`.repeat(64) as EntryHash)]);
			else if (sale === undefined) return;
			else if (b % 5 === 1) device.does([exchanged(back(sale.hash), sold([[pick(SKUS, b) ?? 'B', 1, 99]], device.receipt()))]);
			else if (b % 5 === 2) device.does([claimed(sale, shop.branch, [0, 1, 60])], { scope: 'store' });
			else device.does([back(sale.hash)]);
		} else if (what < 45) device.does([received(sku, units)]);
		else if (what < 49) device.does([adjusted(sku, -units)]);
		else if (what < 56) {
			const asOf = device.asOf();
			if (b % 2 === 0) device.does([sold([[sku, 1, 120]], device.receipt())]);
			if (b % 5 === 0) hearAll(device);
			device.does([counted(sku, b % 4, asOf)]);
		} else if (what < 61) {
			const replaces = ofType('product.created')
				.concat(ofType('product.edited'))
				.slice(-1 - (b % 2))
				.map(({ hash }) => hash);
			device.does(
				[
					b % 7 === 4
						? edited(sku, { gtins: { value: [`400000000000${a % 2}` as Gtin], replaces: [...replaces] } })
						: b % 5 < 2
							? ownPrice(sku, ofType('branchPrice.changed'), a, b)
							: b % 3 === 0
								? priced(
										sku,
										10_000 + a,
										ofType('price.changed')
											.slice(-1)
											.map(({ hash }) => hash),
									)
								: renamed(sku, `name ${b % 3}`, replaces),
				],
				{ scope: 'store' },
			);
		} else if (what < 63) device.does([b % 2 === 0 ? retired(sku) : created(sku, { name: `again ${a}` })], { scope: 'store' });
		else if (what < 68) {
			const target = pick(
				known.filter(({ header }) => header.scope === 'branch'),
				a,
			);
			if (target !== undefined) device.does([corrected(target.hash)]);
		} else if (what < 72) device.does([sold([[sku, 1, 120]], device.receipt())], { key: `reused-key-${b % 2}` });
		else if (what < 75) device.does([{ ...sold([[sku, 1, 120]], device.receipt()), totalMinor: 1 }]);
		else if (what < 77) device.does([{ raw: { type: 'thing.unheard', v: 1, x: a }, unknown: true, type: 'thing.unheard', v: 1 }]);
		else if (what < 79) device.does([sold([[sku, 1, 120]], device.receipt())], { hlc: [shop.nowMs - 60_000, 0] });
		else if (what < 81) {
			const copy = device.copy();
			copy.does([sold([[sku, 1, 120]], copy.receipt())], { key: `copy-key-${shop.entries.length}` });
			if (b % 2 === 0) copy.does([received(sku, 1)]);
		} else if (what < 83) device.does([changedSetting({ name: 'storeName', value: `Shop ${a}` })], { scope: 'store' });
		else if (what < 86 && b % 4 === 0) {
			const other = pick(devices, a) ?? hub;
			device.does([other.enrolment(b % 8 === 0 ? ['sell', 'resolve'] : undefined)], { scope: 'store' });
		} else if (what < 86) {
			const other =
				pick(
					devices.filter((one) => one !== device),
					a,
				) ?? hub;
			const marks = knownTo(device)
				.filter(({ header }) => header.device === other.id && header.scope === 'branch')
				.slice(-1);
			device.does(
				[
					{
						type: 'device.revoked',
						v: 1,
						device: other.id,
						marks: marks.map(({ header, hash }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash })),
						reason: 'lost',
					},
				],
				{ scope: 'store' },
			);
		} else if (what < 88) {
			const other = pick(devices, a) ?? hub;
			device.does([{ type: 'entries.declaredLost', v: 1, device: other.id, chain: 'branch', fromSeq: 1 + (b % 5), toSeq: 1 + (b % 5) + (a % 3) }]);
		} else answer(device, a, b);
	}

	/** Of this branch or another, or its end; some from a moment on. */
	function ownPrice(sku: string, known: readonly Entry[], a: number, b: number): BranchPriceChanged {
		const replaces = known.slice(-(a % 3)).map(({ hash }) => hash);
		const fact = ownPriced(sku, b % 2 === 0 ? shop.branch : ELSEWHERE, a % 4 === 0 ? null : 11_000 + a, replaces);
		return a % 7 === 1 ? { ...fact, fromMs: shop.nowMs + (b % 3) * 200_000 } : fact;
	}

	function atPrice(sale: ReturnType<typeof sold>, price: EntryHash | undefined): ReturnType<typeof sold> {
		if (price === undefined) return sale;
		return { ...sale, lines: sale.lines.map((line) => ({ ...line, price })) };
	}

	/** Resolves a conflict as this device sees it, with a compensation. */
	function answer(device: TestDevice, a: number, b: number): void {
		const ledger = createLedger({ store: shop.store, branch: shop.branch });
		ledger.add(knownTo(device));
		const conflict = pick(
			ledger.conflicts().filter(({ members }) => members.length > 0),
			a,
		);
		if (conflict === undefined) return;
		const choice = pick(conflict.choices, b)?.id ?? 'found-more';
		const isOfStore = conflict.id.branch === undefined;
		const members: readonly EntryHash[] = b % 4 === 0 ? conflict.unsettled.slice(0, 1) : conflict.unsettled;
		device.does([resolved(conflict.id, members, choice), ...(isOfStore ? [] : [adjusted('A', 1, 'found')])], {
			scope: isOfStore ? 'store' : 'branch',
		});
	}
}

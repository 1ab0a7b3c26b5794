/**
 * A shelf that everybody can look at, and tills that hear of each other late and whose clocks are wrong: what is counted is what is there, what is answered is
 * what happened. Then the ledger ends with what is on the shelf, in any order of arrival and from any checkpoint.
 */
import type { Conflict } from '#core/conflict/conflict.ts';
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corrected, counted, received, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder } from '../../support/till-day.ts';
import { comparable } from '../ledger/comparable.ts';

const SKUS = ['A', 'B'] as const;
type Shelf = Record<(typeof SKUS)[number], number>;

const days = fc.record({
	steps: fc.array(fc.tuple(fc.nat(99), fc.nat(2), fc.nat(1), fc.nat(4)), { minLength: 4, maxLength: 40 }),
	/** Seconds against the shop's clock. */
	skews: fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 })),
	cutAt: fc.nat(100),
});

interface Played {
	readonly floor: Floor;
	readonly shelf: Shelf;
	/** When goods really moved and shelves were really looked at. */
	readonly happened: ReadonlyMap<EntryHash, number>;
	/** Each with how many entries there were when it was made. */
	readonly checkpoints: readonly { readonly checkpoint: ReturnType<typeof checkpointOf>; readonly entries: number }[];
}

const seen = { overlaps: 0, mixed: 0, adjusted: 0, disagreeing: 0, cuts: 0, histories: 0 };

function play({ steps, skews, cutAt }: typeof days extends fc.Arbitrary<infer Day> ? Day : never): Played {
	const floor = openFloor({ A: 500, B: 500 });
	const { shop, hub, till1, till2 } = floor;
	const devices = [hub, till1, till2];
	const shelf: Shelf = { A: 500, B: 500 };
	const happened = new Map<EntryHash, number>();
	const told = new Map(devices.map((device) => [device, shop.entries.length]));
	const checkpoints: Played['checkpoints'][number][] = [];
	let moment = 0;
	const does = (device: TestDevice, facts: readonly object[], at = (moment += 1)): Entry => {
		const entry = device.does(facts, { atMs: shop.nowMs + 1000 * (1 + (skews[devices.indexOf(device)] ?? 0)) });
		happened.set(entry.hash, at);
		return entry;
	};
	const hears = (device: TestDevice): void => {
		device.hears(...shop.entries.slice(told.get(device) ?? 0));
		told.set(device, shop.entries.length);
	};
	const asOfBy = (device: TestDevice): ReturnType<TestDevice['asOf']> => {
		const { hlc, marks } = device.asOf();
		const own = shop.nowMs + 1000 * (skews[devices.indexOf(device)] ?? 0);
		return { hlc: own > hlc[0] ? [own, 0] : hlc, marks };
	};
	for (const [index, [what, who, which, units]] of steps.entries()) {
		const device = devices[who] ?? hub;
		const sku = SKUS[which] ?? 'A';
		if (what < 45) {
			does(device, [sold([[sku, units + 1, 100]], device.receipt())]);
			shelf[sku] -= units + 1;
		} else if (what < 52) {
			does(device, [received(sku, units + 1)]);
			shelf[sku] += units + 1;
		} else if (what < 74) {
			const asOf = asOfBy(device);
			const figure = shelf[sku];
			const at = (moment += 1);
			if (units === 0) {
				does(device, [sold([[sku, 1, 100]], device.receipt())]);
				shelf[sku] -= 1;
			}
			does(device, [counted(sku, figure, asOf)], at);
		} else if (what < 78) {
			const own = shop.entries.findLast(
				({ header, facts }) => header.device === device.id && facts.some((fact) => 'type' in fact && fact.type === 'stock.counted'),
			);
			if (own !== undefined) does(device, [corrected(own.hash)]);
		} else if (what < 94) hears(device);
		else for (const one of devices) hears(one);
		if (Math.floor((steps.length * cutAt) / 100) === index) {
			for (const one of devices) hears(one);
			checkpoints.push({
				checkpoint: checkpointOf(floor.ledger(), { store: shop.store, branch: shop.branch }, Infinity),
				entries: shop.entries.length,
			});
		}
	}
	return { floor, shelf, happened, checkpoints };
}

/** By somebody who has heard everything and knows what happened; where no one answer is true of all, the shelf is counted. */
function settleAll({ floor, shelf, happened }: Played): Ledger {
	const { hub, shop } = floor;
	for (let rounds = 0; rounds < 40; rounds += 1) {
		floor.meet();
		const ledger = floor.ledger();
		const [conflict] = ledger.conflicts();
		if (conflict === undefined) return ledger;
		const count = (skus: readonly string[]): void => {
			for (const sku of SKUS) if (skus.includes(sku)) happenedNow(hub.does([counted(sku, shelf[sku], hub.asOf())]));
		};
		if (conflict.detail.kind === 'count-overlap') {
			const truths = new Set(conflict.detail.overlaps.map(({ entry, count: by }) => (momentOf(entry) < momentOf(by) ? 'before' : 'after')));
			const [only] = truths;
			seen.overlaps += 1;
			if (truths.size === 1 && only !== undefined) {
				const made = answer(ledger, hub, conflict, only);
				if (made.some(({ facts }) => facts.length > 1)) seen.adjusted += 1;
			} else {
				seen.mixed += 1;
				count(conflict.detail.overlaps.map(({ sku }) => sku));
			}
		} else if (conflict.detail.kind === 'counts-disagree') {
			seen.disagreeing += 1;
			count([conflict.detail.sku]);
		} else throw new Error(`nobody expected ${conflict.kind} ${JSON.stringify(conflict.detail)}`);
	}
	throw new Error(
		`never over: ${JSON.stringify(
			floor
				.ledger()
				.conflicts()
				.map(({ id }) => id),
		)} ${shop.entries.length}`,
	);

	function happenedNow(entry: Entry): void {
		(happened as Map<EntryHash, number>).set(entry.hash, Infinity);
	}

	function momentOf(hash: EntryHash): number {
		return happened.get(hash) ?? Infinity;
	}
}

function identities(conflicts: readonly Conflict[]): readonly unknown[] {
	return conflicts.map(({ key, unsettled, detail, stake, choices }) => ({ key, unsettled, detail, stake, choices }));
}

test('what is answered truly ends in what is on the shelf, whoever counted and sold apart, and whatever the clocks said', () => {
	fc.assert(
		fc.property(days, (day) => {
			const played = play(day);
			const { floor, shelf, checkpoints } = played;
			conflictsInAnyOrder(floor.shop);
			const ledger = settleAll(played);
			expect(SKUS.map((sku) => floor.onHand(ledger, sku))).toEqual(SKUS.map((sku) => shelf[sku]));
			expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
			for (const { checkpoint, entries } of checkpoints) {
				if (checkpoint === undefined) continue;
				const ends = new Map(checkpoint.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
				const after = floor.shop.entries.filter(({ header }) => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0));
				const from = createLedger({ store: floor.shop.store, branch: floor.shop.branch, checkpoint });
				const zero = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
				zero.add(floor.shop.entries.filter((entry) => !after.includes(entry)));
				const atOnce = after.filter((entry) => floor.shop.entries.indexOf(entry) < entries);
				for (const next of [atOnce, ...after.slice(atOnce.length).map((entry) => [entry])]) {
					from.add(next);
					from.recall(floor.shop.entries.filter(({ hash }) => from.missing().includes(hash)));
					zero.add(next);
					if (from.needsHistory()) break;
					expect(identities(from.conflicts())).toEqual(identities(zero.conflicts()));
				}
				if (from.needsHistory()) {
					seen.histories += 1;
					continue;
				}
				expect(comparable(from, checkpoint)).toEqual(comparable(zero, checkpoint));
				seen.cuts += 1;
			}
		}),
		{ numRuns: 80 },
	);
	// Nothing is proven where nothing happens.
	expect(
		Object.values(seen).every((times) => times > 0),
		JSON.stringify(seen),
	).toBe(true);
});

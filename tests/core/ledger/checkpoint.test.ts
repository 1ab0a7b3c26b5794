/** Invariants of `core/ledger/checkpoint.ts`, over shops that go wrong in every way we know. */
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { corrected, counted, received, refunded, resolved, sold } from '../../support/facts.ts';
import type { TestShop } from '../../support/ledger-builder.ts';
import { playSteps, steps } from '../../support/random-shop.ts';
import { openFloor } from '../../support/shop-floor.ts';
import { comparable } from './comparable.ts';

const deps = (shop: TestShop): { store: TestShop['store']; branch: TestShop['branch'] } => ({ store: shop.store, branch: shop.branch });

function folded(shop: TestShop, entries: readonly Entry[]): Ledger {
	const ledger = createLedger(deps(shop));
	ledger.add(entries);
	return ledger;
}

const seen = { cuts: 0, histories: 0, without: 0 };

test('1, 3: from any checkpoint and what comes after it, one by one in any order, is from zero; or it says that it needs history', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), fc.nat(100), (list, seed, percent) => {
			const peace = Math.floor((list.length * percent) / 100);
			const before = playSteps(list.slice(0, peace), { peace }).entries.length;
			const { shop, entries } = playSteps(list, { peace });
			const early = folded(shop, entries.slice(0, before));
			const checkpoint = checkpointOf(early, deps(shop), (entries[before - 1]?.header.hlc[0] ?? 0) + 1 - (seed % 5) * 1000);
			if (checkpoint === undefined) {
				seen.without += 1;
				return;
			}
			const ends = new Map(checkpoint.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
			const isPast = ({ header }: Entry): boolean => header.seq <= (ends.get(`${header.device}:${header.scope}`) ?? 0);
			const pastHashes = new Set(
				early
					.entries()
					.filter(isPast)
					.map(({ hash }) => hash),
			);
			const rest = entries.filter(({ hash }) => !pastHashes.has(hash));
			const ledger = createLedger({ ...deps(shop), checkpoint });
			for (const [index, entry] of rest.entries()) {
				// Anywhere in what is left, but the same for one seed.
				const other = rest[(index * 7 + seed) % rest.length] ?? entry;
				ledger.add([other]);
				ledger.add([entry]);
				if (seed % 3 === 0) ledger.conflicts();
			}
			const missing = ledger.missing();
			ledger.recall(
				entries.filter(({ hash }) => missing.includes(hash)),
				missing,
			);
			if (ledger.needsHistory()) {
				seen.histories += 1;
				return;
			}
			seen.cuts += 1;
			expect(comparable(ledger, checkpoint)).toEqual(comparable(folded(shop, entries), checkpoint));
		}),
		{ numRuns: 300 },
	);
});

afterAll(() => {
	// The property says nothing of runs without a cut: enough of them must have one.
	expect(seen.cuts, JSON.stringify(seen)).toBeGreaterThan(60);
});

/** Two tills that know all, a checkpoint of everything so far, and the ledger that begins from it. */
function quiet(stock: Readonly<Record<string, number>> = { A: 10, B: 5 }) {
	const floor = openFloor(stock);
	floor.sell(floor.till1, 'A');
	const old = floor.sell(floor.till2, 'A', 2);
	floor.meet();
	const checkpoint = checkpointOf(floor.ledger(), deps(floor.shop), Infinity);
	if (checkpoint === undefined) throw new Error('no checkpoint');
	return { floor, old, checkpoint, ledger: createLedger({ ...deps(floor.shop), checkpoint }) };
}

test('a ledger from a checkpoint has the stock, the marks and no sales of before', () => {
	const { floor, ledger } = quiet();
	const whole = floor.ledger();
	expect(floor.onHand(ledger, 'A')).toBe(7);
	expect([ledger.marks(), [...ledger.seen()], ledger.hlc()]).toEqual([whole.marks(), [...whole.seen()], whole.hlc()]);
	expect([ledger.state.sales.size, whole.state.sales.size]).toEqual([0, 2]);
	expect(ledger.conflicts()).toEqual([]);
});

test('the last one sold twice after the cut is the same conflict as from zero', () => {
	const { floor, ledger } = quiet({ A: 4 });
	const a = floor.sell(floor.till1, 'A');
	const b = floor.sell(floor.till2, 'A');
	ledger.add([b, a]);
	expect(ledger.needsHistory()).toBe(false);
	expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	expect(ledger.conflicts()).toHaveLength(1);
});

test('what comes first after the cut, and comes late, is a shortage as from zero: the opening is a balance like any other', () => {
	const floor = openFloor({ A: 1 });
	floor.meet();
	const checkpoint = checkpointOf(floor.ledger(), deps(floor.shop), Infinity);
	const ledger = createLedger({ ...deps(floor.shop), checkpoint });
	const short = floor.sell(floor.till1, 'A', 2);
	floor.till2.hears(short);
	const arrival = floor.till2.does([received('A', 5)]);
	ledger.add([arrival]);
	ledger.add([short]);
	expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	expect(ledger.conflicts()).toMatchObject([{ kind: 'sold-below-zero', unsettled: [short.hash] }]);
});

test('2: an open conflict is never below the cut', () => {
	const floor = openFloor({ A: 5 });
	const sale = floor.sell(floor.till1, 'A');
	floor.meet();
	for (const till of [floor.till1, floor.till2]) till.does([refunded(sale.hash, [[0, 'A', 1, 100, true]], till.receipt())]);
	floor.meet();
	floor.sell(floor.till1, 'B', 1);
	const whole = floor.ledger();
	expect(whole.conflicts().map(({ kind }) => kind)).toEqual(['refunded-twice']);
	const checkpoint = checkpointOf(whole, deps(floor.shop), Infinity);
	const ledger = createLedger({ ...deps(floor.shop), checkpoint });
	const ends = new Map(checkpoint?.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
	ledger.add(floor.shop.entries.filter(({ header }) => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0)));
	ledger.recall([sale]);
	expect(ledger.needsHistory()).toBe(false);
	expect(ledger.conflicts()).toEqual(whole.conflicts());
});

test('2: but for shortages, which nobody may answer for years: they are carried, can be answered, and go on', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A');
	const second = floor.sell(floor.till2, 'A');
	floor.meet();
	floor.sell(floor.till1, 'B', 1);
	floor.meet();
	const checkpoint = checkpointOf(floor.ledger(), deps(floor.shop), Infinity);
	if (checkpoint === undefined) throw new Error('no checkpoint');
	expect(checkpoint.chains.find(({ hash }) => hash === second.hash)).toBeDefined();
	const ledger = createLedger({ ...deps(floor.shop), checkpoint });
	const add = (...entries: readonly Entry[]): void => {
		ledger.add(entries);
		expect(ledger.needsHistory()).toBe(false);
		expect(ledger.conflicts()).toEqual(floor.ledger().conflicts());
	};
	add();
	const [open] = ledger.conflicts();
	if (open === undefined) throw new Error('no conflict');
	add(floor.hub.does([resolved(open.id, open.unsettled, 'customer-waits')]));
	expect(ledger.conflicts()).toEqual([]);
	const third = floor.sell(floor.till1, 'A');
	add(third);
	// The absence goes on: what was answered is shown with it, and only the new one is left to answer.
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [third.hash] }]);
	const again = checkpointOf(ledger, { ...deps(floor.shop), checkpoint }, Infinity);
	const later = createLedger({ ...deps(floor.shop), checkpoint: again });
	later.add(floor.shop.entries.filter(({ hash }) => later.entry(hash) === undefined && hash === third.hash && again?.last.hash !== third.hash));
	expect(later.conflicts()).toEqual(floor.ledger().conflicts());
});

test('3: a till that was alone since before the cut needs history, and nothing of it is folded wrong', () => {
	const floor = openFloor({ A: 10 });
	const alone = floor.sell(floor.till2, 'A');
	floor.hub.hears(...floor.shop.entries.filter((entry) => entry !== alone));
	floor.till1.hears(...floor.shop.entries.filter((entry) => entry !== alone));
	floor.sell(floor.till1, 'A');
	const checkpoint = checkpointOf(floor.ledger(alone), deps(floor.shop), Infinity);
	const ledger = createLedger({ ...deps(floor.shop), checkpoint });
	ledger.add([alone]);
	expect(ledger.needsHistory()).toBe(true);
	expect(floor.onHand(ledger, 'A')).toBe(9);
});

test('3: a fork below the cut, a key used again and a correction of something old need history', () => {
	const { floor, old, ledger, checkpoint } = quiet();
	const copy = floor.till1.copy();
	ledger.add([floor.till1.does([corrected(old.hash)])]);
	ledger.recall([old]);
	expect(ledger.needsHistory()).toBe(true);

	const second = createLedger({ ...deps(floor.shop), checkpoint });
	second.add([floor.till2.does([sold([['A', 1, 100]], floor.till2.receipt())], { key: old.header.key })]);
	expect(second.needsHistory()).toBe(true);

	const third = createLedger({ ...deps(floor.shop), checkpoint });
	const [mine, other] = [floor.till1, copy].map((till) => till.does([sold([['B', 1, 100]], till.receipt())]));
	if (mine === undefined || other === undefined) throw new Error('no sale');
	third.add([other]);
	third.add([mine]);
	expect(third.needsHistory()).toBe(true);
});

test('3: what was counted before the cut and sealed after it needs history', () => {
	const floor = openFloor({ A: 10 });
	const asOf = floor.till1.asOf();
	floor.sell(floor.till2, 'A');
	floor.meet();
	const checkpoint = checkpointOf(floor.ledger(), deps(floor.shop), Infinity);
	const ledger = createLedger({ ...deps(floor.shop), checkpoint });
	ledger.add([floor.till1.does([counted('A', 10, asOf)])]);
	expect(ledger.needsHistory()).toBe(true);
});

test('a refund of a sale below the cut names it as missing, and once recalled it is refunded as from zero, without a movement twice', () => {
	const { floor, old, ledger } = quiet();
	const refund = floor.till1.does([refunded(old.hash, [[0, 'A', 1, 100]], floor.till1.receipt())]);
	ledger.add([refund]);
	expect(ledger.missing()).toEqual([old.hash]);
	ledger.recall([old]);
	expect(ledger.needsHistory()).toBe(false);
	expect(ledger.missing()).toEqual([]);
	expect(floor.onHand(ledger, 'A')).toBe(8);
	expect(ledger.state.sales.get(old.hash)).toEqual(floor.ledger().state.sales.get(old.hash));
});

test('a checkpoint from a checkpoint is the checkpoint from zero', () => {
	const { floor, ledger, checkpoint } = quiet();
	floor.till1.does([refunded(floor.sell(floor.till1, 'B').hash, [[0, 'B', 1, 100]], floor.till1.receipt())]);
	floor.meet();
	ledger.add(floor.shop.entries.filter((entry) => !floor.ledger().isCovered(checkpoint.chains, entry.hash)));
	const next = checkpointOf(ledger, { ...deps(floor.shop), checkpoint }, Infinity);
	const whole = checkpointOf(floor.ledger(), deps(floor.shop), Infinity);
	const sorted = (one: typeof next): unknown => one && { ...one, stock: [...one.stock].sort((a, b) => (a.sku < b.sku ? -1 : 1)) };
	expect(sorted(next)).toEqual(sorted(whole));
});

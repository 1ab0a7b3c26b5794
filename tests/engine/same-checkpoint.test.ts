/** Two signers can be held against each other only where the same cut is the same bytes, whatever they began from and in whatever order entries came. */
import { checkpointOf } from '#core/ledger/checkpoint.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { encodeCheckpoint } from '#engine/checkpoints.ts';
import { decode } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { received } from '../support/facts.ts';
import { playSteps, steps } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';

const seen = { twice: 0, once: 0 };

test('a cut is the same bytes from zero and from an earlier cut, in any order of arrival', () => {
	fc.assert(
		fc.property(steps, fc.nat(1_000_000), fc.integer({ min: 50, max: 100 }), (list, seed, percent) => {
			const { shop, entries } = playSteps(list, { peace: Math.floor((list.length * percent) / 100) });
			const deps = { store: shop.store, branch: shop.branch };
			const whole = createLedger(deps);
			whole.add(entries);
			const at = (index: number): number => entries[index]?.header.hlc[0] ?? 0;
			const late = checkpointOf(whole, deps, at(entries.length - 1) + 1);
			if (late === undefined) return;
			const turned = createLedger(deps);
			for (const [index, entry] of entries.entries()) turned.add([entries[(index * 7 + seed) % entries.length] ?? entry, entry]);
			const again = checkpointOf(turned, deps, at(entries.length - 1) + 1);
			seen.once += 1;
			expect(bytes(again)).toEqual(bytes(late));

			const early = checkpointOf(whole, deps, at(seed % entries.length));
			if (early === undefined) return;
			const ends = new Map(early.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
			const isAbove = ({ header }: Entry): boolean => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0);
			const from = { ...deps, checkpoint: early };
			const ledger = createLedger(from);
			ledger.add(entries.filter(isAbove));
			const missing = ledger.missing();
			ledger.recall(
				entries.filter(({ hash }) => missing.includes(hash)),
				missing,
			);
			if (ledger.needsHistory()) return;
			const second = checkpointOf(ledger, from, at(entries.length - 1) + 1);
			seen.twice += 1;
			expect(bytes(second)).toEqual(bytes(late));
		}),
		{ numRuns: 200 },
	);
});

test('who took before a shortage is told in one order, whether or not they had taken of it before an earlier cut', () => {
	const { shop, hub, till1, till2, meet, sell, ledger } = openFloor({ A: 4 });
	const till3 = shop.device('Till 3', { till: 3 });
	till3.hears(hub.does([till3.enrolment()], { scope: 'store' }));
	sell(till2, 'A');
	meet();
	sell(till1, 'A');
	meet();
	const earlyMs = shop.nowMs;
	shop.nowMs += 1000;
	for (const till of [till1, till2, till3]) {
		till.hears(...shop.entries);
		till.does([received('B', 1)]);
	}
	meet();
	till3.hears(...shop.entries);
	for (const till of [till1, till2, till3]) sell(till, 'A');
	const lateMs = shop.nowMs;
	meet();
	till3.hears(...shop.entries);
	for (const till of [hub, till1, till2, till3]) till.does([received('B', 1)]);

	const deps = { store: shop.store, branch: shop.branch };
	const early = checkpointOf(ledger(), deps, earlyMs + 1);
	if (early === undefined) throw new Error('nothing to cut');
	const from = { ...deps, checkpoint: early };
	const above = createLedger(from);
	const ends = new Map(early.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
	above.add(shop.entries.filter(({ header }) => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0)));
	expect(above.needsHistory()).toBe(false);
	const late = checkpointOf(ledger(), deps, lateMs + 1);
	expect(late?.stock.find(({ sku }) => sku === 'A')?.shorts?.[0]?.rivals).toHaveLength(2);
	expect(bytes(checkpointOf(above, from, lateMs + 1))).toEqual(bytes(late));
});

/** Entries of this shop are not signed: their hash stands for them. */
function bytes(checkpoint: ReturnType<typeof checkpointOf>): unknown {
	if (checkpoint === undefined) return 'none';
	const kept = checkpoint.kept.map(({ entry, seen: vector }) => ({
		entry: { ...entry, sealed: new TextEncoder().encode(entry.hash) },
		seen: vector,
	}));
	return decode(encodeCheckpoint({ ...checkpoint, kept }));
}

afterAll(() => {
	expect(Math.min(seen.once, seen.twice), JSON.stringify(seen)).toBeGreaterThan(60);
});

/** What may leave a till, rule by rule; and that nothing leaves that a keeper does not hold, whatever the clocks and the keepers say. */
import { KEPT_MS, prunableEnds, type PlaceOfChain, type PruneFacts } from '#engine/prunable.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const device = (name: string): DeviceId => name.repeat(32) as DeviceId;
/** `side`: of a chain that went on elsewhere. */
const hashOf = ({ device: of, seq }: PlaceOfChain, side = '00'): EntryHash =>
	`${of.slice(0, 8)}${seq.toString(16).padStart(8, '0')}${side}`.padEnd(64, '0') as EntryHash;
const mark = (name: string, seq: number, side?: string): Mark => {
	const place = { device: device(name), scope: 'branch' as const, seq };
	return { ...place, hash: hashOf(place, side) };
};
type Keeper = Pick<Watermark, 'tier' | 'marks' | 'hlc'>;
const keeper = (tier: Watermark['tier'], marks: readonly Mark[], saidMs = NOW_MS): Keeper => ({ tier, marks: [...marks], hlc: [saidMs, 0] });

/** One sale a minute, the last one hundred days ago. */
const long = (seq: number): number => NOW_MS - 100 * DAY_MS - (100_000 - seq) * 60_000;

function ask(
	ends: readonly Mark[],
	keepers: readonly Keeper[],
	facts: Partial<PruneFacts> & { readonly atMs?: (seq: number) => number; readonly heldSeq?: number } = {},
) {
	const { atMs = long, heldSeq = 100_000, ...rest } = facts;
	return prunableEnds(ends, keepers, {
		...{ tier: 'host', nowMs: NOW_MS, stays: () => false, mostSeq: () => Infinity },
		entryAt: (place) => Promise.resolve(place.seq < 1 || place.seq > heldSeq ? undefined : { hash: hashOf(place), atMs: atMs(place.seq) }),
		...rest,
	}).then((found) => found.map((end) => `${end.device.slice(0, 2)} ${end.seq}`));
}

test('1, 4: whole segments of the branch, of no chain that stays', async () => {
	const ends = [mark('a1', 3_400), mark('b2', 5_000), { ...mark('b2', 9_000), scope: 'store' as const }, mark('c3', 2_000), mark('d4', 900)];
	expect(await ask(ends, [keeper('host', ends)])).toEqual(['a1 3000', 'b2 5000', 'c3 2000']);
	expect(await ask(ends, [keeper('host', ends)], { stays: (one) => one === device('c3') })).toEqual(['a1 3000', 'b2 5000']);
});

test('2: covered by the relay where there is one, by the newest that each keeper said, and by nobody who is long silent', async () => {
	const ends = [mark('a1', 3_400)];
	const hub = keeper('host', [mark('a1', 3_400)]);
	expect(await ask(ends, [hub, keeper('cloud', [mark('a1', 2_700)])], { tier: 'cloud' })).toEqual(['a1 2000']);
	expect(await ask(ends, [hub], { tier: 'cloud' })).toEqual([]);
	// Rolled back, it says less than it did.
	expect(await ask(ends, [keeper('host', [mark('a1', 999)])])).toEqual([]);
	expect(await ask(ends, [keeper('host', [mark('a1', 3_400)], NOW_MS - 2 * DAY_MS)])).toEqual([]);
});

test('2: a mark on another side of the chain, or beyond what is here, covers nothing', async () => {
	const ends = [mark('a1', 3_400)];
	expect(await ask(ends, [keeper('host', [mark('a1', 3_300, 'ff')])])).toEqual([]);
	expect(await ask(ends, [keeper('host', [mark('a1', 3_500)])], { heldSeq: 3_400 })).toEqual([]);
});

test('3: five weeks old, segment by segment', async () => {
	const ends = [mark('a1', 3_400)];
	const keepers = [keeper('host', ends)];
	const since = (seq: number) => (one: number) => (one < seq ? NOW_MS - KEPT_MS - DAY_MS : NOW_MS - KEPT_MS + DAY_MS);
	expect(await ask(ends, keepers, { atMs: since(3_000) })).toEqual(['a1 2000']);
	expect(await ask(ends, keepers, { atMs: since(3_001) })).toEqual(['a1 3000']);
	expect(await ask(ends, keepers, { atMs: since(1_000) })).toEqual([]);
});

test('3: a clock that is years ahead makes nothing old: the till’s, a keeper’s, or both of two that disagree', async () => {
	const ends = [mark('a1', 3_400)];
	const years = 3 * 365 * DAY_MS;
	const yesterday = { atMs: () => NOW_MS - DAY_MS };
	expect(await ask(ends, [keeper('host', ends)], { ...yesterday, nowMs: NOW_MS + years })).toEqual([]);
	expect(await ask(ends, [keeper('host', ends, NOW_MS + years)], yesterday)).toEqual([]);
	expect(await ask(ends, [keeper('host', ends, NOW_MS + years)])).toEqual([]);
});

test('5: the last entry of the own chain stays', async () => {
	const ends = [mark('a1', 3_000)];
	expect(await ask(ends, [keeper('host', ends)])).toEqual(['a1 3000']);
	expect(await ask(ends, [keeper('host', ends)], { mostSeq: () => 2_999 })).toEqual(['a1 2000']);
});

test('whatever the keepers say and the clocks show: what leaves is held by a keeper of the tier on this very chain, and is five weeks old by both clocks', async () => {
	const seqs = fc.integer({ min: 0, max: 6_000 });
	const hours = fc.integer({ min: -72, max: 72 });
	const said = fc.record({
		tier: fc.constantFrom<Watermark['tier']>('host', 'cloud'),
		seq: seqs,
		side: fc.constantFrom('00', 'ff'),
		aheadHours: hours,
	});
	await fc.assert(
		fc.asyncProperty(
			seqs,
			seqs,
			fc.array(said, { maxLength: 4 }),
			fc.integer({ min: 0, max: 6_000 }),
			hours,
			async (end, held, keepers, oldUpTo, ahead) => {
				const nowMs = NOW_MS + ahead * 60 * 60 * 1000;
				const atMs = (seq: number): number => NOW_MS - KEPT_MS + (seq <= oldUpTo ? -4 : 4) * DAY_MS;
				const found = await ask(
					[mark('a1', Math.min(end, held))],
					keepers.map(({ tier, seq, side, aheadHours }) => keeper(tier, [mark('a1', seq, side)], NOW_MS + aheadHours * 60 * 60 * 1000)),
					{ tier: 'cloud', nowMs, atMs, heldSeq: held, mostSeq: () => held - 1 },
				);
				for (const one of found) {
					const seq = Number(one.split(' ')[1]);
					expect(seq % 1_000).toBe(0);
					expect(seq).toBeLessThan(held);
					expect(seq).toBeLessThanOrEqual(oldUpTo);
					expect(keepers.some((by) => by.tier === 'cloud' && by.side === '00' && by.seq >= seq && by.seq <= held)).toBe(true);
				}
			},
		),
		{ numRuns: 300 },
	);
});

/** Clock, order and vectors: the numbered invariants of `hlc.ts`, `order.ts` and `seen.ts`. */
import { compareHlc, latestHlc, NO_HLC, tickHlc } from '#core/entry/hlc.ts';
import { compareEntries, type Ordered } from '#core/entry/order.ts';
import { applySeen, covers, seenDelta, seenKey, type SeenVector } from '#core/entry/seen.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const MAX_MS = 4_102_444_800_000;
const someHlc = fc.tuple(fc.oneof(fc.nat(5), fc.constant(MAX_MS - 1)), fc.oneof(fc.nat(3), fc.constant(0xffff_ffff))) as fc.Arbitrary<Hlc>;

test('the clock is after everything seen, whatever the wall says, and never past the year 2100', () => {
	fc.assert(
		fc.property(someHlc, fc.oneof(fc.double(), fc.integer({ min: 0, max: 2 * MAX_MS })), (last, wall) => {
			const next = tickHlc(last, Number.isNaN(wall) ? 0 : wall);
			expect(compareHlc(next, last)).toBeGreaterThan(0);
			expect(next[0]).toBeLessThanOrEqual(MAX_MS);
			expect(next.every(Number.isSafeInteger)).toBe(true);
		}),
	);
});

test('a right clock shows wall time, a slow one counts on', () => {
	expect(tickHlc([1000, 7], 2000)).toEqual([2000, 0]);
	expect(tickHlc([2000, 7], 1000)).toEqual([2000, 8]);
	expect(latestHlc(NO_HLC, [0, 1])).toEqual([0, 1]);
});

test('ledger order is one total order: by clock, device, seq, hash', () => {
	const entry = fc.record({
		hash: fc.constantFrom('a', 'b', 'c'),
		header: fc.record({ hlc: fc.tuple(fc.nat(1), fc.nat(1)), device: fc.constantFrom('x', 'y'), seq: fc.integer({ min: 1, max: 2 }) }),
	}) as unknown as fc.Arbitrary<Ordered>;
	fc.assert(
		fc.property(entry, entry, entry, (a, b, c) => {
			expect(Math.sign(compareEntries(a, b))).toBe(-Math.sign(compareEntries(b, a)) + 0);
			if (compareEntries(a, b) <= 0 && compareEntries(b, c) <= 0) expect(compareEntries(a, c)).toBeLessThanOrEqual(0);
			if (compareEntries(a, b) === 0) expect(a).toEqual(b);
		}),
	);
	const at = (hlc: Hlc, device: string, seq: number, hash: string): Ordered => ({
		hash: hash as EntryHash,
		header: { hlc, device: device as DeviceId, seq },
	});
	const ordered = [at([1, 9], 'z', 9, 'z'), at([2, 0], 'a', 9, 'z'), at([2, 0], 'b', 1, 'z'), at([2, 0], 'b', 2, 'a'), at([2, 0], 'b', 2, 'b')];
	expect([...ordered].reverse().sort(compareEntries)).toEqual(ordered);
});

const change = fc.tuple(
	fc.constantFrom('0'.repeat(16), '1'.repeat(16), '2'.repeat(16)),
	fc.constantFrom('b' as const, 's' as const),
	fc.integer({ min: 1, max: 9 }),
	fc.constantFrom('a'.repeat(16), 'b'.repeat(16)),
) as fc.Arbitrary<SeenChange>;
const vector = fc.array(change, { maxLength: 6 }).map((changes): SeenVector => new Map(changes.map((one) => [seenKey(one), one])));

test('what is written of a vector brings the next one back, and has one encoding', () => {
	fc.assert(
		fc.property(vector, vector, (before, grown) => {
			const now = new Map([...before, ...grown]);
			const delta = seenDelta(before, now);
			expect(new Map([...applySeen(before, delta)].sort())).toEqual(new Map([...now].sort()));
			expect(seenDelta(before, new Map([...now].reverse()))).toEqual(delta);
			expect(seenDelta(now, now)).toEqual([]);
		}),
	);
});

test('a vector covers what lies below its mark, and at the mark only that very entry', () => {
	const device = '0'.repeat(64) as DeviceId;
	const marked: SeenVector = applySeen(new Map(), [['0'.repeat(16), 'b', 5, 'a'.repeat(16)]]);
	const at = (seq: number, hash: string, scope: 'branch' | 'store' = 'branch'): boolean =>
		covers(marked, { device, scope, seq, hash: hash.repeat(64) as EntryHash });
	expect([at(4, 'f'), at(5, 'a'), at(5, 'b'), at(6, 'a'), at(1, 'a', 'store')]).toEqual([true, true, false, false, false]);
});

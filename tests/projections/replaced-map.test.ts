/** The numbered invariants of `projections/replaced-map.ts`. */
import { ReplacedMap } from '#projections/replaced-map.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('1. it reads like a map with the new values in it, however many and in however many goes, and the first stays as it was', () => {
	const change = fc.array(fc.tuple(fc.nat(399), fc.string()), { maxLength: 120 });
	fc.assert(
		fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
			const first = new Map(Array.from({ length: 400 }, (_, key) => [key, 'first']));
			const expected = new Map(first);
			let map: ReadonlyMap<number, string> = first;
			for (const one of changes) {
				const before = map;
				const beforeAs = [...before];
				map = ReplacedMap.of(map, new Map(one));
				for (const [key, value] of one) expected.set(key, value);
				expect([...before]).toEqual(beforeAs);
			}
			expect([...map]).toEqual([...expected]);
			expect([...map.keys()]).toEqual([...expected.keys()]);
			expect([...map.values()]).toEqual([...expected.values()]);
			expect([map.size, map.has(7), map.has(400), map.get(7), map.get(400)]).toEqual([400, true, false, expected.get(7), undefined]);
			const told: [number, string][] = [];
			map.forEach((value, key) => told.push([key, value]));
			expect(told).toEqual([...expected]);
			expect([...first.values()].every((value) => value === 'first')).toBe(true);
		}),
	);
});

test('2. what was replaced is all there, in however many goes', () => {
	const first = new Map(Array.from({ length: 1_000 }, (_, key) => [key, 0]));
	let map: ReadonlyMap<number, number> = first;
	for (let go = 0; go < 20; go += 1) {
		map = ReplacedMap.of(map, new Map(Array.from({ length: 50 }, (_, place) => [go * 50 + place, go + 1])));
		expect([...map].filter(([key, value]) => value !== (key < (go + 1) * 50 ? Math.floor(key / 50) + 1 : 0))).toEqual([]);
	}
	expect(ReplacedMap.of(first, new Map([...first.keys()].map((key) => [key, 7]))).get(999)).toBe(7);
});

test('1. a value may be replaced by nothing', () => {
	expect(ReplacedMap.of(new Map<string, number | undefined>([['a', 1]]), new Map([['a', undefined]])).get('a')).toBeUndefined();
});

test('2. what is not there cannot be replaced', () => {
	expect(() => ReplacedMap.of(new Map([['a', 1]]), new Map([['b', 2]]))).toThrow('b is to be replaced and is not there');
});

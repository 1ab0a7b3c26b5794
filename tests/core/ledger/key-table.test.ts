/** Keys that were used lately: found again, forgotten in time, and the same bytes in whatever order they came. */
import { hasKey, isKeyTable, keysIn, NO_KEYS, withKeys } from '#core/ledger/key-table.ts';
import type { Header } from '#schemas/entry.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

type Keyed = Pick<Header, 'key' | 'scope' | 'part' | 'hlc'>;
const keyed = fc.record({
	key: fc.string({ minLength: 8, maxLength: 40 }),
	scope: fc.constantFrom('branch', 'store'),
	n: fc.constantFrom(0, 1, 2),
	ms: fc.integer({ min: 0, max: 2 ** 47 }),
});
const headerOf = ({ key, scope, n, ms }: typeof keyed extends fc.Arbitrary<infer One> ? One : never): Keyed =>
	({ key, scope, hlc: [ms, 0], ...(n === 0 ? {} : { part: { n, of: 2 } }) }) as unknown as Keyed;

test('1. what was put in is found, what was not is not, and the order in which it came is not seen', () => {
	fc.assert(
		fc.property(fc.array(keyed, { maxLength: 60 }), fc.array(keyed, { maxLength: 20 }), (list, others) => {
			const headers = list.map(headerOf);
			const table = withKeys(NO_KEYS, headers, 0);
			expect(isKeyTable(table)).toBe(true);
			expect(keysIn(table)).toBe(headers.length);
			for (const header of headers) expect(hasKey(table, header)).toBe(true);
			const names = new Set(list.map(({ key, scope, n }) => `${scope}:${n}:${key}`));
			for (const other of others) expect(hasKey(table, headerOf(other))).toBe(names.has(`${other.scope}:${other.n}:${other.key}`));
			const half = headers.length >> 1;
			const inTwo = withKeys(withKeys(NO_KEYS, headers.slice(half).reverse(), 0), headers.slice(0, half), 0);
			expect(inTwo).toEqual(table);
		}),
	);
});

test('1. what is older than asked for is forgotten, to the millisecond', () => {
	const at = (ms: number): Keyed => headerOf({ key: `key-at-${ms}`, scope: 'branch', n: 0, ms });
	const table = withKeys(withKeys(NO_KEYS, [at(999), at(1000), at(2 ** 47)], 0), [at(1001)], 1000);
	expect([999, 1000, 1001, 2 ** 47].map((ms) => hasKey(table, at(ms)))).toEqual([false, true, true, true]);
	expect(keysIn(table)).toBe(3);
});

test('1. a table that is cut off, or out of order, is none', () => {
	const table = withKeys(
		NO_KEYS,
		Array.from({ length: 9 }, (_, ms) => headerOf({ key: `a key ${ms}`, scope: 'store', n: 1, ms })),
		0,
	);
	expect(isKeyTable(table.subarray(1))).toBe(false);
	expect(isKeyTable(table.toReversed())).toBe(false);
	expect(isKeyTable(NO_KEYS)).toBe(true);
	expect(hasKey(NO_KEYS, headerOf({ key: 'a key 1', scope: 'store', n: 1, ms: 1 }))).toBe(false);
});

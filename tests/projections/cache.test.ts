/** What is kept of rows between two runs: `encodeCache` and `decodeCache` of `projections/catalogue.ts`. */
import { allRows, decodeCache, encodeCache } from '#projections/catalogue.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openFloor } from '../support/shop-floor.ts';

test('the cache gives back what it was given, and nothing for anything else', () => {
	const rows = allRows(openFloor({ A: 3, 'Ä 1': 2 }).ledger(), 0);
	expect(decodeCache(encodeCache(rows))).toEqual(rows);
	expect(decodeCache(encodeCache([]))).toEqual([]);
	const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
	const whole = encodeCache(rows);
	for (const bytes of [
		undefined,
		new Uint8Array(),
		whole.slice(0, -1),
		text(null),
		text([]),
		text(7),
		text({ v: 0, value: rows }),
		text({ value: rows }),
	])
		expect(decodeCache(bytes)).toBeUndefined();
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			expect(decodeCache(bytes)).toBeUndefined();
		}),
	);
});

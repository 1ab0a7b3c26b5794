/** The numbered invariants of `core/import/chunks.ts`. */
import { importChunks } from '#core/import/chunks.ts';
import type { ProductDraft } from '#core/intent.ts';
import { intentKey, type Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const HASH = '9f86d081884c7d659a2feaa0c55ad015';

function draft(sku: string, name = 'x'): ProductDraft {
	return { sku: sku as Sku, unitPriceE4: 100, fields: { name, category: '', unit: 'each', gtins: [], taxRate: 'standard', tracked: true } };
}

function drafts(count: number): ProductDraft[] {
	return Array.from({ length: count }, (_, place) => draft(`S${place}`));
}

test('1. every product is in one chunk, in order, and keys are all different and fit an intent', () => {
	fc.assert(
		fc.property(fc.nat(120), fc.integer({ min: 1, max: 50 }), (count, most) => {
			const chunks = importChunks(HASH, drafts(count), most);
			expect(chunks.flatMap(({ products }) => products)).toEqual(drafts(count));
			expect(chunks.every(({ products }) => products.length > 0 && products.length <= most)).toBe(true);
			expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
			for (const { key } of chunks) expect(v.is(intentKey, key)).toBe(true);
		}),
	);
});

test('1. a retry of the same file has the same keys, another file others', () => {
	const keys = (hash: string) => importChunks(hash, drafts(25), 10).map(({ key }) => key);
	expect(keys(HASH)).toEqual(keys(HASH));
	expect(keys(HASH).filter((key) => keys('another').includes(key))).toEqual([]);
});

test('2. a row that was bad the first time has a chunk with another key, and chunks before it keep theirs', () => {
	const first = drafts(25);
	const second = [...first.slice(0, 12), draft('was bad'), ...first.slice(12)];
	const keys = [first, second].map((products) => importChunks(HASH, products, 10).map(({ key }) => key));
	expect(keys[1]?.[0]).toBe(keys[0]?.[0]);
	expect(keys[1]?.[1]).not.toBe(keys[0]?.[1]);
});

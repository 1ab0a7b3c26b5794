import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { compareText } from '#core/entry/order.ts';
import { partOfName } from '#core/entry/spread.ts';
import { createStockTable } from '#engine/stock-table.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import { STOCK_PARTS } from '#schemas/wire/direct.ts';
import type { StockRow } from '#schemas/wire/stock-head.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const BRANCH = 'b1'.repeat(16) as BranchId;
const emptyTable = () => createStockTable(BRANCH, { digest: createDigest(), entryStore: createMemoryEntryStore() });
const sku = (n: number): Sku => `SKU-${n}` as Sku;
const partOf = (one: Sku): number => partOfName(one, STOCK_PARTS);

type Step = readonly ['put', n: number, version: number] | readonly ['clear', n: number] | readonly ['version', n: number, version: number];
const n = fc.nat(30);
const version = fc.integer({ min: 1, max: 40 });
const steps = fc.array(
	fc.oneof(fc.tuple(fc.constant('put'), n, version), fc.tuple(fc.constant('clear'), n), fc.tuple(fc.constant('version'), n, version)),
	{
		maxLength: 80,
	},
) as fc.Arbitrary<readonly Step[]>;

test('3: whatever was put and cleared, what lies behind a place comes in order of version and SKU, each product once, as it is now', () => {
	fc.assert(
		fc.property(steps, version, n, fc.nat(10), (list, from, behind, limit) => {
			const table = emptyTable();
			const now = new Map<Sku, StockRow>();
			for (const [what, of, to = 0] of list) {
				const one = sku(of);
				const beside = [...now.values()].filter(([other]) => partOf(other) === partOf(one));
				if (what === 'put') {
					table.put([one, of, to]);
					now.set(one, [one, of, to]);
				} else if (what === 'clear') {
					table.clearPart(partOf(one));
					for (const [other] of beside) now.delete(other);
				} else {
					table.setVersion(partOf(one), to);
					for (const [other, onHandMilli] of beside) now.set(other, [other, onHandMilli, to]);
				}
				const all = [...now.values()].sort((a, b) => a[2] - b[2] || compareText(a[0], b[0]));
				const isBehind = ([other, , at]: StockRow): boolean => at > from || (at === from && compareText(other, sku(behind)) > 0);
				const some = new Set([partOf(sku(behind)), partOf(sku(0))]);
				expect(table.after([from, sku(behind)], limit)).toEqual(all.filter(isBehind).slice(0, limit));
				expect(table.after([from, sku(behind)], limit, some)).toEqual(all.filter((row) => isBehind(row) && some.has(partOf(row[0]))).slice(0, limit));
				expect(table.version()).toBe(all.at(-1)?.[2] ?? 0);
			}
		}),
	);
});

test('3: a page costs what is on it, however many products there are: also while some of them are sold', () => {
	const table = emptyTable();
	let looks = 0;
	const put = (of: number, to: number): void => {
		const row: StockRow = [sku(of), of, to];
		table.put(
			new Proxy(row, {
				get(target, name, receiver): unknown {
					looks += 1;
					return Reflect.get(target, name, receiver);
				},
			}),
		);
	};
	const PRODUCTS = 5_000;
	for (let of = 0; of < PRODUCTS; of += 1) put(of, of + 1);
	table.after([0, '' as Sku], 100);
	looks = 0;
	for (let page = 0; page < 10; page += 1) {
		put(page, PRODUCTS + 1 + page);
		expect(table.after([page * 100, '' as Sku], 100).length).toBe(100);
		expect(table.version()).toBe(PRODUCTS + 1 + page);
	}
	expect(looks).toBeLessThan(PRODUCTS);
});

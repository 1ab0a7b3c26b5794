/** The numbered invariants of `projections/catalogue-cache.ts`. */
import { createLedger } from '#core/ledger/ledger.ts';
import { decodeRows, encodeRows, packedAlready, packRows, unpackRows } from '#projections/catalogue-cache.ts';
import { allRows, encodeCache, rowsInOrder } from '#projections/catalogue.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { row } from '../support/catalogue-rows.ts';
import { playSteps, steps } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';

test('1. the rows of whatever shop come back as they were', () => {
	fc.assert(
		fc.property(steps, (list) => {
			const { shop, entries } = playSteps(list);
			const ledger = createLedger({ store: shop.store, branch: shop.branch });
			ledger.add(entries);
			const rows = allRows(ledger, 0);
			expect(decodeRows(encodeRows(rows))).toEqual(rows);
		}),
		{ numRuns: 60 },
	);
});

test('1. by weight or by the piece, counted or not, retired or not, with and without a price: each comes back', () => {
	const { unitPriceE4: _none, ...unpriced } = row('NO-PRICE', { name: '“Œuf” 🥚\n', category: '' });
	const rows = [unpriced, row('FREE', { unitPriceE4: 0 }), ...Array.from({ length: 8 }, (_, bits) => rowOf(bits))];
	expect(decodeRows(encodeRows(rows))).toEqual(rows);
	expect(decodeRows(encodeRows([]))).toEqual([]);

	function rowOf(bits: number) {
		return row(`R${bits}`, {
			unit: bits & 1 ? 'kg' : 'each',
			tracked: (bits & 2) === 2,
			retired: (bits & 4) === 4,
			onHandMilli: 1 - bits,
			gtins: ['96385074'],
		});
	}
});

test('1. nothing comes back of what is damaged, or is something else under the right version', () => {
	const whole = encodeRows(allRows(openFloor({ A: 1, B: 2 }).ledger(), 0));
	for (let place = 0; place < whole.length; place += 1) {
		const bytes = whole.slice();
		bytes[place] = 0x7f;
		expect(() => decodeRows(bytes)).not.toThrow();
	}
	expect(decodeRows(whole.slice(0, -1))).toEqual([]);
	for (const value of [null, 7, [], {}, { texts: [], replaces: [], rows: [[]] }, { texts: [], replaces: [], rows: [1] }, { rows: [] }])
		expect(decodeRows(encodeCache(value))).toEqual([]);
	expect(decodeRows(undefined)).toEqual([]);
});

test('2. what rows share is written once: 50,000 imported rows take less than 7 MB, and come back sharing', () => {
	const hashes = Array.from({ length: 125 }, (_, place) => place.toString(16).padStart(64, '0'));
	const rows = Array.from({ length: 50_000 }, (_, place) => {
		const entry = hashes[place % 125] as never;
		const replaces = { name: [entry], category: [entry], unit: [entry], gtins: [entry], taxRate: [entry], tracked: [entry], price: [entry] };
		return row(`SKU-${place}`, { name: `Product of a usual name ${place}`, gtins: [String(place).padStart(13, '0')], price: entry, replaces });
	});
	const bytes = encodeRows(rows);
	expect(bytes.length).toBeLessThan(7_000_000);
	const back = decodeRows(bytes);
	expect(back).toHaveLength(50_000);
	expect(back[125]).toEqual(rows[125]);
	expect(new Set(back.map(({ replaces }) => replaces)).size).toBe(125);
});

test('rows that one entry wrote share what names it already on their way from worker to page', () => {
	const rows = allRows(openFloor({ A: 1, B: 1, C: 1 }).ledger(), 0);
	expect(new Set(rows.map(({ replaces }) => replaces)).size).toBe(1);
});

test('3. all rows come out of their parts in the order of names, whether they are packed for the way or lay on disk by SKU, with a breath after each part', async () => {
	const ordered = rowsInOrder(Array.from({ length: 2_500 }, (_, place) => row(`S${place}`, { name: `Product ${(place * 7_919) % 2_500}` })));
	let breaths = 0;
	const breathe = () => {
		breaths += 1;
		return Promise.resolve();
	};
	expect(await unpackRows(packRows(ordered), breathe)).toEqual(ordered);
	expect(breaths).toBe(3);

	const bySku = [0, 1].map((part) => encodeRows(ordered.filter(({ sku }) => Number(sku.slice(1)) % 2 === part)));
	const unpacked = bySku.flatMap(decodeRows);
	const packed = packedAlready(bySku, unpacked, rowsInOrder(unpacked));
	expect(await unpackRows(packed, breathe)).toEqual(ordered);
	await expect(unpackRows({ ...packed, parts: bySku.slice(1) }, breathe)).rejects.toThrow('no row at');
	expect(await unpackRows(packRows([]), breathe)).toEqual([]);
});

/** The numbered invariants of `projections/catalogue-cache.ts`. */
import { createLedger } from '#core/ledger/ledger.ts';
import {
	addressOf,
	decodeRows,
	encodeRows,
	decodeIndex,
	encodeIndex,
	indexOf,
	openPart,
	packedAlready,
	packRows,
	placesOfCode,
} from '#projections/catalogue-cache.ts';
import { allRows, encodeCache, rowsInOrder } from '#projections/catalogue.ts';
import { openPacked } from '#projections/packed-catalogue.ts';
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
	const [head, ...lines] = new TextDecoder().decode(whole).split('\n');
	expect(decodeRows(new TextEncoder().encode([head, ...lines.slice(1)].join('\n')))).toEqual([]);
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

test('3. a line is read without the others: all of them may be broken', () => {
	const rows = Array.from({ length: 40 }, (_, place) => row(`S${place}`, { name: `“Œuf” ${place}` }));
	const lines = new TextDecoder().decode(encodeRows(rows)).split('\n');
	const at = openPart(new TextEncoder().encode(lines.map((line, place) => (place === 0 || place === 18 ? line : '?')).join('\n')));
	expect(at.row(17)).toEqual(rows[17]);
	expect(() => at.row(18)).toThrow();
	expect(() => at.row(40)).toThrow();
});

test('4. rows that lie on the disk by SKU have their places by name, as those have that are packed for the way', () => {
	const ordered = rowsInOrder(Array.from({ length: 2_500 }, (_, place) => row(`S${place}`, { name: `Product ${(place * 7_919) % 2_500}` })));
	const bySku = [0, 1].map((part) => ordered.filter(({ sku }) => Number(sku.slice(1)) % 2 === part));
	for (const packed of [packRows(ordered), packRows([...ordered].reverse()), packedAlready(bySku.map(encodeRows), indexOf(bySku))]) {
		expect(openPacked(packed, true).rows.slice()).toEqual(ordered);
		expect(() => addressOf(packed, 2_500)).toThrow('no row at 2500 of 2500');
	}
	expect(openPacked(packRows([]), true).rows).toHaveLength(0);
});

test('4. a code leads to all that have it, and one that nothing has to nothing', () => {
	fc.assert(
		fc.property(fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 3 }), { maxLength: 40 }), (codes) => {
			const rows = rowsInOrder(codes.map((gtins, place) => row(`S${place}`, { gtins })));
			const packed = packRows(rows);
			for (const code of [...Array.from({ length: 32 }, (_, one) => String(one)), 'S0', 'S39']) {
				const having = rows.flatMap(({ sku, gtins }, place) => (sku === code || (gtins as readonly string[]).includes(code) ? [place] : []));
				expect(placesOfCode(packed, code)).toEqual(having);
			}
		}),
	);
});

test('5. an index comes back as it was put in, and serves parts whose figures have changed, but none in which anything moved', () => {
	const rows = rowsInOrder(
		Array.from({ length: 90 }, (_, place) =>
			row(`S${place}`, { gtins: [String(place)], category: `C${place % 3}`, extras: { deposit: 'S1' as never } }),
		),
	);
	const halves = [rows.slice(0, 45), rows.slice(45)];
	const index = decodeIndex(encodeIndex(indexOf(halves)));
	expect(index).toEqual(indexOf(halves));
	const sold = halves.map((half) => half.map((one) => ({ ...one, onHandMilli: 1, unitPriceE4: 7, tracked: false })));
	expect(openPacked(packedAlready(sold.map(encodeRows), index!), true).rows.slice()).toEqual(sold.flat());
	for (const change of [
		{ name: 'Other' },
		{ category: 'C9' },
		{ gtins: ['x'] },
		{ retired: true },
		{ extras: { variant: { group: 'g', label: 'l' } } },
	]) {
		const changed = halves.map((half, place) => half.map((one, at) => (place === 1 && at === 3 ? { ...one, ...(change as object) } : one)));
		expect(() => packedAlready(changed.map(encodeRows), index!)).toThrow('an index of other parts');
	}
	expect(() => packedAlready([...halves].reverse().map(encodeRows), index!)).toThrow('an index of other parts');
});

test('5. nothing comes back of an index that is cut or broken', () => {
	const whole = encodeIndex(indexOf([[row('A'), row('B')]]));
	for (let length = 0; length < whole.length; length += 1) expect(decodeIndex(whole.slice(0, length))).toBeUndefined();
	for (const value of [null, 7, {}]) expect(decodeIndex(new Uint8Array([0, 0, 0, 1, ...encodeCache(value)]))).toBeUndefined();
	expect(decodeIndex(undefined)).toBeUndefined();
});

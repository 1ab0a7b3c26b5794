/** The numbered invariants of `projections/search.ts`. */
import { demoShop } from '#core/demo/demo-shop.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import { createSearch, type Search } from '#projections/search.ts';
import type { Gtin, Sku } from '#schemas/ids.ts';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function row(sku: string, name: string, change: Partial<CatalogueRow> = {}): CatalogueRow {
	const replaces = { name: [], category: [], unit: [], gtins: [], taxRate: [], tracked: [], price: [] };
	return {
		...{ sku: sku as Sku, name, category: '', unit: 'each', gtins: [], taxRate: 'standard', taxPercentMilli: 0, tracked: true, onHandMilli: 0 },
		...{ retired: false, replaces, ...change },
	};
}

function searchIn(rows: readonly CatalogueRow[]): Search {
	const search = createSearch();
	search.index(rows);
	return search;
}

const demoRows = demoShop().products.map(({ sku, fields }) => row(sku, fields.name, { gtins: fields.gtins }));
const demo = searchIn(demoRows);
const nameOf = new Map(demoRows.map(({ sku, name }) => [sku, name]));

function named(text: string, limit = 10): readonly (string | undefined)[] {
	return demo.find(text, limit).map((sku) => nameOf.get(sku));
}

test.each([
	['natural yogurt', 'Natural yogurt 500 g'],
	['nat yog', 'Natural yogurt 500 g'],
	['yogurt natural', 'Natural yogurt 500 g'],
	['yoghurt natural', 'Natural yogurt 500 g'],
	['nautral', 'Natural yogurt 500 g'],
	['sourdouh', 'Seeded sourdough'],
	['elderflower presse', 'Elderflower pressé 750 ml'],
	['ELDERFLOWER PRESSÉ', 'Elderflower pressé 750 ml'],
	['semi-skimmed', 'Semi-skimmed milk 1 l'],
	['semi skimmed', 'Semi-skimmed milk 1 l'],
	['basmati', 'Basmati rice 1 kg'],
	['kroissant', 'Butter croissant'],
	['crossiant', 'Butter croissant'],
	['milc', 'Coconut milk, tin'],
	['naturl youghurt', 'Natural yogurt 500 g'],
	['acovado', 'Avocado'],
])('“%s” finds %s first', (text, name) => expect(named(text)[0]).toBe(name));

test('1. the exact SKU or barcode comes first, in any case of letters and with the zero that a scanner adds', () => {
	const milk = demoRows.find(({ name }) => name === 'Whole milk 1 l')!;
	const [gtin] = milk.gtins as [Gtin];
	for (const text of [milk.sku, milk.sku.toLowerCase(), gtin, ` ${gtin} `, `0${gtin}`]) expect(demo.find(text, 5)[0]).toBe(milk.sku);
});

test('1. a part of a code finds it, a part of a name comes behind', () => {
	const search = searchIn([row('X-1', 'Form 5000'), row('5000-A', 'Lamp'), row('L2', 'Bulb', { gtins: ['5000169005170' as Gtin] })]);
	expect(search.find('5000', 9)).toEqual(['L2', '5000-A', 'X-1']);
	expect(search.find('9005', 9)).toEqual(['L2']);
});

test('1. SKUs that differ only by case are both found', () => {
	expect(searchIn([row('15056BL', 'Parasol, edwardian'), row('15056bl', 'Parasol, edwardian')]).find('15056bl', 9)).toHaveLength(2);
});

test('2. retired products are never found, and what is sold again is', () => {
	const search = searchIn([row('A', 'Apple', { retired: true }), row('B', 'Apple juice')]);
	expect(search.find('apple', 9)).toEqual(['B']);
	expect(search.find('A', 9)).not.toContain('A');
	search.index([row('A', 'Apple'), row('B', 'Apple juice')]);
	expect(search.find('apple', 9)).toEqual(['A', 'B']);
});

test('2. the same catalogue gives the same list, in whatever order its rows came', () => {
	fc.assert(
		fc.property(fc.constantFrom('milk', 'tea', 'choc', 'a', 'cola', '330', 'BAK-0', 'yog'), fc.nat(1_000), (text, seed) => {
			const turned = demoRows.map((_, place) => demoRows[(place * 7 + seed) % demoRows.length]!);
			expect(new Set(turned).size).toBe(demoRows.length);
			expect(searchIn(turned).find(text, 50)).toEqual(demo.find(text, 50));
		}),
	);
});

test('nothing that anybody types stops it, and the limit holds', () => {
	const special = fc.stringMatching(/^[-"'*.()[\]\\/|+?^$ a-z0-9]{0,14}$/);
	fc.assert(
		fc.property(fc.oneof(fc.string(), special, fc.string({ unit: 'grapheme' })), fc.nat(20), (text, limit) => {
			const found = demo.find(text, limit);
			expect(found.length).toBeLessThanOrEqual(limit);
			expect(new Set(found).size).toBe(found.length);
		}),
		{ numRuns: 300 },
	);
	expect(named('')).toEqual([]);
	expect(named('   ')).toEqual([]);
	expect(named('qqqqzzzz')).toEqual([]);
});

test('names that are not written in Latin letters are found too', () => {
	const search = searchIn([row('1', 'Молоко 1 л'), row('2', 'Кефир 500 мл'), row('3', '牛乳 1L'), row('4', 'γιαούρτι'), row('5', 'Молоко 2 л')]);
	expect(search.find('молоко', 9)).toEqual(['1', '5']);
	expect(search.find('2 молоко', 9)).toEqual(['5']);
	expect(search.find('牛乳', 9)).toEqual(['3']);
	expect(search.find('γιαού', 9)).toEqual(['4']);
	expect(search.find('молоок', 9)).toEqual(['1', '5']);
});

test('Arabic is found as it is typed: without hamza, dots and vowel signs, with a letter wrong, and with the digits of its keyboards', () => {
	const search = searchIn([row('1', 'شاي أخضر'), row('2', 'قهوة عربية'), row('3', 'حَلِيب ١ لتر'), row('4', 'عصير', { gtins: ['96385074' as Gtin] })]);
	expect(search.find('شاي اخضر', 9)).toEqual(['1']);
	expect(search.find('قهوه', 9)).toEqual(['2']);
	expect(search.find('حليب', 9)).toEqual(['3']);
	expect(search.find('حلبي', 9)).toEqual(['3']);
	expect(search.find('حليب 1', 9)).toEqual(['3']);
	expect(search.find('٩٦٣٨٥٠٧٤', 9)).toEqual(['4']);
});

test('what is short or far from every word is nothing', () => {
	for (const text of ['mlk', 'xyzzy', 'qwertyuiop', 'milc xyzzy']) expect(named(text)).toEqual([]);
});

test('3. row by row is the same as all at once, also when names, codes and retirement change', () => {
	const change = fc.record({
		sku: fc.constantFrom('A', 'B', 'C', 'D'),
		name: fc.constantFrom('Apple', 'Apple juice', 'Pear', 'Peach'),
		gtins: fc.constantFrom([], ['96385074' as Gtin]),
		retired: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
			const search = createSearch();
			const now = new Map<string, CatalogueRow>();
			for (const { sku, name, gtins, retired } of changes) {
				const one = row(sku, name, { gtins, retired });
				now.set(sku, one);
				search.update([one]);
				search.find('apple', 3); // Looking in between must not stick.
			}
			const fresh = searchIn([...now.values()]);
			for (const text of ['apple', 'aple', 'pea', '96385074', 'A', '3850']) expect(search.find(text, 9)).toEqual(fresh.find(text, 9));
			search.index([]);
			expect(search.find('apple', 9)).toEqual([]);
		}),
	);
});

test('1. a short barcode inside a longer one is not taken for it', () => {
	const search = searchIn([row('LONG', 'Crate', { gtins: ['1963850749631' as Gtin] }), row('SHORT', 'Bottle', { gtins: ['96385074' as Gtin] })]);
	expect(search.find('96385074', 9)[0]).toBe('SHORT');
});

/** 21,514 real names, beside the repository. */
const REAL_NAMES = new URL('../../../shared/data/grocery-ean13-names.csv', import.meta.url);

test.skipIf(!existsSync(REAL_NAMES))('among 50,000 real names a mistyped one is found, and a whole code comes first', () => {
	const lines = readFileSync(REAL_NAMES, 'utf8').trim().split('\n').slice(1);
	const rows = Array.from({ length: 50_000 }, (_, place): CatalogueRow => {
		const line = lines[place % lines.length]!;
		const comma = line.indexOf(',');
		const again = place >= lines.length;
		return row(`S${place}`, `${line.slice(comma + 1)}${again ? ` ${place}` : ''}`, again ? {} : { gtins: [line.slice(0, comma) as Gtin] });
	});
	const search = searchIn(rows);
	expect(search.find('hovis wholmeal', 5).length).toBe(5);
	expect(search.find('5000101959417', 1)).toEqual([rows.find(({ gtins }) => gtins[0] === ('5000101959417' as Gtin))?.sku]);
});

import { csvText, plainCell } from '#core/csv.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('1, 2: texts that would be formulas are texts; figures below zero stay figures', () => {
	expect(csvText([['=1+1', '+44 20', '-x', '@a', '\tb', 'plain', -5, { amount: '-5.00' }, '']])).toBe(
		"'=1+1,'+44 20,'-x,'@a,\"'\tb\",plain,-5,-5.00,\r\n",
	);
});

test('1: nor is what another spreadsheet would part from a text a formula, at a semicolon, a tab or a line’s end, quoted or not', () => {
	const texts = ["tea;=cmd|' /C calc'!A0;x", 'tea; "=1+1"', 'tea\t-1', 'two\n@a', '\t=1+1', '\r\t@a', ';;+1', '＝1+1', 'a;b', 'a - b; c=d'];
	const written = csvText(texts.map((text) => [text]));
	for (const line of csvText([texts]).split(/[\r\n]+/))
		for (const cell of line.split(/[;\t]/)) expect(cell.replace(/^[" ]+/, '')).not.toMatch(/^[=+\-@＝＋－＠]/);
	expect(written).toContain('"a;b"');
	expect(written).toContain('"a - b; c=d"');
});

test('3: a text comes in again as it left, one that begins with an apostrophe, too', () => {
	const texts = fc.array(fc.constantFrom(...`='-+@＝;"\t\r\n a`), { maxLength: 12 }).map((all) => all.join(''));
	fc.assert(
		fc.property(texts, (text) => {
			expect(plainCell((parse(csvText([[text, 'x']])) as string[][])[0]?.[0] ?? '')).toBe(text);
		}),
		{ examples: [['\t=1'], ["\t'=1"]] },
	);
	for (const text of ['=1+1', "'=1+1", "''-x", "'tis", 'plain', '', "'"]) expect(plainCell(csvText([[text]]).trim())).toBe(text);
});

test('commas, quotes and line ends are kept inside one cell', () => {
	expect(csvText([['a,b', 'say "hi"', 'two\nlines'], ['c']])).toBe('"a,b","say ""hi""","two\nlines"\r\nc\r\n');
});

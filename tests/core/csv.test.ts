import { csvText, plainCell } from '#core/csv.ts';
import { expect, test } from 'vitest';

test('1, 2: texts that would be formulas are texts; figures below zero stay figures', () => {
	expect(csvText([['=1+1', '+44 20', '-x', '@a', '\tb', 'plain', -5, { amount: '-5.00' }, '']])).toBe(
		"'=1+1,'+44 20,'-x,'@a,'\tb,plain,-5,-5.00,\r\n",
	);
});

test('3: a text comes in again as it left, one that begins with an apostrophe, too', () => {
	for (const text of ['=1+1', "'=1+1", "''-x", "'tis", 'plain', '', "'"]) expect(plainCell(csvText([[text]]).trim())).toBe(text);
});

test('commas, quotes and line ends are kept inside one cell', () => {
	expect(csvText([['a,b', 'say "hi"', 'two\nlines'], ['c']])).toBe('"a,b","say ""hi""","two\nlines"\r\nc\r\n');
});

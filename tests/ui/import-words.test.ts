/** A row that cannot be imported is explained in the language of whoever chose the file, with what stands in the row. */
import type { RowProblem } from '#core/import/row-problem.ts';
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { rowProblemText, unreadableText } from '#ui/import-words.ts';
import { parse } from 'csv-parse/sync';
import { afterEach, expect, test } from 'vitest';

afterEach(() => speak(spokenOf(undefined, [])));

const PROBLEMS: readonly (readonly [RowProblem, ...string[]])[] = [
	[{ problem: 'columns-missing', columns: ['sku', 'price'] }, 'sku', 'price'],
	[{ problem: 'no-product-column' }, 'sku', 'barcode'],
	[{ problem: 'empty', column: 'Artikel Nr.' }, 'Artikel Nr.'],
	[{ problem: 'too-long', column: 'Artikel Nr.', most: 64 }, 'Artikel Nr.', '64'],
	[{ problem: 'sku-twice', sku: 'T-1', before: 17 }, 'T-1', '17'],
	// Its sign stands before it, wherever one reads from.
	[{ problem: 'contact-twice', text: '+44 20 7946 0018', column: 'phone', before: 3 }, '\u2068+44 20 7946 0018\u2069', 'phone', '3'],
	[{ problem: 'barcodes-too-many', count: 21, most: 20 }, '21', '20'],
	[{ problem: 'tax-unknown', text: '21%', rates: ['VAT 20%', 'Zero'] }, '21%', 'VAT 20%', 'Zero'],
	...(['price-unreadable', 'price-too-high', 'barcode-shortened', 'barcode-wrong', 'unit-unknown', 'stock-unreadable'] as const).map(
		(problem) => [{ problem, text: '~what' }, '~what'] as const,
	),
	...(['stock-not-whole', 'stock-too-much', 'tracked-unclear', 'case-unreadable', 'cost-unreadable'] as const).map(
		(problem) => [{ problem, text: '~what' }, '~what'] as const,
	),
];

test('what is wrong with a row is said in every language, each in its own words, with what stands there', async () => {
	const said = new Set<string>();
	for (const { language } of languages()) {
		await speak(spokenOf(language, []));
		for (const [problem, ...figures] of PROBLEMS) {
			const words = rowProblemText(problem);
			for (const figure of figures) expect(words, `${language}: ${problem.problem}`).toContain(figure);
			said.add(words);
		}
	}
	expect(said.size).toBe(PROBLEMS.length * languages().length);
});

test('a file that is no CSV is told with the line where its reader lost its way', () => {
	const told = (text: string): string => {
		try {
			parse(text);
			return '';
		} catch (error) {
			return unreadableText(error);
		}
	};
	expect(told('sku,name\nA,Apple\nB,"Bread\n')).toContain('line 3');
	expect(unreadableText(new Error('NotReadableError'))).toMatch(/^This file cannot be read as CSV\. /);
});

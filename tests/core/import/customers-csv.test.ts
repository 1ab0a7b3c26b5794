/** The numbered invariants of `core/import/customers-csv.ts`, and that a file comes in again as it left. */
import { customersOfCsv } from '#core/import/customers-csv.ts';
import { customersCsv } from '#projections/customers-csv.ts';
import type { CustomerRow } from '#projections/rows.ts';
import { customerFields } from '#schemas/customer-fields.ts';
import type { CustomerId } from '#schemas/ids.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { GBP } from '../../support/facts.ts';

test('columns go by many names, a name may stand in two of them, and an empty cell says nothing', () => {
	const rows = [
		['First name', 'Last name', 'Mobile', 'E-mail', 'Loyalty card', 'Notes'],
		['Ada', 'Lovelace', '+44 20 7946 0000', 'ada@tide.example', 'C-1', 'likes rye'],
		['', 'Hopper', '', '', '', ''],
		['', '', '', '', '', ''],
	];
	expect(customersOfCsv(rows)).toEqual({
		customers: [
			{ line: 2, fields: { name: 'Ada Lovelace', phone: '+44 20 7946 0000', email: 'ada@tide.example', card: 'C-1', note: 'likes rye' } },
			{ line: 3, fields: { name: 'Hopper' } },
		],
		badRows: [],
	});
	expect(customersOfCsv([['phone']]).badRows).toEqual([{ line: 1, why: { problem: 'columns-missing', columns: ['name'] } }]);
});

test('1, 2: every bad row is named with its line and what is wrong, and the rest is read', () => {
	const rows = [
		['name', 'phone', 'email', 'card', 'note'],
		['', '+442079460000', '', '', ''],
		['Ada', '+442079460000', 'ada@tide.example', 'A12', ''],
		['Ada again', '0044 20 7946 0000', '', '', ''],
		['Ada again', '', 'ADA@tide.example', '', ''],
		['Ada again', '', '', 'a-12', ''],
		['No mail', '', 'at home', '', ''],
		['Short', '4.42E+12', '', '', ''],
		['x'.repeat(121), '', '', '', ''],
		['Note', '', '', '', 'x'.repeat(501)],
		['Grace', '555 1234', '', '', ''],
	];
	const { customers, badRows } = customersOfCsv(rows);
	expect(customers.map(({ line, fields }) => [line, fields.name])).toEqual([
		[3, 'Ada'],
		[11, 'Grace'],
	]);
	expect(badRows).toMatchObject([
		{ line: 2, why: { problem: 'empty', column: 'name' } },
		{ line: 4, why: { problem: 'contact-twice', column: 'phone', before: 3 } },
		{ line: 5, why: { problem: 'contact-twice', column: 'email', before: 3 } },
		{ line: 6, why: { problem: 'contact-twice', column: 'card', before: 3 } },
		{ line: 7, why: { problem: 'email-wrong', text: 'at home' } },
		{ line: 8, why: { problem: 'phone-shortened', text: '4.42E+12' } },
		{ line: 9, why: { problem: 'too-long', column: 'name', most: 120 } },
		{ line: 10, why: { problem: 'too-long', column: 'note', most: 500 } },
	]);
});

test('3. whatever stands in the cells, a draft can be encrypted, and no row is lost', () => {
	const cell = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a@b.example', '+442079460000', ' ', 'x'.repeat(600)));
	fc.assert(
		fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 }), (rows) => {
			const { customers, badRows } = customersOfCsv([['name', 'phone', 'email', 'card', 'note'], ...rows]);
			for (const { fields } of customers) expect(v.safeParse(customerFields, { v: 1, ...fields }).issues).toBeUndefined();
			const blank = rows.filter((cells) => cells.every((text) => text.trim() === '')).length;
			expect(customers.length + badRows.length + blank).toBe(rows.length);
		}),
	);
});

test('customers that leave as a file come in again as they were, and no phone number is a formula', () => {
	const base = {
		customer: 'c' as CustomerId,
		state: 'known',
		phone: '',
		email: '',
		card: '',
		note: '',
		creditMinor: 0,
		owedMinor: 0,
		replaces: [],
	} as const;
	const rows: readonly CustomerRow[] = [
		{ ...base, name: '=Ada, "the" first', phone: '+442079460000', note: '-', creditMinor: -250 },
		{ ...base, name: 'Grace', email: 'grace@tide.example', card: 'G1' },
		{ ...base, state: 'forgotten' },
		{ ...base, state: 'no-key' },
	];
	const text = customersCsv(rows, GBP);
	expect(text).toContain("'+442079460000");
	expect(text).toContain(',-2.5\r\n');
	expect(customersOfCsv(parse(text) as string[][])).toEqual({
		customers: [
			{ line: 2, fields: { name: '=Ada, "the" first', phone: '+442079460000', note: '-' } },
			{ line: 3, fields: { name: 'Grace', email: 'grace@tide.example', card: 'G1' } },
		],
		badRows: [],
	});
});

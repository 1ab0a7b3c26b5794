/**
 * Customers as a file for a spreadsheet, which can be imported again, whoever has no card, address or phone with its country as somebody new. Who was forgotten, and
 * whose key is not here, is not in it.
 */
import { csvText, type CsvCell } from '#core/csv.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { CustomerRow } from './rows.ts';

/** Names of columns stay English, so that a program can read them. `credit` is for the reader alone: no import gives any. */
export function customersCsv(rows: readonly CustomerRow[], { digits }: Currency): string {
	return csvText([
		['name', 'phone', 'email', 'card', 'note', 'credit'],
		...rows.flatMap(({ state, name = '', phone, email, card, note, creditMinor }): CsvCell[][] =>
			state === 'known' ? [[name, phone, email, card, note, creditMinor / 10 ** digits]] : [],
		),
	]);
}

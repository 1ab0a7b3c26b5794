/** Rows of the relay's record as a file for a spreadsheet: columns as the record names them, amounts as figures, no text run as a formula. */
import { csvText, type CsvCell } from '#core/csv.ts';
import type { RecordRow } from '#schemas/wire/owner-pages.ts';

/** `isFirst`: the names of the columns stand above the rows. Rows of one view have one view's columns. */
export function recordCsv(rows: readonly RecordRow[], isFirst = true): string {
	const [first] = rows;
	if (first === undefined) return '';
	const columns = Object.keys(first);
	return csvText([...(isFirst ? [columns] : []), ...rows.map((row) => columns.map((column) => cellOf(row[column])))]);
}

function cellOf(value: RecordRow[string] | undefined): CsvCell {
	if (typeof value === 'number' || typeof value === 'string') return value;
	return value === null || value === undefined ? '' : String(value);
}
